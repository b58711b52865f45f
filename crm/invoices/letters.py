"""The letters that invoices, billing requests and reminders go out with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.invoices.lateness import tone_of
from crm.invoices.models import Invoice
from crm.invoices.rules import InvoicingWay
from crm.kit.money import Money, grouped
from crm.kit.periods import in_words
from crm.mail.letters import Attachment, Letter


@dataclass(frozen=True, kw_only=True)
class Sender:
    """In whose name letters go out, and where answers go."""

    programme: str
    contact: str


def bill(invoice: Invoice, pdf: bytes, *, to: str, sender: Sender, by: str, on: date) -> Letter:
    """One such letter a day to an address: who presses the button twice sends one."""
    number = invoice.number or ""
    return Letter(
        name="billing-request" if invoice.way is InvoicingWay.CENTRAL else "invoice",
        to=to,
        facts={
            "number": number,
            "programme": sender.programme,
            "company": invoice.bill_to_name,
            "po_number": invoice.po_number or "",
            "total": f"{invoice.currency} {grouped(invoice.total)}",
            "due": in_words(invoice.due_on),
            "by": by,
        },
        reply_to=sender.contact or None,
        about=("invoice", invoice.id),
        dedupe_key=f"invoice {invoice.id} {on.isoformat()} {to}"[:200],
        attachments=(
            Attachment(file_name=f"{number}.pdf", media_type="application/pdf", content=pdf),
        ),
    )


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """What a reminder says of its invoice."""

    invoice_id: int
    number: str
    finance_number: str | None
    bill_to: str
    po_number: str | None
    issued_on: date
    due_on: date
    total: Money
    balance: Money


@dataclass(frozen=True, kw_only=True)
class Writer:
    """In whose name a reminder goes out, and what it asks the company to do."""

    programme: str
    contact: str
    remit_to: str


def reminder(
    invoice: Overdue, *, step: int, steps: int, to: str, writer: Writer, today: date
) -> Letter:
    """Polite at first, firm at last. One for each step: the key keeps a second one out."""
    return Letter(
        name="reminder",
        to=to,
        facts={
            "tone": tone_of(step, steps).value,
            "number": invoice.finance_number or invoice.number,
            "request": invoice.number if invoice.finance_number else "",
            "bill_to": invoice.bill_to,
            "po_number": invoice.po_number or "",
            "issued_on": in_words(invoice.issued_on),
            "due_on": in_words(invoice.due_on),
            "days": (today - invoice.due_on).days,
            "total": _sum(invoice.total),
            "balance": _sum(invoice.balance),
            "settled": invoice.total != invoice.balance,
            "programme": writer.programme,
            "contact": writer.contact,
            "remit_to": writer.remit_to.strip(),
        },
        reply_to=writer.contact or None,
        about=("invoice", invoice.invoice_id),
        dedupe_key=f"reminder:{invoice.invoice_id}:{step}",
    )


def _sum(money: Money) -> str:
    """`USD 250,000.00`"""
    return f"{money.currency} {money.decimal:,f}"
