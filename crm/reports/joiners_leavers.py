"""Who joined and who left, by calendar year: the first day as a member, and the first without."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.kit.among import among
from crm.kit.money import Money
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.reports import membership_runs
from crm.reports.columns import Asked, Column, Kind, Report, Row, Section, shown_to

LAPSED = "not renewed"
TERMINATED = "terminated"
"""In place of the reason, for those who may not read why."""
COLUMNS = (
    Column("Company", share=2),
    Column("Change", share=0.9),
    Column("On", Kind.DAY, 1.05),
    Column("Year", share=0.7),
    Column("Tier", share=1),
    Column("Reason", share=2),
    Column("Member since", Kind.DAY, 1.05),
    Column("Fee a year", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Company id", Kind.ID, printed=False),
    Column("Membership id", Kind.ID, printed=False),
)
CHANGE, YEAR, FEE = 1, 3, 7
"""Places of these columns."""
BY_YEAR = (
    Column("Year"),
    Column("Joined", Kind.NUMBER),
    Column("Rejoined", Kind.NUMBER),
    Column("Left", Kind.NUMBER),
    Column("Members at its end", Kind.NUMBER),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return shown_to(viewer, COLUMNS)


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """The latest first. Who has left is told on the first day without rights: after grace, or on
    the day of the termination."""
    runs = membership_runs.of_all(session, day)
    ids = {id_ for its in runs.values() for run in its for id_ in (run.begun_by, run.ended_by)}
    facts = _facts(session, day, ids)
    money, reasons = viewer.may(P.MONEY_READ), viewer.may(P.HISTORY_READ)
    found: list[tuple[tuple[date, str], Row]] = []
    for company_id, its in runs.items():
        for place, run in enumerate(its):
            changes: list[tuple[str, date, int, str | None]] = [
                ("rejoined" if place else "joined", run.starts_on, run.begun_by, None)
            ]
            if run.ends_before <= day:
                why = run.reason if reasons or run.reason is None else TERMINATED
                changes.append(("left", run.ends_before, run.ended_by, why or LAPSED))
            for change, on, membership_id, reason in changes:
                if on > day:
                    continue
                of = facts[membership_id]
                row: Row = (
                    of.company,
                    change,
                    on,
                    str(on.year),
                    of.tier,
                    reason,
                    run.starts_on,
                    *((Money(of.fee, of.currency),) if money else ()),
                    company_id,
                    membership_id,
                )
                found.append(((on, of.name_key), row))
    found.sort(key=lambda item: item[0][1])
    found.sort(key=lambda item: item[0][0], reverse=True)
    return [row for _, row in found]


def _facts(session: Session, day: date, ids: set[int]) -> dict[int, Any]:
    found = (
        select(
            Membership.id,
            Company.name.label("company"),
            Company.name_key,
            Tier.name.label("tier"),
            memberships.fee_minor_on(day).label("fee"),
            Membership.currency,
        )
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .where(among(Membership.id, "ids"))
    )
    return {row.id: row for row in session.execute(found, {"ids": ids})}


def sections(session: Session, asked: Asked, rows: Sequence[Row]) -> Sequence[Section]:
    years = sorted({str(row[YEAR]) for row in rows}, reverse=True)
    counts = {
        year: {
            change: sum(1 for row in rows if (row[YEAR], row[CHANGE]) == (year, change))
            for change in ("joined", "rejoined", "left")
        }
        for year in years
    }
    members, lines = 0, []
    for year in reversed(years):
        of = counts[year]
        members += of["joined"] + of["rejoined"] - of["left"]
        lines.append((year, of["joined"], of["rejoined"], of["left"], members))
    return [
        Section(
            title="By year",
            columns=BY_YEAR,
            rows=list(reversed(lines)),
            empty="Nobody has joined yet.",
            above=True,
            sheet="By year",
        )
    ]


REPORT = Report(
    name="joiners-leavers",
    title="Joiners and leavers",
    about="Who became a member and who left, when and why, by calendar year.",
    needs=P.REPORTS_READ,
    columns=columns,
    rows=rows,
    sections=sections,
)
