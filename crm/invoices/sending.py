"""Sending what is issued: to the company's billing contact, or to the finance office."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.invoices import letters, queries
from crm.invoices.letters import Sender
from crm.invoices.models import Invoice
from crm.invoices.rules import InvoicingWay
from crm.invoices.settings import DuesSettings
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.mail import operations as mail


class NotSendable(RuleBroken):
    """This cannot be sent, or nobody knows where to."""


def address_of(session: Session, invoice: Invoice, told: DuesSettings) -> str:
    """Where it would go; "" if nobody knows. A company's present address is the better one."""
    if invoice.way is InvoicingWay.CENTRAL:
        return told.finance_email
    profile = queries.profile_of(session, invoice.company_id)
    return (profile.email if profile else None) or invoice.bill_to_email or ""


def send(
    session: Session,
    invoice: Invoice,
    pdf: bytes,
    *,
    sender: Sender,
    told: DuesSettings,
    by: Actor,
    now: datetime,
    today: date,
) -> str:
    """Post the letter with the PDF and say when; returns where to. Raises `NotSendable`."""
    if invoice.issued_on is None:
        raise NotSendable("A draft is not sent. Issue it first.")
    if invoice.balance.minor <= 0:
        raise NotSendable("Nothing of it is owed any more: there is nothing to ask for.")
    to = address_of(session, invoice, told)
    if not to:
        raise NotSendable(
            "Nobody knows where to send it. Enter the e-mail address in the company's billing "
            "profile first."
            if invoice.way is InvoicingWay.OWN
            else "Nobody knows where to send it. The programme's file names no finance office."
        )
    letter = letters.bill(invoice, pdf, to=to, sender=sender, by=by.name, on=today)
    if mail.post(session, letter, now=now) is None:
        raise NotSendable(f"It was sent to {to} today already.")
    invoice.sent_on = today
    session.flush()
    journal.note(
        session, "sent", kind="invoice", record_id=invoice.id,
        parent=("company", invoice.company_id), by=by, now=now,
    )  # fmt: skip
    return to
