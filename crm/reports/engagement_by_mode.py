"""Who is engaged in which mode on a day: members, factories, major partnerships. Without sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.kit.days import day_before
from crm.kit.text import fold
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.partnerships.facility_queries import ParticipationSearch
from crm.partnerships.queries import ContributionSearch
from crm.pipeline import workspaces
from crm.pipeline.models import Mode
from crm.reports.columns import Column, Kind, Report, Row
from crm.reports.roll_terms import listed

ALLIANCE, FACTORIES, PARTNERSHIP = "alliance", "factories", "partnership"
"""Keys of the modes whose engagements are kept here; their names are the programme's."""
COLUMNS = (
    Column("Mode", share=1.6),
    Column("Company", share=1.8),
    Column("What", share=2.2),
    Column("Standing", share=1.2),
    Column("Since", Kind.DAY, 1),
    Column("Last day", Kind.DAY, 1),
    Column("Relationship manager", share=1.4),
    Column("Link", Kind.ID, printed=False),
    Column("id", Kind.ID, printed=False),
    Column("Company id", Kind.ID, printed=False),
)
DAY = timedelta(days=1)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


@dataclass(frozen=True)
class Engaged:
    """One engagement of a company; `url` and `id` are its record's."""

    mode: str
    company_id: int
    company: str
    what: str
    standing: str
    since: date | None
    last_day: date | None
    url: str
    id: int


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By mode and company: terms in force, participations that run, contributions we hold,
    partnerships that are neither over nor closed. Six SELECTs."""
    names = dict(session.execute(select(Mode.key, Mode.name)).all())
    managers = _managers(session)
    of_factories = (*_participations(session, day), *_contributions(session, day))
    return [
        (
            names.get(one.mode, one.mode.capitalize()),
            one.company,
            one.what,
            one.standing,
            one.since,
            one.last_day,
            managers.get(one.company_id, ""),
            one.url,
            one.id,
            one.company_id,
        )
        for one in (
            *_members(session, day),
            *sorted(of_factories, key=lambda one: (fold(one.company), one.company_id)),
            *_partnerships(session, day),
        )
    ]


def _members(session: Session, day: date) -> Iterable[Engaged]:
    columns = (
        Membership.id,
        Membership.company_id,
        Company.name,
        Tier.name.label("tier"),
        memberships.status_on(day).label("status"),
        Membership.starts_on,
        memberships.RUNS_BEFORE.label("ends_before"),
    )
    for row in session.execute(listed(columns, day).where(memberships.in_force_on(day))):
        yield Engaged(
            ALLIANCE,
            row.company_id,
            row.name,
            f"{row.tier} tier",
            row.status,
            row.starts_on,
            row.ends_before - DAY,
            f"/office/memberships/{row.id}",
            row.id,
        )


def _participations(session: Session, day: date) -> Iterable[Engaged]:
    for row in session.execute(ParticipationSearch(day=day).select()):
        yield Engaged(
            FACTORIES,
            row.company_id,
            row.company,
            row.facility,
            f"part in its {row.kind}",
            row.starts_on,
            day_before(row.ends_before),
            f"/office/engagements/facilities/{row.facility_id}",
            row.id,
        )


def _contributions(session: Session, day: date) -> Iterable[Engaged]:
    search = ContributionSearch(day=day, show="held")
    for row in session.execute(search.select(money=False)):
        yield Engaged(
            FACTORIES,
            row.company_id,
            row.company,
            row.title,
            row.stage,
            row.accepted_on,
            row.loan_ends_on or row.licence_ends_on,
            f"/office/engagements/contributions/{row.id}",
            row.id,
        )


def _partnerships(session: Session, day: date) -> Iterable[Engaged]:
    for row in session.execute(workspaces.as_of(day, money=False)):
        if any(end is not None and end <= day for end in (row.lost_on, row.closed_on)):
            continue
        yield Engaged(
            PARTNERSHIP,
            row.company_id,
            row.company,
            row.title,
            row.stage_then or row.stage,
            row.opened_on,
            None,
            f"/office/engagements/partnerships/{row.id}",
            row.id,
        )


def _managers(session: Session) -> dict[int, str]:
    found = select(Company.id, UserAccount.name).join(
        UserAccount, UserAccount.id == Company.owner_id
    )
    return dict(session.execute(found).all())


REPORT = Report(
    name="engagement-by-mode",
    title="Engagement by mode",
    about="Who is engaged in which of the programme's ways: members, factories, major "
    "partnerships.",
    needs=P.REPORTS_READ,
    columns=columns,
    rows=rows,
    group_by="Mode",
    note="A company may stand in several modes, and in one more than once. What is only on its way "
    "is in the pipeline.",
)
