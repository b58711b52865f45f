"""Dues by membership year and by fiscal year: what is due, billed, received and still open.

By the fiscal year in which an instalment falls due; when it is earned is finance's to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.invoices import queries as invoices
from crm.invoices import rules, settings
from crm.invoices.instalment_models import Instalment, InstalmentShare
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import membership_year
from crm.reports.columns import Asked, Bar, Column, Kind, Report, Row, Section, amounts, bars
from crm.reports.dues_parts import DUES, parts_on

SUMS = ("Due", "Billed", "Received", "Credited", "Open", "Not billed")
COLUMNS = (
    Column("Company", share=2),
    Column("Tier", share=1),
    Column("Membership year", Kind.NUMBER, 0.9),
    Column("From", Kind.DAY, 1.05),
    Column("Last day", Kind.DAY, 1.05),
    Column("Fiscal year", share=0.8),
    Column("Currency", share=0.8, printed=False),
    *(Column(heading, Kind.MONEY, 1.15) for heading in SUMS),
    Column("Institutional charge", Kind.MONEY, 1.1),
    Column("Net to programme", Kind.MONEY, 1.15),
    Column("Company id", Kind.ID, printed=False),
    Column("Membership id", Kind.ID, printed=False),
)
MEMBERSHIP_YEAR, FISCAL_YEAR, CURRENCY, FIRST_SUM = 2, 5, 6, 7
"""Places of these columns."""
SUMMED = range(FIRST_SUM, FIRST_SUM + len(SUMS) + 2)
Sums = list[int]


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(
    session: Session, *, day: date, viewer: Viewer, company_id: int | None = None
) -> Sequence[Row]:
    """Of terms that both sides had signed, of one company or of all. A row for each membership
    year, or two where its instalments fall into two fiscal years."""
    told = settings.current(session)
    parts = _parts(session, day, company_id)
    terms: dict[int, Any] = {}
    sums: dict[tuple[int, int, int], Sums] = defaultdict(lambda: [0] * len(SUMS))
    for share in _shares(session, day, company_id):
        fiscal = rules.fiscal_year(share.due_on, told.fiscal_year_starts_in)
        billed, paid, credited = parts.get((share.id, share.year), (0, 0, 0))
        due = share.amount_minor
        its = (due, billed, paid, credited, billed - paid - credited, max(0, due - billed))
        if any(its):
            terms[share.membership_id] = share
            added = sums[share.membership_id, share.year, fiscal]
            for place, minor in enumerate(its):
                added[place] += minor
    found = []
    for (membership_id, year, fiscal), its_sums in sums.items():
        term = terms[membership_id]
        days = membership_year(Period(term.starts_on, term.ends_before), year)
        assert days.last_day is not None  # a membership year ends
        due = Money(its_sums[0], term.currency)
        charge = rules.share_of(due, told.institution_charge_basis_points)
        row: Row = (
            term.company,
            term.tier,
            year,
            days.starts_on,
            days.last_day,
            f"FY{fiscal}",
            term.currency,
            *(Money(minor, term.currency) for minor in its_sums),
            charge,
            due - charge,
            term.company_id,
            membership_id,
        )
        found.append(((term.name_key, membership_id, year, fiscal), row))
    return [row for _, row in sorted(found, key=lambda item: item[0])]


def _shares(session: Session, day: date, company_id: int | None) -> Iterable[Any]:
    """What of each instalment that stands is for which year."""
    found = (
        select(
            Instalment.id,
            Instalment.due_on,
            InstalmentShare.year,
            InstalmentShare.amount_minor,
            Membership.id.label("membership_id"),
            Membership.starts_on,
            Membership.ends_before,
            Membership.currency,
            Tier.name.label("tier"),
            Company.id.label("company_id"),
            Company.name.label("company"),
            Company.name_key,
        )
        .join(InstalmentShare, InstalmentShare.instalment_id == Instalment.id)
        .join(Instalment.membership)
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .where(memberships.executed_by(day), invoices.stands())
    )
    if company_id is not None:
        found = found.where(Membership.company_id == company_id)
    return session.execute(found)


def _parts(
    session: Session, day: date, company_id: int | None
) -> dict[tuple[int, int], tuple[int, int, int]]:
    """What is billed, paid and credited, by instalment and year; voided invoices bill nothing."""
    parts = parts_on(day)
    found = select(
        parts.c.instalment_id, parts.c.year, parts.c.amount, parts.c.paid, parts.c.credited
    ).where(parts.c.kind == DUES, ~parts.c.released)
    if company_id is not None:
        found = found.where(parts.c.company_id == company_id)
    return {
        (id_, year): (int(amount), int(paid), int(credited))
        for id_, year, amount, paid, credited in session.execute(found)
    }


def sections(session: Session, asked: Asked, rows: Sequence[Row]) -> Sequence[Section]:
    """The same rows summed by fiscal year, and by membership year."""
    return [
        _summed("By fiscal year", COLUMNS[FISCAL_YEAR], FISCAL_YEAR, rows),
        _summed("By membership year", COLUMNS[MEMBERSHIP_YEAR], MEMBERSHIP_YEAR, rows),
    ]


def _summed(title: str, column: Column, place: int, rows: Sequence[Row]) -> Section:
    sums: dict[tuple[Any, str], list[Money]] = {}
    for row in rows:
        key = (row[place], str(row[CURRENCY]))
        known = sums.setdefault(key, [Money(0, key[1])] * len(SUMMED))
        added = zip(known, (amounts([row], at)[0] for at in SUMMED), strict=True)
        sums[key] = [before + more for before, more in added]
    return Section(
        title=title,
        columns=(column, Column("Currency", share=0.8), *(COLUMNS[at] for at in SUMMED)),
        rows=[(value, currency, *summed) for (value, currency), summed in sorted(sums.items())],
        empty="No dues were ever agreed.",
        above=True,
        sheet=title,
    )


def received(rows: Sequence[Row]) -> Sequence[Bar]:
    """What came in, by the fiscal year in which it was due; each currency by itself."""
    years = (str(row[FISCAL_YEAR]) for row in rows)
    return bars(zip(years, amounts(rows, FIRST_SUM + SUMS.index("Received")), strict=True))


REPORT = Report(
    name="dues-by-year",
    title="Dues by year",
    about="Dues of signed terms by membership year and by the fiscal year in which they fall due: "
    "billed, received, open, and what the institution keeps.",
    needs=P.MONEY_READ,
    columns=columns,
    rows=rows,
    sections=sections,
    chart=received,
    chart_title="Received, by the fiscal year in which it was due",
)
