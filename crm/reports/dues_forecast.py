"""What dues will come in: received, billed, contracted; then what is hoped for.

Three fiscal years from the one the day lies in, and what was due before and is still open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.invoices import rules, settings
from crm.invoices.settings import DuesSettings
from crm.kit.money import Money
from crm.pipeline.rules import weighted
from crm.reports import expected_dues
from crm.reports.columns import Asked, Bar, Column, Kind, Report, Row, Section, amounts, bars
from crm.reports.expected_dues import Certainty, Expected

FISCAL_YEARS = 3
COLUMNS = (
    Column("Company", share=2),
    Column("Tier", share=1),
    Column("Membership year", Kind.NUMBER, 0.9),
    Column("Instalment", Kind.NUMBER, 0.8),
    Column("Due on", Kind.DAY, 1.1),
    Column("Amount", Kind.MONEY, 1.2),
    Column("Currency", share=0.8, printed=False),
    Column("Certainty", share=1),
    Column("Probability", Kind.PERCENT, 0.9),
    Column("Weighted", Kind.MONEY, 1.2),
    Column("Fiscal year", share=0.8),
    Column("Quarter", share=0.7),
    Column("PO number", share=1),
    Column("Institutional charge", Kind.MONEY, 1.1),
    Column("Net to programme", Kind.MONEY, 1.2),
    Column("Company id", Kind.ID, printed=False),
    Column("Membership id", Kind.ID, printed=False),
    Column("Invoice", printed=False),
    Column("Opportunity id", Kind.ID, printed=False),
)
QUARTERS = (
    Column("Quarter", share=1),
    Column("Currency", share=0.7),
    Column("Received", Kind.MONEY, 1.2),
    Column("Billed", Kind.MONEY, 1.2),
    Column("Contracted", Kind.MONEY, 1.2),
    Column("Renewal", Kind.MONEY, 1.2),
    Column("Renewal, weighted", Kind.MONEY, 1.2),
    Column("Pipeline", Kind.MONEY, 1.2),
    Column("Pipeline, weighted", Kind.MONEY, 1.2),
)
AMOUNT, CERTAINTY, WEIGHTED, YEAR, QUARTER = 5, 7, 9, 10, 11
"""Places of these columns."""


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """From the surest to the least, then by the day it is due."""
    told = settings.current(session)
    year = rules.fiscal_year(day, told.fiscal_year_starts_in)
    begins = rules.fiscal_year_starts_on(year, told.fiscal_year_starts_in)
    ends = rules.fiscal_year_starts_on(year + FISCAL_YEARS, told.fiscal_year_starts_in)
    expected = expected_dues.on(session, day, before=ends, told=told)
    order = list(Certainty)
    wanted = sorted(
        (one for one in expected if _within(one, begins, ends)),
        key=lambda one: (order.index(one.certainty), one.due_on, one.company, one.number),
    )
    return [_row(one, told) for one in wanted]


def _within(one: Expected, begins: date, ends: date) -> bool:
    """What is late stays until it is received."""
    late = one.due_on < begins and one.certainty is not Certainty.RECEIVED
    return late or begins <= one.due_on < ends


def _row(one: Expected, told: DuesSettings) -> Row:
    charge = rules.share_of(one.amount, told.institution_charge_basis_points)
    counts = weighted(one.amount.minor, one.probability, parked=one.parked)
    return (
        one.company,
        one.tier,
        one.membership_year,
        one.number,
        one.due_on,
        one.amount,
        one.amount.currency,
        one.certainty.value,
        one.probability,
        Money(counts, one.amount.currency),
        f"FY{rules.fiscal_year(one.due_on, told.fiscal_year_starts_in)}",
        f"Q{rules.fiscal_quarter(one.due_on, told.fiscal_year_starts_in)}",
        one.po_number,
        charge,
        one.amount - charge,
        one.company_id,
        one.membership_id,
        one.invoice,
        one.opportunity_id,
    )


def sections(session: Session, asked: Asked, rows: Sequence[Row]) -> Sequence[Section]:
    """Quarters × certainty: a column for each, and no sum across them."""
    sums: dict[tuple[str, str], dict[str, list[Money]]] = defaultdict(dict)
    for row in rows:
        amount, counts = row[AMOUNT], row[WEIGHTED]
        assert isinstance(amount, Money)
        assert isinstance(counts, Money)
        nothing = Money(0, amount.currency)
        of = sums[f"{row[YEAR]} {row[QUARTER]}", amount.currency]
        both = of.setdefault(str(row[CERTAINTY]), [nothing, nothing])
        of[str(row[CERTAINTY])] = [both[0] + amount, both[1] + counts]
    return [
        Section(
            title="By fiscal quarter",
            columns=QUARTERS,
            rows=[
                (quarter, currency, *_across(of, currency))
                for (quarter, currency), of in sorted(sums.items())
            ],
            empty="No dues are expected.",
            above=True,
            sheet="By quarter",
        )
    ]


def _across(of: dict[str, list[Money]], currency: str) -> Iterator[Money]:
    nothing = [Money(0, currency)] * 2
    for certainty in Certainty:
        whole, counts = of.get(certainty, nothing)
        yield whole
        if certainty in expected_dues.HOPED_FOR:
            yield counts


def by_quarter(rows: Sequence[Row]) -> Sequence[Bar]:
    """What is received, billed or contracted, by quarter; each currency by itself."""
    sure = [row for row in rows if row[CERTAINTY] not in expected_dues.HOPED_FOR]
    quarters = (f"{row[YEAR]} {row[QUARTER]}" for row in sure)
    return bars(zip(quarters, amounts(sure, AMOUNT), strict=True))


REPORT = Report(
    name="dues-forecast",
    title="Dues forecast",
    about="What dues come in over three fiscal years: received, billed and contracted; then, apart "
    "from these, what renewals and the pipeline may bring.",
    needs=P.MONEY_READ,
    columns=columns,
    rows=rows,
    sections=sections,
    chart=by_quarter,
    chart_title="Received, billed and contracted, by fiscal quarter",
    group_by="Certainty",
    sum_groups_apart=True,
)
