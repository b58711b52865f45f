"""Checks of the ledger: what is owed, what came in, and the numbers on it."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices.models import CreditNote, Invoice
from crm.invoices.payment_models import Allocation, Payment, Refund
from crm.invoices.queries import credited_minor_on, paid_minor_on
from crm.reports.checks.check import Check, Fault, Outcome, Owed, by_currency, invoice, said
from crm.reports.dues_parts import parts_on
from crm.reports.names import names


def allocations(session: Session, day: date) -> Outcome:
    used = func.coalesce(func.sum(Allocation.amount_minor), 0)
    found = session.execute(
        select(
            Payment.id,
            Payment.company_id,
            Company.name,
            Payment.received_on,
            Payment.allocated_minor,
            Payment.amount_minor,
            Payment.currency,
            used,
        )
        .join(Payment.company)
        .outerjoin(Allocation, Allocation.payment_id == Payment.id)
        .group_by(Payment.id, Company.name)
        .having(used != Payment.allocated_minor)
        .order_by(Payment.id)
    )
    sums = session.execute(
        select(Payment.currency, func.sum(Payment.allocated_minor), func.count()).group_by(
            Payment.currency
        )
    ).all()
    return Outcome(
        count=sum(count for _, _, count in sums),
        of="payments",
        sums=by_currency((currency, minor) for currency, minor, _ in sums),
        faults=tuple(
            Fault(
                about=("company", company_id),
                label=f"{company}, payment {id_} of {received_on.isoformat()}",
                says=f"{said(kept, currency)} is noted as used of {said(amount, currency)}; its "
                f"allocations sum to {said(is_used, currency)}.",
            )
            for id_, company_id, company, received_on, kept, amount, currency, is_used in found
        ),
    )


def settled(session: Session, day: date) -> Outcome:
    paid = (
        select(Allocation.invoice_id, func.sum(Allocation.amount_minor).label("minor"))
        .group_by(Allocation.invoice_id)
        .subquery()
    )
    credited = (
        select(CreditNote.invoice_id, func.sum(CreditNote.amount_minor).label("minor"))
        .group_by(CreditNote.invoice_id)
        .subquery()
    )
    is_paid = func.coalesce(paid.c.minor, 0)
    is_credited = func.coalesce(credited.c.minor, 0)
    total = Invoice.net_minor + Invoice.tax_minor
    found = session.execute(
        select(
            Invoice.company_id,
            Invoice.number,
            Company.name,
            Invoice.currency,
            total,
            Invoice.paid_minor,
            is_paid,
            Invoice.credited_minor,
            is_credited,
        )
        .join(Invoice.company)
        .outerjoin(paid, paid.c.invoice_id == Invoice.id)
        .outerjoin(credited, credited.c.invoice_id == Invoice.id)
        .where(
            (is_paid != Invoice.paid_minor)
            | (is_credited != Invoice.credited_minor)
            | (is_paid + is_credited > total)
        )
        .order_by(Invoice.id)
    )
    sums = session.execute(
        select(
            Invoice.currency, func.sum(Invoice.paid_minor + Invoice.credited_minor), func.count()
        ).group_by(Invoice.currency)
    ).all()
    return Outcome(
        count=sum(count for _, _, count in sums),
        of="invoices",
        sums=by_currency((currency, minor) for currency, minor, _ in sums),
        faults=tuple(
            Fault(
                about=invoice(number, company_id),
                label=f"{number or 'Draft'}, {company}",
                says=f"Of {said(asked, currency)}: paid {said(noted, currency)}, by allocations "
                f"{said(rows, currency)}; credited {said(taken, currency)}, by credit notes "
                f"{said(notes, currency)}.",
            )
            for company_id, number, company, currency, asked, noted, rows, taken, notes in found
        ),
    )


def ledger(session: Session, day: date) -> Outcome:
    """Four ways to say what a company owes, each from other rows."""
    total = Invoice.net_minor + Invoice.tax_minor
    issued = select(Invoice.company_id, Invoice.currency, func.sum(total)).where(
        Invoice.issued_on.is_not(None)
    )
    parts = parts_on(day)
    receivable = total - paid_minor_on(day) - credited_minor_on(day)
    billed = _by_company(session, issued)
    taken = _by_company(
        session,
        select(Invoice.company_id, Invoice.currency, func.sum(CreditNote.amount_minor)).join(
            Invoice, Invoice.id == CreditNote.invoice_id
        ),
    )
    paid = _by_company(
        session,
        select(Invoice.company_id, Invoice.currency, func.sum(Allocation.amount_minor)).join(
            Invoice, Invoice.id == Allocation.invoice_id
        ),
    )
    ways: dict[str, Owed] = {
        "issued less credited less paid": {
            key: billed[key] - taken[key] - paid[key] for key in {*billed, *taken, *paid}
        },
        "open balances": _by_company(
            session,
            select(
                Invoice.company_id,
                Invoice.currency,
                func.sum(total - Invoice.paid_minor - Invoice.credited_minor),
            ).where(Invoice.issued_on.is_not(None)),
        ),
        "receivables": _by_company(
            session,
            select(Invoice.company_id, Invoice.currency, func.sum(receivable)).where(
                Invoice.issued_on <= day
            ),
        ),
        "dues by membership year": _by_company(
            session,
            select(
                parts.c.company_id,
                parts.c.currency,
                func.sum(parts.c.amount - parts.c.paid - parts.c.credited),
            ),
            parts.c.company_id,
            parts.c.currency,
        ),
    }
    first = ways["issued less credited less paid"]
    apart = [
        key
        for key in sorted({key for way in ways.values() for key in way})
        if len({way.get(key, 0) for way in ways.values()}) > 1
    ]
    called = names(session, {"company": {company_id for company_id, _ in apart}})
    return Outcome(
        count=len({company_id for company_id, _ in billed}),
        of="companies that were billed",
        sums=by_currency((currency, minor) for (_, currency), minor in first.items()),
        faults=tuple(
            Fault(
                about=("company", company_id),
                label=called["company", company_id],
                says="; ".join(
                    f"{name} {said(way.get((company_id, currency), 0), currency)}"
                    for name, way in ways.items()
                )
                + ".",
            )
            for company_id, currency in apart
        ),
    )


def money_in(session: Session, day: date) -> Outcome:
    """Refunds count as the rows of refunds say, not as the payments do."""
    standing = Payment.struck_on.is_(None)
    its = (Payment.company_id, Payment.currency)
    came = _by_company(session, select(*its, func.sum(Payment.amount_minor)).where(standing), *its)
    left = _by_company(
        session,
        select(*its, func.sum(Payment.amount_minor - Payment.allocated_minor)).where(standing),
        *its,
    )
    used = _by_company(
        session,
        select(*its, func.sum(Allocation.amount_minor))
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Allocation.invoice_id.is_not(None)),
        *its,
    )
    back = _by_company(
        session,
        select(Refund.company_id, Refund.currency, func.sum(Refund.amount_minor)),
        Refund.company_id,
        Refund.currency,
    )
    apart = [
        key
        for key in sorted({*came, *left, *used, *back})
        if came[key] != used[key] + back[key] + left[key]
    ]
    called = names(session, {"company": {company_id for company_id, _ in apart}})
    return Outcome(
        count=session.scalar(select(func.count(Payment.id)).where(standing)) or 0,
        of="payments that stand",
        sums=by_currency((currency, minor) for (_, currency), minor in came.items()),
        faults=tuple(
            Fault(
                about=("company", company_id),
                label=called["company", company_id],
                says=f"{said(came[key], key[1])} came in; {said(used[key], key[1])} is allocated, "
                f"{said(back[key], key[1])} refunded, {said(left[key], key[1])} left.",
            )
            for key in apart
            for company_id in key[:1]
        ),
    )


def _by_company(session: Session, asked: Any, *by: Any) -> defaultdict[tuple[int, str], int]:
    grouped = asked.group_by(*(by or (Invoice.company_id, Invoice.currency)))
    found: defaultdict[tuple[int, str], int] = defaultdict(int)
    for company_id, currency, minor in session.execute(grouped):
        found[company_id, currency] = int(minor)
    return found


CHECKS = (
    Check(
        name="Payments",
        proves="What is used of each payment is the sum of its allocations.",
        look=allocations,
    ),
    Check(
        name="Settled",
        proves="What is paid and credited of each invoice is the sum of its allocations and credit "
        "notes, and never more than it asks for.",
        look=settled,
    ),
    Check(
        name="Ledger",
        proves="Issued less credited less paid is the open balances, the receivables by company "
        "and currency, and what is open by membership year.",
        look=ledger,
    ),
    Check(
        name="Money in",
        proves="What came in is allocated, refunded, or left as a company’s credit.",
        look=money_in,
    ),
)
