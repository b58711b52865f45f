"""What is owed on a day, invoice by invoice, and what is left of payments: for who asks for all of
them at once."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    Subquery,
    case,
    cast,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from crm.invoices.instalment_models import Instalment, InstalmentReversal
from crm.invoices.lateness import AGE_ENDS, Age
from crm.invoices.models import CreditNote, Invoice, InvoiceLine
from crm.invoices.payment_models import Allocation, Payment
from crm.invoices.rules import CreditKind


def is_open() -> ColumnElement[bool]:
    """Something of the enclosing `Invoice` is owed by what is known now: as its index has it."""
    return Invoice.paid_minor + Invoice.credited_minor < Invoice.net_minor + Invoice.tax_minor


@lru_cache(maxsize=64)
def owed_on(day: date) -> Subquery:
    """The invoices of which something was owed on a day: `id`, `company_id`, `currency`, `due_on`,
    `balance_minor` and `age`.

    `queries.paid_minor_on` and `credited_minor_on` say the same of one invoice; asked of all of
    them, it is quicker to begin with what is open now and to put back what was settled later.
    """
    now = select(
        Invoice.id.label("invoice_id"),
        (Invoice.net_minor + Invoice.tax_minor - Invoice.paid_minor - Invoice.credited_minor).label(
            "minor"
        ),
    ).where(Invoice.issued_on <= day, is_open())
    paid_later = select(Allocation.invoice_id, Allocation.amount_minor).where(
        Allocation.allocated_on > day, Allocation.invoice_id.is_not(None)
    )
    credited_later = select(CreditNote.invoice_id, CreditNote.amount_minor).where(
        CreditNote.issued_on > day
    )
    parts = union_all(now, paid_later, credited_later).subquery("parts")
    total = cast(func.sum(parts.c.minor), BigInteger)
    sums = (
        select(parts.c.invoice_id, total.label("minor"))
        .group_by(parts.c.invoice_id)
        .having(total > 0)
        .subquery("sums")
    )
    return (
        select(
            Invoice.id,
            Invoice.company_id,
            Invoice.currency,
            Invoice.due_on,
            sums.c.minor.label("balance_minor"),
            age_on(day).label("age"),
        )
        .join(sums, sums.c.invoice_id == Invoice.id)
        .where(Invoice.issued_on <= day)
        .subquery("owed")
    )


@lru_cache(maxsize=64)
def credit_on(day: date) -> Subquery:
    """What of payments nothing had used on a day: `company_id`, `currency` and `minor`, above zero.

    As `owed_on` does, it begins with what is left now, or came in before it was struck later, and
    puts back what was used later.
    """
    came_in = Payment.received_on <= day
    now = select(
        Payment.id.label("payment_id"),
        (Payment.amount_minor - Payment.allocated_minor).label("minor"),
    ).where(
        came_in,
        or_(Payment.struck_on.is_(None), Payment.struck_on > day),
        Payment.allocated_minor < Payment.amount_minor,
    )
    used_later = select(Allocation.payment_id, Allocation.amount_minor).where(
        Allocation.allocated_on > day
    )
    parts = union_all(now, used_later).subquery("credit_parts")
    total = cast(func.sum(parts.c.minor), BigInteger)
    return (
        select(Payment.company_id, Payment.currency, total.label("minor"))
        .join(parts, parts.c.payment_id == Payment.id)
        .where(came_in)
        .group_by(Payment.company_id, Payment.currency)
        .having(total > 0)
        .subquery("credit")
    )


def age_on(day: date) -> ColumnElement[str]:
    """The SQL twin of `lateness.age_on` for the enclosing `Invoice`."""
    words = {age: literal_column(f"'{age.value}'", String) for age in Age}
    reached = [(Invoice.due_on >= day - timedelta(days=end), words[age]) for age, end in AGE_ENDS]
    return case(*reached, else_=words[Age.OVER_90])


@lru_cache(maxsize=64)
def unbilled_on(day: date, ends_before: date) -> Subquery:
    """Every instalment due before `ends_before` that counted on a day and was on no invoice issued
    by then: `id`, `membership_id`, `due_on`, `currency`, `amount_minor`.

    A hundred thousand of them are asked for their invoice in the order of their ids, in which both
    lie on the disk; by due day (hence the `coalesce`, which no index answers) SQLite takes four
    times as long.
    """
    due = (
        select(
            Instalment.id,
            Instalment.membership_id,
            Instalment.due_on,
            Instalment.currency,
            Instalment.amount_minor,
        )
        .where(func.coalesce(Instalment.due_on, ends_before) < ends_before)
        .order_by(Instalment.id)
        .subquery("due")
    )
    billed = (
        exists()
        .where(InvoiceLine.instalment_id == due.c.id, InvoiceLine.released.is_(False))
        .where(Invoice.id == InvoiceLine.invoice_id, Invoice.issued_on <= day)
    )
    voided_later = (
        exists()
        .where(InvoiceLine.instalment_id == due.c.id, InvoiceLine.released.is_(True))
        .where(Invoice.id == InvoiceLine.invoice_id, Invoice.issued_on <= day)
        .where(CreditNote.invoice_id == InvoiceLine.invoice_id, CreditNote.issued_on > day)
        .where(CreditNote.kind == CreditKind.VOID)
    )
    reversed_by = exists().where(
        InstalmentReversal.id == due.c.id, InstalmentReversal.reversed_on <= day
    )
    return select(due).where(~billed, ~voided_later, ~reversed_by).subquery("unbilled")
