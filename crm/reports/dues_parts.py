"""What each invoice asks for, part by part, and how far each part is settled on a day.

The parts of an invoice are its instalments' shares in membership years, then charges of their own,
then tax. What is paid or credited settles them in this order, as `rules.earliest_first` says; these
are its SQL twin.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    null,
    select,
    union_all,
)

from crm.invoices.models import Allocation, CreditNote, InstalmentShare, Invoice, InvoiceLine

DUES, CHARGE, TAX = 0, 1, 2
"""The kinds of parts, in the order in which they are settled."""


@lru_cache(maxsize=16)
def parts_on(day: date) -> CTE:
    """A row for each part of each invoice issued by a day: invoice_id, company_id, membership_id,
    currency, instalment_id, year, kind, released, amount, paid, credited; all in minor units."""
    asked = _asked(day).cte("asked")
    before = func.coalesce(
        func.sum(asked.c.amount).over(
            partition_by=asked.c.invoice_id,
            order_by=(asked.c.kind, asked.c.year, asked.c.position, asked.c.line_id),
            rows=(None, -1),
        ),
        0,
    )
    paid, credited = _paid(day), _credited(day)
    totals = (
        select(
            *asked.c,
            before.label("before"),
            func.coalesce(paid.c.minor, 0).label("all_paid"),
            func.coalesce(credited.c.minor, 0).label("all_credited"),
        )
        .outerjoin(paid, paid.c.invoice_id == asked.c.invoice_id)
        .outerjoin(credited, credited.c.invoice_id == asked.c.invoice_id)
        .cte("totals")
    )
    of_paid = _reaches(totals.c.all_paid, totals)
    of_both = _reaches(totals.c.all_paid + totals.c.all_credited, totals)
    return select(
        totals.c.invoice_id,
        totals.c.company_id,
        totals.c.membership_id,
        totals.c.currency,
        totals.c.instalment_id,
        totals.c.year,
        totals.c.kind,
        totals.c.released,
        totals.c.amount,
        of_paid.label("paid"),
        (of_both - of_paid).label("credited"),
    ).cte("parts")


def _asked(day: date) -> Any:
    its_own = (
        Invoice.id.label("invoice_id"),
        Invoice.company_id,
        Invoice.membership_id,
        Invoice.currency,
    )
    issued = Invoice.issued_on <= day
    lines: Select[Any] = select(  # type: ignore[assignment]
        *its_own,
        InvoiceLine.id.label("line_id"),
        InvoiceLine.position,
        InvoiceLine.released,
        InvoiceLine.instalment_id,
    ).join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
    dues = lines.join(
        InstalmentShare, InstalmentShare.instalment_id == InvoiceLine.instalment_id
    ).add_columns(
        InstalmentShare.year,
        literal(DUES, Integer).label("kind"),
        InstalmentShare.amount_minor.label("amount"),
    )
    charges = lines.where(InvoiceLine.instalment_id.is_(None)).add_columns(
        literal(0, Integer), literal(CHARGE, Integer), InvoiceLine.amount_minor
    )
    tax = select(
        *its_own,
        literal(0, Integer),
        literal(0, Integer),
        Invoice.id < 0,  # never released by itself
        null(),
        literal(0, Integer),
        literal(TAX, Integer),
        Invoice.tax_minor,
    ).where(Invoice.tax_minor > 0)
    return union_all(dues.where(issued), charges.where(issued), tax.where(issued))


def _paid(day: date) -> Any:
    return (
        select(Allocation.invoice_id, func.sum(Allocation.amount_minor).label("minor"))
        .where(and_(Allocation.invoice_id.is_not(None), Allocation.allocated_on <= day))
        .group_by(Allocation.invoice_id)
        .cte("paid")
    )


def _credited(day: date) -> Any:
    return (
        select(CreditNote.invoice_id, func.sum(CreditNote.amount_minor).label("minor"))
        .where(CreditNote.issued_on <= day)
        .group_by(CreditNote.invoice_id)
        .cte("credited")
    )


def _reaches(settled: SQLColumnExpression[int], totals: CTE) -> ColumnElement[int]:
    """What of a part is settled by a sum that settles all before it first."""
    left = settled - totals.c.before
    return case((left <= 0, 0), (left >= totals.c.amount, totals.c.amount), else_=left)
