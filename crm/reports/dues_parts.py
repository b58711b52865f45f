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
    SQLColumnExpression,
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from crm.invoices.instalment_models import InstalmentShare
from crm.invoices.models import CreditNote, Invoice, InvoiceLine
from crm.invoices.payment_models import Allocation

DUES, CHARGE, TAX = 0, 1, 2
"""The kinds of parts, in the order in which they are settled."""


@lru_cache(maxsize=16)
def parts_on(day: date) -> CTE:
    """A row for each part of each invoice issued by a day: invoice_id, company_id, membership_id,
    currency, instalment_id, year, kind, released, amount, paid, credited; all in minor units."""
    asked, invoices = _ASKED.cte("asked"), _invoices(day)
    its = (
        *(invoices.c[name] for name in ("invoice_id", "company_id", "membership_id", "currency")),
        *(asked.c[name] for name in ("instalment_id", "year", "kind", "released", "amount")),
    )
    before = func.coalesce(
        func.sum(asked.c.amount).over(
            partition_by=asked.c.invoice_id,
            order_by=(asked.c.kind, asked.c.year, asked.c.position, asked.c.line_id),
            rows=(None, -1),
        ),
        0,
    )
    totals = (
        select(*its, before.label("before"), invoices.c.paid, invoices.c.credited)
        .join(invoices, invoices.c.invoice_id == asked.c.invoice_id)
        .where(invoices.c.in_part)
        .cte("totals")
    )
    of_paid = _reaches(totals.c.paid, totals)
    of_both = _reaches(totals.c.paid + totals.c.credited, totals)
    # Most are settled as a whole or not at all: these need no order, and sorting takes longest.
    whole = (
        select(
            *its,
            case((invoices.c.paid > 0, asked.c.amount), else_=0).label("paid"),
            case((invoices.c.credited > 0, asked.c.amount), else_=0).label("credited"),
        )
        .join(invoices, invoices.c.invoice_id == asked.c.invoice_id)
        .where(~invoices.c.in_part)
    )
    in_part = select(*(totals.c[column.name] for column in its), of_paid, of_both - of_paid)
    return union_all(whole, in_part).cte("parts")


def received_by_year(session: Session, day: date) -> dict[tuple[int, int], int]:
    """What had come in by a day for each term's membership years, in minor units."""
    parts = parts_on(day)
    found = session.execute(
        select(parts.c.membership_id, parts.c.year, func.sum(parts.c.paid))
        .where(parts.c.kind == DUES, parts.c.paid > 0)
        .group_by(parts.c.membership_id, parts.c.year)
    )
    return {(membership_id, year): int(minor) for membership_id, year, minor in found}


def _invoices(day: date) -> CTE:
    """What is paid and credited of each invoice by a day, and whether that is only a part of it,
    or some of each."""
    paid, credited = _paid(day), _credited(day)
    is_paid = func.coalesce(paid.c.minor, 0)
    is_credited = func.coalesce(credited.c.minor, 0)
    settled = is_paid + is_credited
    one_way = or_(is_paid == 0, is_credited == 0)
    whole = or_(settled == 0, settled == Invoice.net_minor + Invoice.tax_minor)
    return (
        select(
            Invoice.id.label("invoice_id"),
            Invoice.company_id,
            Invoice.membership_id,
            Invoice.currency,
            is_paid.label("paid"),
            is_credited.label("credited"),
            ~and_(one_way, whole).label("in_part"),
        )
        .outerjoin(paid, paid.c.invoice_id == Invoice.id)
        .outerjoin(credited, credited.c.invoice_id == Invoice.id)
        .where(Invoice.issued_on <= day)
        .cte("invoices")
    )


def _asked() -> Any:
    """Every part of every invoice, drafts too."""
    line = (
        InvoiceLine.invoice_id,
        InvoiceLine.id.label("line_id"),
        InvoiceLine.position,
        InvoiceLine.released,
        InvoiceLine.instalment_id,
    )
    dues = select(
        *line,
        InstalmentShare.year,
        literal(DUES, Integer).label("kind"),
        InstalmentShare.amount_minor.label("amount"),
    ).join(InstalmentShare, InstalmentShare.instalment_id == InvoiceLine.instalment_id)
    charges = select(
        *line, literal(0, Integer), literal(CHARGE, Integer), InvoiceLine.amount_minor
    ).where(InvoiceLine.instalment_id.is_(None))
    tax = select(
        Invoice.id,
        literal(0, Integer),
        literal(0, Integer),
        Invoice.id < 0,  # never released by itself
        null(),
        literal(0, Integer),
        literal(TAX, Integer),
        Invoice.tax_minor,
    ).where(Invoice.tax_minor > 0)
    return union_all(dues, charges, tax)


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


_ASKED = _asked()
