"""Benefits used: what each membership year that runs on a day gives, and what was used of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.benefits import queries
from crm.benefits.queries import Line, MemberYear
from crm.companies.models import Company
from crm.kit.among import among
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.reports.columns import Column, Kind, Report, Row
from crm.reports.roll_terms import listed

OF_YEAR = (
    Column("Year", Kind.NUMBER, 0.5),
    Column("From", Kind.DAY, 1.2),
    Column("Last day", Kind.DAY, 1.2),
    Column("Benefit", share=2),
    Column("A year", Kind.NUMBER, 0.6),
    Column("No limit", Kind.FLAG, 0.6),
    Column("Used", Kind.NUMBER, 0.5),
    Column("Ahead", Kind.NUMBER, 0.6),
    Column("Left", Kind.NUMBER, 0.5),
    Column("Over", Kind.NUMBER, 0.5),
)
COLUMNS = (
    Column("Company", share=2),
    Column("Tier", share=1),
    *OF_YEAR,
    Column("Unit", share=0.9, printed=False),
    Column("Company id", Kind.ID, printed=False),
    Column("Membership id", Kind.ID, printed=False),
    Column("Benefit key", share=1, printed=False),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By company, then in the file's order; a line for each benefit that was promised or used."""
    members = set(session.scalars(_members(day)))
    found = queries.of_companies(session, members, day)
    years = {year.membership_id: year for one in found.values() if (year := one.on(day))}
    terms = session.execute(_terms(day), {"memberships": list(years)})
    return [_row(term, years[term.id], line) for term in terms for line in years[term.id].lines]


@lru_cache(maxsize=64)
def _members(day: date) -> Select[Any]:
    return select(Membership.company_id).where(memberships.in_force_on(day))


@lru_cache(maxsize=64)
def _terms(day: date) -> Select[Any]:
    columns = (
        Company.name.label("company"),
        Tier.name.label("tier"),
        Membership.id,
        Membership.company_id,
    )
    return listed(columns, day).where(among(Membership.id, "memberships"))


def counted(year: MemberYear, line: Line) -> Row:
    """In the order of `OF_YEAR`."""
    told = line.tally
    return (
        year.year.number,
        year.year.days.starts_on,
        year.year.days.last_day,
        line.name,
        told.entitled,
        told.entitled is None,
        told.used,
        told.ahead,
        told.left,
        told.over,
    )


def _row(term: Any, year: MemberYear, line: Line) -> Row:
    return (
        term.company,
        term.tier,
        *counted(year, line),
        line.units,
        term.company_id,
        term.id,
        line.key,
    )


REPORT = Report(
    name="benefits-used",
    title="Benefits used",
    about="What each member’s year gives, what was used of it by the day and is dated ahead in it, "
    "and what is left.",
    needs=P.BENEFITS_READ,
    columns=columns,
    rows=rows,
    note="A membership year runs from one anniversary of the term’s start to the day before the "
    "next; an extension and grace belong to the last one. What stands in a signed term counts, "
    "whatever its tier gives today.",
)
