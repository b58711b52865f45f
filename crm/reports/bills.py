"""Invoices, billing requests and credit notes as papers, in the words of their readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.invoices import queries
from crm.invoices import settings as dues
from crm.invoices.models import CreditNote, Invoice
from crm.invoices.rules import CreditKind, InvoicingWay
from crm.invoices.settings import DuesSettings
from crm.kit.money import Money, grouped
from crm.programme.models import Programme
from crm.reports import paper
from crm.reports.files import shown

Pairs = list[tuple[str, str]]
CREDITS = {
    CreditKind.CREDIT: "Credit",
    CreditKind.VOID: "Void",
    CreditKind.WRITE_OFF: "Written off",
}


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """In whose name, and how the programme bills."""

    programme: str
    alliance: str
    university: str
    contact: str
    told: DuesSettings

    @property
    def address(self) -> str:
        return "\n".join(part for part in (self.alliance, self.university, self.contact) if part)


def letterhead(session: Session) -> Letterhead:
    row = session.execute(select(Programme.name, Programme.facts)).first()
    facts = row.facts if row else {}
    return Letterhead(
        programme=row.name if row else "Alliance CRM",
        alliance=facts.get("alliance", ""),
        university=facts.get("university", ""),
        contact=facts.get("contact", ""),
        told=dues.of_facts(facts),
    )


def invoice_paper(session: Session, head: Letterhead, invoice: Invoice) -> dict[str, Any]:
    """What is printed of an invoice, or of a request to the finance office to write it."""
    central = invoice.way is InvoicingWay.CENTRAL
    title = "Billing request" if central else "Invoice"
    profile = queries.profile_of(session, invoice.company_id)
    facts: Pairs = [
        ("Number", invoice.number or "Draft"),
        ("Date", _day(invoice.issued_on)),
        ("Due", _day(invoice.due_on)),
        ("Purchase order", invoice.po_number or ""),
        ("Their tax number" if central else "Your tax number", _tax_number(profile)),
    ]
    notes: Pairs = []
    if central:
        notes.append(("Please invoice", _bill_to(invoice)))
    else:
        notes.append(("Remit to", head.told.remit_to.strip()))
    notes.append(("Note", invoice.note or ""))
    return {
        **_common(head, title, invoice.number or "draft"),
        **_to(head, invoice),
        "facts": [pair for pair in facts if pair[1]],
        "line_label": "Description",
        "amount_label": f"Amount ({invoice.currency})",
        "lines": [
            (line.description, grouped(Money(line.amount_minor, invoice.currency)))
            for line in invoice.lines
        ],
        "sums": [
            ("Subtotal", grouped(Money(invoice.net_minor, invoice.currency))),
            (
                f"{head.told.tax_name} ({percent(invoice.tax_basis_points)} %)",
                grouped(Money(invoice.tax_minor, invoice.currency)),
            ),
        ],
        "total": (
            f"{'Amount to invoice' if central else 'Amount due'} ({invoice.currency})",
            grouped(invoice.total),
        ),
        "notes": [pair for pair in notes if pair[1]],
    }


def credit_paper(head: Letterhead, invoice: Invoice, note: CreditNote) -> dict[str, Any]:
    """A credit note on our own invoice; to the finance office, a request to write one."""
    central = invoice.way is InvoicingWay.CENTRAL
    amount = Money(note.amount_minor, invoice.currency)
    of = "Billing request" if central else "Invoice"
    facts: Pairs = [
        ("Number", note.number),
        ("Date", _day(note.issued_on)),
        (of, invoice.number or ""),
        (f"{of} of", _day(invoice.issued_on)),
        ("Invoice of finance", invoice.finance_number or ""),
    ]
    return {
        **_common(head, "Credit request" if central else "Credit note", note.number),
        **_to(head, invoice),
        "facts": [pair for pair in facts if pair[1]],
        "line_label": "Description",
        "amount_label": f"Amount ({invoice.currency})",
        "lines": [(f"{CREDITS[note.kind]}: {note.reason}", grouped(amount))],
        "sums": [],
        "total": (f"Credited ({invoice.currency})", grouped(amount)),
        "notes": [("Please credit", _bill_to(invoice))] if central else [],
    }


def typeset(papers: Sequence[dict[str, Any]]) -> list[bytes]:
    """A PDF of each, set by one process however many."""
    return paper.typeset("bill", papers)


def percent(basis_points: int) -> str:
    """825 hundredths of a percent as `8.25`."""
    return f"{(Decimal(basis_points) / 100).normalize():f}"


def _common(head: Letterhead, title: str, number: str) -> dict[str, Any]:
    return {
        "programme": head.programme,
        "address": head.address,
        "title": title,
        "number": number,
        "foot": f"{head.programme} · {title} {number}",
    }


def _to(head: Letterhead, invoice: Invoice) -> dict[str, Any]:
    if invoice.way is InvoicingWay.CENTRAL:
        name, address, label = head.told.finance_office, head.told.finance_email, "To"
    else:
        name, address, label = invoice.bill_to_name, invoice.bill_to_address or "", "Bill to"
    return {"to_label": label, "to_name": name, "to_address": address}


def _bill_to(invoice: Invoice) -> str:
    parts = (invoice.bill_to_name, invoice.bill_to_address, invoice.bill_to_email)
    return "\n".join(part for part in parts if part)


def _tax_number(profile: Any) -> str:
    return (profile.tax_number or "") if profile else ""


def _day(day: date | None) -> str:
    return shown(day).replace(" ", "\u00a0")
