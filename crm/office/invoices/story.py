"""One invoice's whole story, worked out for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.invoices import queries, rules
from crm.invoices.models import CreditNote, Invoice
from crm.invoices.rules import CreditKind, InvoicingWay, State
from crm.invoices.settings import DuesSettings
from crm.journal.queries import history_of
from crm.kit.money import Money
from crm.office.history import Told, told
from crm.reports.bills import CREDITS, percent
from crm.web.filters import ago
from crm.web.filters import day as shown

Fact = tuple[str, str]


def noun(way: InvoicingWay) -> str:
    """What it is called where the finance office writes the invoice, and where we do."""
    return "billing request" if way is InvoicingWay.CENTRAL else "invoice"


@dataclass(frozen=True)
class Acts:
    """What this viewer may do to it now."""

    edit: bool
    send: bool
    finance: bool
    chase: bool
    pay: bool
    same_hands: bool
    credit: bool
    void: bool


def story(
    session: Session, invoice: Invoice, viewer: Viewer, today: date, dues: DuesSettings
) -> dict[str, Any]:
    """What the page tells, as far as this viewer may know it."""
    credits = queries.credits_of(session, invoice.id)
    state = rules.state_on(
        today,
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        owed_minor=invoice.balance.minor,
        paid_minor=invoice.paid_minor,
        written_off=any(note.kind is CreditKind.WRITE_OFF for note in credits),
    )
    profile = queries.profile_of(session, invoice.company_id)
    usable = (
        queries.payments_with_credit(session, invoice.company_id, invoice.currency)
        if state in OWED
        else ()
    )
    return {
        "invoice": invoice,
        "noun": noun(invoice.way),
        "state": state,
        "late": _late(invoice, state, today),
        "facts": _facts(invoice, dues),
        "bill_to": _bill_to(invoice, profile.tax_number if profile else None),
        "wants_po": bool(profile and profile.po_required and not invoice.po_number),
        "tax_label": f"{dues.tax_name} ({percent(invoice.tax_basis_points)} %)",
        "lines": [
            (line.id, line.description, Money(line.amount_minor, invoice.currency), line.released)
            for line in invoice.lines
        ],
        "net": Money(invoice.net_minor, invoice.currency),
        "tax": Money(invoice.tax_minor, invoice.currency),
        "paid": Money(invoice.paid_minor, invoice.currency),
        "settled": [
            (
                allocation.allocated_on,
                payment,
                Money(allocation.amount_minor, invoice.currency),
                allocation.by_name,
            )
            for allocation, payment in queries.allocations_of(session, invoice.id)
        ],
        "credits": _credits(credits, invoice.currency),
        "usable": usable,
        "reminders": queries.reminders_of(session, invoice.id),
        "acts": acts(invoice, state, viewer),
        "history": _history(session, invoice, viewer),
    }


OWED = frozenset({State.OPEN, State.OVERDUE})


def acts(invoice: Invoice, state: State, viewer: Viewer) -> Acts:
    issues, owed = viewer.may(P.INVOICES_ISSUE), state in OWED
    same = invoice.way is InvoicingWay.OWN and invoice.issued_by_id == viewer.id
    untouched = not invoice.paid_minor and not invoice.credited_minor
    return Acts(
        edit=issues and state is State.DRAFT,
        send=issues and owed,
        finance=issues and invoice.way is InvoicingWay.CENTRAL and state is not State.DRAFT,
        chase=issues and owed,
        pay=viewer.may(P.PAYMENTS_RECORD) and owed and not same,
        same_hands=viewer.may(P.PAYMENTS_RECORD) and owed and same,
        credit=viewer.may(P.INVOICES_CREDIT) and owed,
        void=viewer.may(P.INVOICES_CREDIT) and owed and untouched,
    )


def _facts(invoice: Invoice, dues: DuesSettings) -> list[Fact]:
    central = invoice.way is InvoicingWay.CENTRAL
    facts = [
        ("Requested on" if central else "Issued on", shown(invoice.issued_on)),
        ("Due on", shown(invoice.due_on)),
        ("Sent on", shown(invoice.sent_on) if invoice.sent_on else "not yet"),
        ("Drawn up by", invoice.by_name),
    ]
    if central:
        facts += [
            ("Finance office", dues.finance_office),
            ("Number at finance", invoice.finance_number or "not known yet"),
            ("Invoiced by finance on", shown(invoice.finance_invoiced_on)),
        ]
    if invoice.issued_on is None:
        facts[1] = ("Due on", f"{shown(invoice.due_on)}, or {later(dues)} if that is later")
        return [pair for pair in facts if pair[0] in ON_A_DRAFT]
    return facts


def later(dues: DuesSettings) -> str:
    """When a draft is due at the earliest: `billing.due_day`."""
    days = dues.payment_days
    return f"{days} day{'' if days == 1 else 's'} after it is issued"


ON_A_DRAFT = ("Due on", "Drawn up by", "Finance office")


def _bill_to(invoice: Invoice, tax_number: str | None) -> list[Fact]:
    return [
        ("Name", invoice.bill_to_name),
        ("Address", invoice.bill_to_address or ""),
        ("E-mail", invoice.bill_to_email or ""),
        ("Purchase order", invoice.po_number or ""),
        ("Tax number", tax_number or ""),
    ]


def _late(invoice: Invoice, state: State, today: date) -> str:
    if state is not State.OVERDUE:
        return ""
    days = (today - invoice.due_on).days
    return f"Due {ago(days)}, on {shown(invoice.due_on)}."


def _credits(notes: Sequence[CreditNote], currency: str) -> list[dict[str, Any]]:
    return [
        {
            "number": note.number,
            "kind": CREDITS[note.kind],
            "on": note.issued_on,
            "amount": Money(note.amount_minor, currency),
            "reason": note.reason,
            "by": note.by_name,
        }
        for note in notes
    ]


def _history(session: Session, invoice: Invoice, viewer: Viewer) -> list[Told] | None:
    """None for those who may not read it."""
    if not viewer.may(P.HISTORY_READ):
        return None
    lines = history_of(
        session, [("invoice", invoice.id)], confidential=viewer.may(P.CONFIDENTIAL_READ)
    )
    return told(lines, {}, invoice.currency)
