"""The renewal dossier of a company and some days: everything its page and its paper show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Affiliation, Company
from crm.council import attendance
from crm.council.meeting_rules import THERE, How
from crm.council.models import Body
from crm.kit.days import runs_on
from crm.kit.periods import Period, anniversary, year_up_to
from crm.people.models import Person
from crm.reports import company_standing
from crm.reports.acquaintances import people_of
from crm.reports.columns import Section
from crm.reports.company import head
from crm.reports.company_standing import TermLine
from crm.reports.dossier import benefits
from crm.reports.dossier import chapters as cut
from crm.reports.dossier.ahead import Coming, coming
from crm.reports.dossier.chapters import Chapter, Count, Outcome
from crm.reports.dossier.money import ledgers
from crm.reports.engagement.gather import gather
from crm.reports.engagement.lines import Asked
from crm.reports.files import shown
from crm.retention import highlighting
from crm.retention import queries as retention
from crm.retention.models import Goal
from crm.retention.rules import GoalState

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Presence:
    """At how many of a body's meetings the company was, of those it was invited to and of which it
    is known."""

    body: str
    there: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """`money` None: left out, or not for this viewer."""

    company: Company
    manager: str | None
    champions: Sequence[str]
    days: Period
    this_year: Period
    year_before: Period
    terms: Sequence[TermLine]
    member_since: date | None
    goals: Sequence[Goal]
    outcomes: Sequence[Outcome]
    more_chosen: Sequence[Outcome]
    """Chosen, but beyond the five of the first page."""
    counts: Sequence[Count]
    presence: Sequence[Presence]
    coming: Sequence[Coming]
    benefits: Section | None
    """What each membership year gave and what was used of it; None: not for this viewer."""
    chapters: Sequence[Chapter]
    money: Sequence[Section] | None

    @property
    def last_day(self) -> date:
        assert self.days.last_day is not None  # a dossier has an end
        return self.days.last_day

    @property
    def count_heads(self) -> Sequence[str]:
        """Of what `counted` says; all three end with the last day, or a year before it."""
        heads = [f"Year to {shown(self.last_day)}", "The year before"]
        return heads if self._is_a_year else [f"Since {shown(self.days.starts_on)}", *heads]

    def counted(self, one: Count) -> Sequence[int]:
        """The days asked for, the year and the year before; once, where the days are that year."""
        years = [one.this_year, one.year_before]
        return years if self._is_a_year else [one.in_all, *years]

    @property
    def _is_a_year(self) -> bool:
        return self.days == self.this_year


def days_of(terms: Sequence[TermLine], today: date) -> Period:
    """What a dossier is for unless somebody says: the term that runs, or the last one, up to its
    end or today; without a term the year that ends today."""
    begun = [term for term in terms if term.executed_on is not None and term.starts_on <= today]
    if not begun:
        return year_up_to(today)
    latest = max(begun, key=lambda term: term.starts_on)
    return Period(latest.starts_on, min(latest.occupied_before, today + DAY))


def terms_of(session: Session, company_id: int, today: date) -> Sequence[TermLine]:
    return company_standing.of_company(session, company_id, day=today, money=False).terms


def read(
    session: Session,
    company_id: int,
    days: Period,
    *,
    viewer: Viewer,
    today: date,
    zone: str,
    money: bool,
) -> Dossier:
    """`money`: with the money page, for whoever may see it. Raises `NotFound`.

    What contact reports say is ours: a dossier tells that there was contact, and with whom, or of
    one shown as such only that there was.
    """
    company, manager = head(session, company_id)
    assert days.last_day is not None
    this_year = year_up_to(days.last_day)
    year_before = year_up_to(this_year.starts_on - DAY)
    asked = Asked(
        days=Period(min(days.starts_on, year_before.starts_on), days.ends_before),
        viewer=viewer,
        today=today,
        zone=zone,
        company_id=company_id,
        handed_on=True,
    )
    known = gather(session, asked)
    lines = [line for line in known if line.on in days]
    chosen = [
        Outcome(on=one.on, text=one.text, record=one.record, highlight_id=one.id)
        for one in highlighting.of_company(session, company_id, days)
    ]
    standing = company_standing.of_company(session, company_id, day=days.last_day, money=False)
    return Dossier(
        company=company,
        manager=manager,
        champions=_champions(session, company_id, days.last_day, people_of(viewer, today)),
        days=days,
        this_year=this_year,
        year_before=year_before,
        terms=[term for term in standing.terms if term.executed_on is not None],
        member_since=standing.member_since,
        goals=_goals(session, company_id, days),
        outcomes=cut.outcomes(chosen, lines),
        more_chosen=chosen[cut.MOST_OUTCOMES :],
        counts=cut.counts(known, days=days, this_year=this_year, year_before=year_before),
        presence=_presence(session, company_id, days) if viewer.may(P.COUNCIL_READ) else (),
        coming=coming(
            session,
            company_id,
            Period(days.last_day + DAY, anniversary(days.last_day + DAY, 1)),
            viewer=viewer,
        ),
        benefits=benefits.by_year(session, company_id, days)
        if viewer.may(P.BENEFITS_READ)
        else None,
        chapters=cut.chapters(lines),
        money=ledgers(session, company_id, days, day=days.last_day, viewer=viewer)
        if money and viewer.may(P.MONEY_READ)
        else None,
    )


def _champions(
    session: Session, company_id: int, day: date, scope: Select[Any] | None
) -> Sequence[str]:
    """Of those in `scope`; None: whoever they are."""
    found = (
        select(Person.name)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id, Affiliation.champion, runs_on(Affiliation, day)
        )
        .order_by(Person.name_key, Person.id)
    )
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    return session.scalars(found).all()


def _goals(session: Session, company_id: int, days: Period) -> Sequence[Goal]:
    """Set by the end of the days, and not closed before they began; none that was given up."""
    before = days.ends_before
    return [
        goal
        for goal in retention.goals_of(session, company_id)
        if goal.state is not GoalState.GIVEN_UP
        and (before is None or goal.set_on < before)
        and (goal.closed_on is None or goal.closed_on >= days.starts_on)
    ]


def _presence(session: Session, company_id: int, days: Period) -> Sequence[Presence]:
    """By body, as the attendance report counts them."""
    found: dict[int, list[How]] = {}
    assert days.last_day is not None
    for meeting in attendance.held_by_all(session, days.last_day, since=days.starts_on):
        how = meeting.how.get(company_id)
        if how is not None and how is not How.UNMARKED:
            found.setdefault(meeting.body_id, []).append(how)
    names = dict(session.execute(select(Body.id, Body.name).where(Body.id.in_(found))).all())
    return [
        Presence(body=names[body_id], there=sum(how in THERE for how in came), of=len(came))
        for body_id, came in sorted(found.items(), key=lambda item: names[item[0]])
    ]
