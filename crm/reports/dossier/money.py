"""A dossier's money page: three ledgers side by side, never added up (product.md, rule 6).

Each is cut from the report of the same name, so that its sums are that report's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.projects import queries as projects
from crm.projects.models import Project, ProjectStage
from crm.projects.people_models import ProjectCompany
from crm.projects.rules import OVER, CompanyRole, Source, Stage
from crm.reports import contributions_ledger, dues_by_year
from crm.reports.columns import Column, Kind, Row, Section

DUES = ("Tier", "Membership year", "From", "Last day", *dues_by_year.SUMS)
GIVEN = ("Contribution", "Kind", "Given as", "Stage", "Accepted on", "Value")
SPONSORED = (
    Column("Project", share=2.5),
    Column("Starts on", Kind.DAY, 1),
    Column("Budget", Kind.MONEY, 1.2),
)


def ledgers(
    session: Session, company_id: int, days: Period, *, day: date, viewer: Viewer
) -> Sequence[Section]:
    """As of `day`: dues of the membership years that reach into the days; contributions accepted
    within them, by basis; projects the company sponsored that ran in them."""
    return [
        _dues(session, company_id, days, day, viewer),
        *_contributions(session, company_id, days, day, viewer),
        _sponsored(session, company_id, days, day),
    ]


def _cut(columns: Sequence[Column], headings: Sequence[str], row: Row) -> Row:
    places = [column.heading for column in columns]
    return tuple(row[places.index(heading)] for heading in headings)


def _named(columns: Sequence[Column], headings: Sequence[str]) -> Sequence[Column]:
    by_heading = {column.heading: column for column in columns}
    return [by_heading[heading] for heading in headings]


def _dues(session: Session, company_id: int, days: Period, day: date, viewer: Viewer) -> Section:
    columns = dues_by_year.columns(viewer)
    found = dues_by_year.rows(session, day=day, viewer=viewer, company_id=company_id)
    rows = [_cut(columns, DUES, row) for row in found]
    return Section(
        title="Membership dues",
        columns=_named(columns, DUES),
        rows=[row for row in rows if _reaches(row, days)],
        empty="No dues of these days.",
    )


def _reaches(row: Row, days: Period) -> bool:
    """Whether the membership year of a row has a day among those asked for."""
    first, last = row[DUES.index("From")], row[DUES.index("Last day")]
    assert isinstance(first, date)
    assert isinstance(last, date)
    before = days.ends_before
    return last >= days.starts_on and (before is None or first < before)


def _contributions(
    session: Session, company_id: int, days: Period, day: date, viewer: Viewer
) -> Sequence[Section]:
    """One for each basis: values of different ones have no common sum."""
    columns = contributions_ledger.columns(viewer)
    headings = [column.heading for column in columns]
    part, accepted = headings.index(contributions_ledger.PART), headings.index("Accepted on")
    by_part: dict[str, list[Row]] = {}
    for row in contributions_ledger.rows(session, day=day, viewer=viewer, company_id=company_id):
        on = row[accepted]
        if isinstance(on, date) and on in days:
            by_part.setdefault(str(row[part]), []).append(_cut(columns, GIVEN, row))
    return [
        Section(
            title=f"Contributions, {name[:1].lower()}{name[1:]}",
            columns=_named(columns, GIVEN),
            rows=rows,
            empty="",
        )
        for name, rows in by_part.items()
    ]


def _sponsored(session: Session, company_id: int, days: Period, day: date) -> Section:
    ran = (
        select(func.min(ProjectStage.on))
        .where(ProjectStage.project_id == Project.id, ProjectStage.stage == Stage.RUNNING)
        .correlate(Project)
        .scalar_subquery()
    )
    before = projects.stage_on(days.starts_on)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Project.title, Project.starts_on, Project.budget_minor, Project.currency
        )
        .join(ProjectCompany, ProjectCompany.project_id == Project.id)
        .where(
            ProjectCompany.company_id == company_id,
            ProjectCompany.role == CompanyRole.SPONSOR,
            Project.source == Source.SPONSORED,
            ran <= min(day, days.last_day or day),
            before.is_(None) | before.not_in(OVER),
        )
        .order_by(Project.starts_on, Project.id)
    )
    return Section(
        title="Sponsored projects",
        columns=SPONSORED,
        rows=[
            (
                row.title,
                row.starts_on,
                None if row.currency is None else Money(row.budget_minor, row.currency),
            )
            for row in session.execute(found)
        ],
        empty="No project of these days was sponsored by them alone.",
    )
