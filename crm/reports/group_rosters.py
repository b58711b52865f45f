"""Who is in which working group on a day, and why a place counts for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council import place_queries
from crm.council.models import Body
from crm.kit.periods import Period
from crm.reports.columns import Column, Kind, Report, Row
from crm.working_groups.models import WorkingGroup

COLUMNS = (
    Column("Group", share=1.6),
    Column("Company", share=1.6),
    Column("Person", share=1.4),
    Column("Role", share=0.8),
    Column("Since", Kind.DAY, 1),
    Column("Until", Kind.DAY, 1),
    Column("Company id", Kind.ID, printed=False),
    Column("Person id", Kind.ID, printed=False),
    Column("Standing", share=1.6),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By group, chairs first. `Until` is the last day; `Standing` says who no longer sits."""
    names = {row.id: row.name for row in session.execute(_names())}
    found: list[tuple[str, Row]] = []
    for member in place_queries.members_on(session, day):
        if member.body_id not in names:
            continue
        row: Row = (
            names[member.body_id],
            member.company,
            member.name,
            member.role,
            member.since,
            Period(member.since, member.until).last_day,
            member.company_id,
            member.person_id,
            member.gap or "sits",
        )
        found.append((names[member.body_id].casefold(), row))
    return [row for _, row in sorted(found, key=lambda item: item[0])]


def _names() -> Select[int, str]:
    return select(Body.id, Body.name).join(WorkingGroup, WorkingGroup.id == Body.id)


REPORT = Report(
    name="group-rosters",
    title="Working group rosters",
    about="Who is in which working group on a day, for which company, in which role.",
    needs=P.COUNCIL_READ,
    columns=columns,
    rows=rows,
)
