"""Reads of schedules, invoices and payments. What is owed is told for a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from crm.invoices.instalment_models import Instalment, InstalmentReversal, InstalmentShare
from crm.invoices.models import BillingProfile, CreditNote, Invoice, InvoiceLine, Reminder
from crm.invoices.payment_models import Allocation, Payment, Refund
from crm.kit.errors import NotFound
from crm.kit.money import Money


@dataclass(frozen=True, kw_only=True)
class Due:
    """An instalment with all that happened to it. `shares`: amount by membership year."""

    id: int
    number: int
    due_on: date
    amount: Money
    shares: dict[int, int] = field(default_factory=dict)
    reversed_on: date | None = None
    reason: str | None = None
    invoice_id: int | None = None
    invoice_number: str | None = None

    @property
    def billed(self) -> bool:
        return self.invoice_id is not None

    @property
    def years(self) -> list[int]:
        return sorted(self.shares)


def of_membership(session: Session, membership_id: int) -> Sequence[Instalment]:
    """Every instalment ever posted for a term, in its order, reversed ones too."""
    found = select(Instalment).where(Instalment.membership_id == membership_id)
    return session.scalars(found.order_by(Instalment.number)).all()


def schedule_of(session: Session, membership_id: int) -> list[Due]:
    """A term's dues by day, reversed ones too, with the invoice that bills each."""
    shares: dict[int, dict[int, int]] = defaultdict(dict)
    for instalment_id, year, minor in session.execute(
        select(InstalmentShare.instalment_id, InstalmentShare.year, InstalmentShare.amount_minor)
        .join(Instalment, Instalment.id == InstalmentShare.instalment_id)
        .where(Instalment.membership_id == membership_id)
    ):
        shares[instalment_id][year] = minor
    rows = session.execute(
        select(
            Instalment,
            InstalmentReversal.reversed_on,
            InstalmentReversal.reason,
            Invoice.id,
            Invoice.number,
        )
        .outerjoin(InstalmentReversal, InstalmentReversal.id == Instalment.id)
        .outerjoin(
            InvoiceLine,
            and_(InvoiceLine.instalment_id == Instalment.id, InvoiceLine.released.is_(False)),
        )
        .outerjoin(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(Instalment.membership_id == membership_id)
        .order_by(Instalment.due_on, Instalment.number)
    )
    return [
        Due(
            id=instalment.id,
            number=instalment.number,
            due_on=instalment.due_on,
            amount=instalment.amount,
            shares=shares[instalment.id],
            reversed_on=reversed_on,
            reason=reason,
            invoice_id=invoice_id,
            invoice_number=number,
        )
        for instalment, reversed_on, reason, invoice_id, number in rows
    ]


def stands() -> ColumnElement[bool]:
    """The enclosing `Instalment` was not reversed."""
    return ~exists().where(InstalmentReversal.id == Instalment.id).correlate(Instalment)


def is_billed() -> ColumnElement[bool]:
    """The enclosing `Instalment` is on an invoice that was not voided."""
    return (
        exists()
        .where(InvoiceLine.instalment_id == Instalment.id, InvoiceLine.released.is_(False))
        .correlate(Instalment)
    )


def get(session: Session, invoice_id: int) -> Invoice:
    """An invoice with its lines, company and term. Raises `NotFound`."""
    return _one(session, Invoice.id == invoice_id)


def numbered(session: Session, number: str) -> Invoice:
    """An issued invoice by its number. Raises `NotFound`."""
    return _one(session, Invoice.number == number)


def _one(session: Session, which: ColumnElement[bool]) -> Invoice:
    found = session.scalars(
        select(Invoice)
        .where(which)
        .options(
            joinedload(Invoice.company),
            joinedload(Invoice.membership),
            selectinload(Invoice.lines),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such invoice.")
    return found


def get_payment(session: Session, payment_id: int) -> Payment:
    found = session.get(Payment, payment_id, options=[joinedload(Payment.company)])
    if found is None:
        raise NotFound("There is no such payment.")
    return found


def profile_of(session: Session, company_id: int) -> BillingProfile | None:
    return session.get(BillingProfile, company_id)


def credits_of(session: Session, invoice_id: int) -> Sequence[CreditNote]:
    found = select(CreditNote).where(CreditNote.invoice_id == invoice_id)
    return session.scalars(found.order_by(CreditNote.id)).all()


def credit_numbered(session: Session, number: str) -> CreditNote:
    """With its invoice. Raises `NotFound`."""
    found = session.scalars(
        select(CreditNote)
        .where(CreditNote.number == number)
        .options(joinedload(CreditNote.invoice))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such credit note.")
    return found


def reminders_of(session: Session, invoice_id: int) -> Sequence[Reminder]:
    found = select(Reminder).where(Reminder.invoice_id == invoice_id)
    return session.scalars(found.order_by(Reminder.step)).all()


def allocations_of(session: Session, invoice_id: int) -> Sequence[tuple[Allocation, Payment]]:
    """What settled an invoice, in order, with the payments."""
    found = (
        select(Allocation, Payment)
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Allocation.invoice_id == invoice_id)
        .order_by(Allocation.allocated_on, Allocation.id)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def uses_of(session: Session, payment_id: int) -> Sequence[tuple[Allocation, str | None]]:
    """What was done with a payment, in order: the number of the invoice, None for a refund."""
    found = (
        select(Allocation, Invoice.number)
        .outerjoin(Invoice, Invoice.id == Allocation.invoice_id)
        .where(Allocation.payment_id == payment_id)
        .order_by(Allocation.allocated_on, Allocation.id)
    )
    return [(row[0], row[1]) for row in session.execute(found)]


def refunds_of(session: Session, company_id: int) -> Sequence[Refund]:
    found = select(Refund).where(Refund.company_id == company_id)
    return session.scalars(found.order_by(Refund.refunded_on.desc(), Refund.id.desc())).all()


def paid_minor_on(day: date) -> ColumnElement[int]:
    """What payments had settled of the enclosing `Invoice` by a day."""
    return func.coalesce(
        select(func.sum(Allocation.amount_minor))
        .where(Allocation.invoice_id == Invoice.id, Allocation.allocated_on <= day)
        .correlate(Invoice)
        .scalar_subquery(),
        0,
    )


def credited_minor_on(day: date) -> ColumnElement[int]:
    """What credit notes had taken back of the enclosing `Invoice` by a day."""
    return func.coalesce(
        select(func.sum(CreditNote.amount_minor))
        .where(CreditNote.invoice_id == Invoice.id, CreditNote.issued_on <= day)
        .correlate(Invoice)
        .scalar_subquery(),
        0,
    )


def credit_of(session: Session, company_id: int) -> dict[str, Money]:
    """What a company has paid and not used, by currency; an empty dict if nothing."""
    left = func.sum(Payment.amount_minor - Payment.allocated_minor)
    found = session.execute(
        select(Payment.currency, left)
        .where(Payment.company_id == company_id, Payment.struck_on.is_(None))
        .group_by(Payment.currency)
    )
    return {currency: Money(int(minor), currency) for currency, minor in found if minor}


def payments_with_credit(
    session: Session, company_id: int, currency: str | None = None
) -> Sequence[Payment]:
    """Payments of which something is left, the oldest first."""
    found = select(Payment).where(
        Payment.company_id == company_id,
        Payment.struck_on.is_(None),
        Payment.allocated_minor < Payment.amount_minor,
    )
    if currency is not None:
        found = found.where(Payment.currency == currency)
    return session.scalars(found.order_by(Payment.received_on, Payment.id)).all()


def open_invoices(
    session: Session, company_id: int, currency: str | None = None
) -> Sequence[Invoice]:
    """Issued and not settled, the earliest due first."""
    found = select(Invoice).where(
        Invoice.company_id == company_id,
        Invoice.issued_on.is_not(None),
        Invoice.paid_minor + Invoice.credited_minor < Invoice.net_minor + Invoice.tax_minor,
    )
    if currency is not None:
        found = found.where(Invoice.currency == currency)
    return session.scalars(found.order_by(Invoice.due_on, Invoice.id)).all()


def overdue_companies(session: Session, company_ids: Collection[int], day: date) -> set[int]:
    """Those of these companies that owe something due before the day: not in good standing."""
    owed = Invoice.net_minor + Invoice.tax_minor - paid_minor_on(day) - credited_minor_on(day)
    found = select(Invoice.company_id).where(
        Invoice.company_id.in_(company_ids),
        Invoice.issued_on <= day,
        Invoice.due_on < day,
        owed > 0,
    )
    return set(session.scalars(found.distinct()))
