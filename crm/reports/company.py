"""The whole story of one company, for a viewer: everything its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import queries as activities
from crm.activities.models import Clearance, Interest, Task
from crm.benefits.queries import MemberYear
from crm.companies.models import (
    Affiliation,
    Company,
    CompanyChallenge,
    CompanyDomain,
    CompanyParent,
)
from crm.council import company_places
from crm.council.company_places import CompanyPlaces
from crm.journal import queries as journal
from crm.journal.queries import Line
from crm.kit.errors import NotFound
from crm.kit.periods import runs
from crm.partnerships import company_engagements, company_workspaces
from crm.people.models import Person, PersonAddress
from crm.pipeline import company_partnerships
from crm.pipeline.models import Mode, Opportunity, Stage
from crm.programme.models import Challenge
from crm.reports import benefits, company_projects, company_standing, in_touch, timeline
from crm.reports.acquaintances import people_of
from crm.reports.company_standing import CompanyStanding
from crm.reports.in_touch import InTouch
from crm.reports.timeline import Event

MOST_PEOPLE = 40
MOST_OTHERS = 30
HISTORY = 12
THIS: BindParameter[int] = bindparam("company_id", type_=Integer)
_HEAD = (
    select(Company, UserAccount.name)
    .outerjoin(UserAccount, UserAccount.id == Company.owner_id)
    .where(Company.id == THIS)
)


@dataclass(frozen=True, kw_only=True)
class Story:
    """None, or nothing in a list, where the viewer may not look."""

    company: Company
    owner: str | None
    about: Sequence[Row[Any]]
    """Everything short: what, id, text, more, starts_on, ends_before. See `_about`."""
    people: Sequence[Row[Any]]
    people_before: Sequence[Row[Any]]
    events: Sequence[Event]
    more_events: bool
    opportunities: Sequence[Row[Any]]
    standing: CompanyStanding
    places: CompanyPlaces | None
    benefits: MemberYear | None
    """Of the membership year that runs."""
    history: Sequence[Line]

    def of(self, what: str) -> list[Row[Any]]:
        return [row for row in self.about if row.what == what]

    @property
    def tasks(self) -> list[Row[Any]]:
        return sorted(self.of("task"), key=lambda row: (row.starts_on, row.id))

    @property
    def in_touch(self) -> Sequence[InTouch]:
        return in_touch.told(self.about, owner_id=self.company.owner_id, owner=self.owner)

    def cleared_on(self, day: date) -> list[Row[Any]]:
        """The clearances that hold on a day."""
        return [row for row in self.of("clearance") if runs(row.starts_on, row.ends_before, on=day)]


def story(
    session: Session, company_id: int, *, viewer: Viewer, today: date, zone: ZoneInfo, events: int
) -> Story:
    """Eleven SELECTs, whatever the number of rows. Raises `NotFound`."""
    this = {"company_id": company_id}
    company, owner = head(session, company_id)
    people = session.execute(_people(viewer, today), this).all()
    money = viewer.may(P.MONEY_READ)
    standing = company_standing.of_company(session, company_id, day=today, money=money)
    latest, more = timeline.of_company(
        session, company_id, standing.terms, viewer=viewer, today=today, zone=zone, limit=events
    )
    return Story(
        company=company,
        owner=owner,
        about=session.execute(_about(viewer, today), this).all(),
        people=[row for row in people if row.there],
        people_before=[row for row in people if not row.there],
        events=latest,
        more_events=more,
        opportunities=session.execute(_opportunities(viewer), this).all(),
        standing=standing,
        places=company_places.of_company(session, company_id, today)
        if viewer.may(P.COUNCIL_READ)
        else None,
        benefits=benefits.this_year(session, standing.terms, company_id, day=today)
        if viewer.may(P.BENEFITS_READ)
        else None,
        history=_history(session, company_id, viewer),
    )


def head(session: Session, company_id: int) -> tuple[Company, str | None]:
    """The company and its relationship manager. Raises `NotFound`."""
    row = session.execute(_HEAD, {"company_id": company_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such company.")
    company, owner = row
    return company, owner


@lru_cache(maxsize=256)
def _about(viewer: Viewer, today: date) -> Select[Any]:
    """Challenges, domains, parents and children, today's and former ones, clearances; open tasks
    (by whom, due); who of us has to do with it; projects and seats in them, what the company takes
    part in, what it gives or lends, its screenings and major partnerships."""
    no_day = cast(null(), Date)
    challenges = (
        select(
            literal("challenge").label("what"),
            Challenge.number.label("id"),
            Challenge.name.label("text"),
            Challenge.key.label("more"),
            no_day.label("starts_on"),
            no_day.label("ends_before"),
        )
        .join(CompanyChallenge, CompanyChallenge.challenge_id == Challenge.id)
        .where(CompanyChallenge.company_id == THIS)
    )
    tie = CompanyParent
    verified = case((CompanyDomain.verified, "verified"), else_="")
    domain = CompanyDomain
    domains = (
        select(literal("domain"), domain.id, domain.domain, verified, no_day, no_day)
        .where(domain.company_id == THIS)
        .order_by(domain.id)
    )
    parents, children = (
        select(literal(what), Company.id, Company.name, literal(""), tie.starts_on, tie.ends_before)
        .join(tie, other == Company.id)
        .where(this == THIS)
        .order_by(tie.ends_before.is_not(None), tie.ends_before.desc(), Company.name_key, tie.id)
        for what, this, other in (
            ("parent", tie.company_id, tie.parent_id),
            ("child", tie.parent_id, tie.company_id),
        )
    )
    leave = Clearance
    clearances = (
        select(
            literal("clearance"),
            leave.id,
            leave.purpose,
            leave.granted_by,
            leave.starts_on,
            leave.ends_before,
        )
        .where(leave.company_id == THIS)
        .order_by(leave.starts_on.desc(), leave.id.desc())
    )
    tasks = (
        select(literal("task"), Task.id, Task.title, UserAccount.name, Task.due_on, no_day)
        .join(Task.owner)
        .where(Task.company_id == THIS, activities.open_tasks())
        .order_by(Task.due_on, Task.id)
    )
    stake = Interest
    stakes = (
        select(
            literal("interest"),
            stake.id,
            Person.name,
            stake.stake,
            stake.starts_on,
            stake.ends_before,
        )
        .join(stake.person)
        .where(stake.company_id == THIS)
        .order_by(stake.ends_before.is_not(None), Person.name_key, stake.id)
    )
    others = [domains, parents, children, clearances, stakes, tasks]
    others += in_touch.parts(THIS, viewer, today)
    others += company_projects.parts(THIS)
    if viewer.may(P.ENGAGEMENTS_READ):
        others += [
            company_engagements.participations(THIS),
            company_engagements.contributions(THIS),
            company_workspaces.screenings(THIS),
            company_partnerships.part(THIS),
        ]
    rest = [select(part.limit(MOST_OTHERS).subquery()) for part in others]
    together = challenges.union_all(*rest).subquery()
    return select(together)


@lru_cache(maxsize=256)
def _people(viewer: Viewer, today: date) -> Select[Any]:
    there = func.coalesce(Affiliation.ends_before > today, True)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Affiliation.id,
            Affiliation.person_id,
            Person.name,
            Affiliation.title,
            PersonAddress.email,
            Affiliation.starts_on,
            Affiliation.ends_before,
            Affiliation.champion,
            Affiliation.main_contact,
            Affiliation.billing,
            there.label("there"),
        )
        .join(Affiliation.person)
        .outerjoin(
            PersonAddress,
            (PersonAddress.person_id == Person.id) & PersonAddress.is_primary.is_(True),
        )
        .where(Affiliation.company_id == THIS, Person.archived_on.is_(None))
    )
    scope = people_of(viewer, today)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    return found.order_by(
        there.desc(),
        Affiliation.main_contact.desc(),
        Affiliation.champion.desc(),
        Person.name_key,
        Affiliation.id,
    ).limit(MOST_PEOPLE)


@lru_cache(maxsize=256)
def _opportunities(viewer: Viewer) -> Select[Any]:
    """Without the right to the pipeline: the mode and who leads it, no stage and no value."""
    full = viewer.may(P.PIPELINE_READ)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Opportunity.id,
            Mode.name.label("mode"),
            (Stage.name if full else literal("")).label("stage"),
            UserAccount.name.label("owner"),
            Opportunity.opened_on,
            Opportunity.won_on,
            Opportunity.lost_on,
            Opportunity.parked_until,
        )
        .join(Opportunity.mode)
        .join(Opportunity.stage)
        .outerjoin(Opportunity.owner)
        .where(Opportunity.company_id == THIS)
    )
    if full and viewer.may(P.MONEY_READ):
        found = found.add_columns(Opportunity.value_minor, Opportunity.currency)
    over = case((func.coalesce(Opportunity.won_on, Opportunity.lost_on).is_(None), 0), else_=1)
    return found.order_by(over, Opportunity.id.desc()).limit(MOST_OTHERS)


def _history(session: Session, company_id: int, viewer: Viewer) -> Sequence[Line]:
    if not viewer.may(P.HISTORY_READ):
        return ()
    confidential = viewer.may(P.CONFIDENTIAL_READ)
    lines = journal.history_of(
        session, [("company", company_id)], confidential=confidential, limit=HISTORY
    )
    # A report made confidential later was journalled openly before: the timeline tells of it.
    return [line for line in lines if confidential or line.kind != "touch"]
