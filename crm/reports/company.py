"""The whole story of one company, for a viewer: everything its page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, case, func, literal, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.benefits.queries import MemberYear
from crm.companies.models import Affiliation, Company
from crm.council import company_places
from crm.council.company_places import CompanyPlaces
from crm.journal import queries as journal
from crm.journal.queries import Line
from crm.kit.errors import NotFound
from crm.kit.periods import runs
from crm.people.models import Person, PersonAddress
from crm.pipeline.models import Mode, Opportunity, Stage
from crm.reports import benefits, company_standing, in_touch
from crm.reports.acquaintances import people_of
from crm.reports.company_about import THIS, about
from crm.reports.company_standing import CompanyStanding
from crm.reports.in_touch import InTouch
from crm.reports.timeline import company as timeline
from crm.reports.timeline.events import Event

MOST_PEOPLE = 40
MOST_OPPORTUNITIES = 30
HISTORY = 12
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
    """Everything short: what, id, text, more, starts_on, ends_before. See `company_about`."""
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
        about=session.execute(about(viewer, today), this).all(),
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
    return found.order_by(over, Opportunity.id.desc()).limit(MOST_OPPORTUNITIES)


def _history(session: Session, company_id: int, viewer: Viewer) -> Sequence[Line]:
    if not viewer.may(P.HISTORY_READ):
        return ()
    confidential = viewer.may(P.CONFIDENTIAL_READ)
    lines = journal.history_of(
        session, [("company", company_id)], confidential=confidential, limit=HISTORY
    )
    # A report made confidential later was journalled openly before: the timeline tells of it.
    return [line for line in lines if confidential or line.kind != "touch"]
