"""Money that comes in, what it settles, and what is given back.

Who takes rows takes payments first and invoices after, each by id, so that two never wait for
each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices import rules
from crm.invoices.models import Invoice
from crm.invoices.payment_models import Allocation, Payment, Refund
from crm.invoices.rules import InvoicingWay
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.money import Money, told
from crm.kit.periods import in_words


class UnfitPayment(RuleBroken):
    """The payment as written cannot be."""


class SameHands(RuleBroken):
    """Whoever issues an invoice may not record its payment."""


def receive(
    session: Session,
    company_id: int,
    amount: Money,
    *,
    received_on: date,
    reference: str | None,
    settles: Mapping[int, Money],
    by: Actor,
    now: datetime,
    today: date,
    bank_import_id: int | None = None,
    bank_reference: str | None = None,
) -> Payment:
    """Record a payment and what of it settles which invoice; the rest is the company's credit.

    Raises `UnfitPayment` or `SameHands` before anything is written.
    """
    if session.get(Company, company_id) is None:
        raise UnfitPayment("Choose the company from the list.", field="company")
    if amount.minor <= 0:
        raise UnfitPayment("Write an amount above zero.", field="amount")
    if received_on > today:
        raise UnfitPayment(
            "A payment is recorded when it is in: choose today or earlier.", field="received_on"
        )
    total = sum((part.minor for part in settles.values()), 0)
    if total > amount.minor:
        raise UnfitPayment(
            f"{told(Money(total, amount.currency))} is allocated, more than came in. Lower below"
            " what of this payment settles which invoice, or let it be proposed anew.",
            field="amount",
        )
    invoices = {invoice_id: _invoice(session, invoice_id) for invoice_id in sorted(settles)}
    for invoice_id, part in settles.items():
        _refuse(invoices[invoice_id], company_id, part, by=by)
        if part.currency != amount.currency:
            raise UnfitPayment(f"The payment came in {amount.currency}.", field="amount")
    payment = Payment(
        company_id=company_id,
        received_on=received_on,
        amount_minor=amount.minor,
        currency=amount.currency,
        reference=reference,
        bank_import_id=bank_import_id,
        bank_reference=bank_reference,
        recorded_by_id=by.id,
        by_name=by.name,
        created_at=now,
    )
    session.add(payment)
    session.flush()
    for invoice_id, invoice in invoices.items():
        since = max(received_on, invoice.issued_on or received_on)
        _allocation(session, payment, invoice, settles[invoice_id].minor, on=since, by=by)
    return payment


def allocate(
    session: Session, payment: Payment, invoice_id: int, amount: Money, *, by: Actor, today: date
) -> Allocation:
    """Use what is left of a payment for an invoice, from today on. Raises `UnfitPayment`."""
    lock(session, payment)
    invoice = _invoice(session, invoice_id)
    _refuse(invoice, payment.company_id, amount, by=by)
    assert invoice.issued_on is not None  # a draft was refused
    for happened, on in (
        ("The payment came in", payment.received_on),
        ("The invoice was issued", invoice.issued_on),
    ):
        if today < on:
            raise UnfitPayment(f"{happened} on {in_words(on)}: it settles nothing before that.")
    if payment.currency != amount.currency or amount.minor > payment.credit.minor:
        raise UnfitPayment("So much is not left of this payment.", field="amount")
    return _allocation(session, payment, invoice, amount.minor, on=today, by=by)


def take_back(
    session: Session, payment: Payment, invoice_id: int, *, by: Actor, today: date
) -> Allocation:
    """Undo what a payment settles of an invoice, from today on: it is credit again."""
    lock(session, payment)
    invoice = _invoice(session, invoice_id)
    settled = _settled(session, payment)[invoice_id]
    if settled <= 0:
        raise UnfitPayment("This payment settles nothing of that invoice.")
    return _allocation(session, payment, invoice, -settled, on=today, by=by)


def strike(
    session: Session, payment: Payment, *, reason: str, by: Actor, now: datetime, today: date
) -> None:
    """The payment was recorded by mistake, or bounced: what it settled is owed again.

    Raises `UnfitPayment` where some of it was given back already.
    """
    lock(session, payment)
    if payment.struck_on is not None:
        raise UnfitPayment(f"It was struck on {in_words(payment.struck_on)} already.")
    settled = _settled(session, payment)
    given_back = sum(
        session.scalars(
            select(Allocation.amount_minor).where(
                Allocation.payment_id == payment.id, Allocation.refund_id.is_not(None)
            )
        )
    )
    if given_back:
        raise UnfitPayment("Some of it was refunded: it did come in, and cannot be struck.")
    for invoice_id, minor in sorted(settled.items()):
        if minor:
            _allocation(session, payment, _invoice(session, invoice_id), -minor, on=today, by=by)
    payment.struck_on, payment.struck_reason = today, reason
    session.flush()
    journal.note(
        session, "struck", kind="payment", record_id=payment.id,
        parent=("company", payment.company_id), by=by, now=now,
    )  # fmt: skip


def refund(
    session: Session,
    company_id: int,
    amount: Money,
    *,
    on: date,
    reason: str,
    reference: str | None,
    by: Actor,
    today: date,
) -> Refund:
    """Give back out of a company's credit, the oldest payments first.

    Only what was its credit on that day and ever since. Raises `UnfitPayment`.
    """
    if amount.minor <= 0:
        raise UnfitPayment("Write an amount above zero.", field="amount")
    if on > today:
        raise UnfitPayment(
            "Record it when it has been paid: today or earlier.", field="refunded_on"
        )
    payments = session.scalars(
        select(Payment)
        .where(
            Payment.company_id == company_id,
            Payment.currency == amount.currency,
            Payment.struck_on.is_(None),
            Payment.allocated_minor < Payment.amount_minor,
        )
        .order_by(Payment.id)
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    ).all()
    free = _free_since(session, payments, on)
    available = sum(free.values())
    if amount.minor > available:
        is_ = "is" if on == today else "was"
        when = "The" if on == today else f"On {in_words(on)} the"
        raise UnfitPayment(
            f"{when} company's credit {is_} {told(Money(available, amount.currency))}.",
            field="amount",
        )
    given = Refund(
        company_id=company_id,
        refunded_on=on,
        amount_minor=amount.minor,
        currency=amount.currency,
        reference=reference,
        reason=reason,
        by_name=by.name,
    )
    session.add(given)
    session.flush()
    left = amount.minor
    for payment in payments:
        part = min(left, free[payment.id])
        if not part:
            continue
        payment.allocated_minor += part
        session.add(
            Allocation(
                payment_id=payment.id,
                refund_id=given.id,
                amount_minor=part,
                allocated_on=on,
                by_name=by.name,
            )
        )
        left -= part
    session.flush()
    return given


def spread(amount: Money, invoices: Sequence[Invoice]) -> dict[int, Money]:
    """What an amount settles of these invoices, the first ones first: a proposal, never done
    by itself."""
    left, parts = amount.minor, {}
    for invoice in invoices:
        part = min(left, invoice.balance.minor)
        if part > 0:
            parts[invoice.id] = Money(part, amount.currency)
            left -= part
    return parts


def _refuse(invoice: Invoice, company_id: int, amount: Money, *, by: Actor) -> None:
    """Raise `UnfitPayment` or `SameHands` if so much of the invoice cannot be settled."""
    if invoice.company_id != company_id:
        raise UnfitPayment("This invoice is another company's.")
    if invoice.issued_on is None:
        raise UnfitPayment("This invoice is a draft: issue it first.")
    if amount.currency != invoice.currency:
        raise UnfitPayment(f"Invoice {invoice.number} is in {invoice.currency}.")
    if amount.minor <= 0:
        raise UnfitPayment("Write an amount above zero.", field="amount")
    if amount.minor > invoice.balance.minor:
        raise UnfitPayment(
            f"Of invoice {invoice.number} only {told(invoice.balance)} is "
            "still owed. What is over stays as the company's credit.",
            field="amount",
        )
    if invoice.way is InvoicingWay.OWN and by.id is not None and by.id == invoice.issued_by_id:
        raise SameHands(f"You issued invoice {invoice.number}: somebody else records its payment.")


def _allocation(
    session: Session, payment: Payment, invoice: Invoice, minor: int, *, on: date, by: Actor
) -> Allocation:
    payment.allocated_minor += minor
    invoice.paid_minor += minor
    allocation = Allocation(
        payment_id=payment.id,
        invoice_id=invoice.id,
        amount_minor=minor,
        allocated_on=on,
        by_name=by.name,
    )
    session.add(allocation)
    session.flush()
    return allocation


def _free_since(session: Session, payments: Sequence[Payment], on: date) -> dict[int, int]:
    """What of each payment nothing has used on a day or at any time since, in minor units."""
    moves: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for payment_id, day, minor in session.execute(
        select(Allocation.payment_id, Allocation.allocated_on, Allocation.amount_minor).where(
            Allocation.payment_id.in_([payment.id for payment in payments])
        )
    ):
        moves[payment_id].append((day, minor))
    return {
        payment.id: rules.free_since(
            on, payment.received_on, payment.amount_minor, moves[payment.id]
        )
        for payment in payments
    }


def _settled(session: Session, payment: Payment) -> dict[int, int]:
    """What a payment settles of each invoice, in minor units."""
    found: dict[int, int] = defaultdict(int)
    for invoice_id, minor in session.execute(
        select(Allocation.invoice_id, Allocation.amount_minor).where(
            Allocation.payment_id == payment.id, Allocation.invoice_id.is_not(None)
        )
    ):
        assert invoice_id is not None  # the others were left out
        found[invoice_id] += minor
    return found


def _invoice(session: Session, invoice_id: int) -> Invoice:
    found = session.get(Invoice, invoice_id)
    if found is None:
        raise NotFound("There is no such invoice.")
    lock(session, found)
    return found
