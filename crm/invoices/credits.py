"""Taking back what was issued: a credit note for a part, for all of it, or for a bad debt."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from crm.invoices import billing, schedules
from crm.invoices.models import CreditNote, Invoice, InvoiceLine
from crm.invoices.rules import CreditKind
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken
from crm.kit.money import Money, told
from crm.kit.periods import in_words


class NotCreditable(RuleBroken):
    """So much of this invoice cannot be taken back."""


def credit(
    session: Session,
    invoice: Invoice,
    amount: Money,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> CreditNote:
    """A credit note for a part of what is still owed. Raises `NotCreditable`."""
    return _take(session, invoice, amount, CreditKind.CREDIT, reason, by, now, today)


def void(
    session: Session, invoice: Invoice, *, reason: str, by: Actor, now: datetime, today: date
) -> CreditNote:
    """A credit note for the whole invoice: its instalments can be billed again, or go where the
    term ended before their day.

    Raises `NotCreditable` while a payment or another credit stands against it.
    """
    lock(session, invoice)
    if invoice.paid_minor or invoice.credited_minor:
        raise NotCreditable(
            "Something of it is paid or credited. Take the payment back first, or credit the rest."
        )
    taken = _take(session, invoice, invoice.total, CreditKind.VOID, reason, by, now, today)
    session.execute(
        update(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id).values(released=True)
    )
    session.expire(invoice, ["lines"])
    if invoice.membership_id is not None:
        schedules.release_freed_dues(session, invoice.membership_id, by=by, today=today)
    return taken


def write_off(
    session: Session, invoice: Invoice, *, reason: str, by: Actor, now: datetime, today: date
) -> CreditNote:
    """Give up what is still owed of it. Raises `NotCreditable` if nothing is."""
    lock(session, invoice)
    return _take(session, invoice, invoice.balance, CreditKind.WRITE_OFF, reason, by, now, today)


def _take(
    session: Session,
    invoice: Invoice,
    amount: Money,
    kind: CreditKind,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> CreditNote:
    lock(session, invoice)
    if invoice.issued_on is None:
        raise NotCreditable("A draft is discarded, not credited.")
    if today < invoice.issued_on:
        raise NotCreditable(
            f"It was issued on {in_words(invoice.issued_on)}: nothing is taken back before that."
        )
    if amount.currency != invoice.currency:
        raise NotCreditable(f"This invoice is in {invoice.currency}.", field="amount")
    if amount.minor <= 0 or amount.minor > invoice.balance.minor:
        raise NotCreditable(
            f"Of this invoice {told(invoice.balance)} is still owed: credit "
            "no more than that. What is paid already is refunded out of the company's credit, "
            "once the payment is taken back.",
            field="amount",
        )
    note = CreditNote(
        number=billing.next_number(session, billing.CREDITS, today.year),
        invoice_id=invoice.id,
        kind=kind,
        amount_minor=amount.minor,
        reason=reason,
        issued_on=today,
        by_name=by.name,
    )
    session.add(note)
    invoice.credited_minor += amount.minor
    session.flush()
    acts = {
        CreditKind.CREDIT: "credited",
        CreditKind.VOID: "voided",
        CreditKind.WRITE_OFF: "written off",
    }
    journal.note(
        session, acts[kind], kind="invoice", record_id=invoice.id,
        parent=("company", invoice.company_id), by=by, now=now,
    )  # fmt: skip
    return note
