"""The letter that an invoice, or a billing request, is attached to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.invoices.models import Invoice
from crm.invoices.rules import InvoicingWay
from crm.kit.money import grouped
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
