"""Invoices that were issued before this register was kept: taken over as they were."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices import billing, queries, settings
from crm.invoices.models import Counter, Invoice, InvoiceLine
from crm.invoices.queries import Due
from crm.invoices.rules import InvoicingWay
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.memberships import queries as memberships
from crm.memberships.models import Membership

OURS = re.compile(
    rf"({billing.INVOICES}|{billing.REQUESTS}|{billing.CREDITS})-([0-9]{{4}})-([0-9]{{4,9}})"
)
"""A number as `billing.next_number` gives them out."""
FURTHEST = 20_000
"""How far a counter is moved on by one invoice: more is a slip of the pen."""


class NotTakenOver(RuleBroken):
    """The invoice as told cannot have been issued."""


@dataclass(frozen=True, kw_only=True)
class IssuedBefore:
    """An invoice as its copy says. Without a term it is looked for among the company's."""

    number: str
    company_id: int
    issued_on: date
    due_on: date
    amount: Money
    membership_id: int | None = None
    po_number: str | None = None
    finance_number: str | None = None
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """`bills_dues`: it was for dues that were not billed; else it is a charge of its own."""

    invoice: Invoice
    bills_dues: bool


def take_over(
    session: Session, told: IssuedBefore, *, by: Actor, now: datetime, today: date
) -> Taken:
    """Write an issued invoice with the number it has; our counter moves beyond it.

    It bills the dues of that amount which fall due nearest to it. Raises `NotTakenOver`.
    """
    company = session.get(Company, told.company_id)
    if company is None:
        raise NotTakenOver("Choose the company from the list.", field="company")
    _refuse_unfit(session, told, today)
    dues, membership_id = _dues(session, told)
    profile = queries.profile_of(session, company.id)
    invoice = Invoice(
        way=InvoicingWay.CENTRAL if told.finance_number else settings.current(session).invoicing,
        company_id=company.id,
        membership_id=membership_id,
        due_on=told.due_on,
        currency=told.amount.currency,
        bill_to_name=(profile and profile.name) or company.legal_name or company.name,
        bill_to_address=profile.address if profile else None,
        bill_to_email=profile.email if profile else None,
        po_number=told.po_number,
        created_at=now,
        by_name=by.name,
    )
    session.add(invoice)
    session.flush()
    for position, (instalment_id, text, minor) in enumerate(_lines(session, told, dues), 1):
        session.add(
            InvoiceLine(
                invoice_id=invoice.id,
                position=position,
                instalment_id=instalment_id,
                description=text,
                amount_minor=minor,
            )
        )
    session.flush()
    invoice.net_minor = told.amount.minor
    invoice.number, invoice.issued_on = told.number, told.issued_on
    if told.finance_number:
        invoice.finance_number, invoice.finance_invoiced_on = told.finance_number, told.issued_on
    session.flush()
    _move_counter(session, told.number)
    journal.note(
        session,
        "imported",
        kind=Invoice.__journal__,
        record_id=invoice.id,
        parent=("company", company.id),
        by=by,
        now=now,
    )
    return Taken(invoice=invoice, bills_dues=bool(dues))


def _refuse_unfit(session: Session, told: IssuedBefore, today: date) -> None:
    if not any(sign.isdigit() for sign in told.number) or told.number.lower().endswith(".pdf"):
        raise NotTakenOver(
            "Write the invoice's number, with its digits and without a file's ending.",
            field="number",
        )
    if told.amount.minor <= 0:
        raise NotTakenOver("Write an amount above zero.", field="amount")
    if told.issued_on > today:
        raise NotTakenOver("What was issued before cannot lie in the future.", field="issued_on")
    if told.due_on < told.issued_on:
        raise NotTakenOver("It cannot be due before it was issued.", field="due_on")
    taken = select(Invoice.id).where(Invoice.number == told.number)
    if session.scalar(taken) is not None:
        raise NotTakenOver("Another invoice has this number.", field="number")
    if told.finance_number:
        taken = select(Invoice.id).where(Invoice.finance_number == told.finance_number)
        if session.scalar(taken) is not None:
            raise NotTakenOver("Another invoice has this number.", field="finance_number")


def _dues(session: Session, told: IssuedBefore) -> tuple[Sequence[Due], int | None]:
    """The dues that an invoice of this amount was for: one instalment, that due nearest to it; else
    the earliest ones that come to it. Nothing, if none do."""
    terms = (
        [memberships.get(session, told.membership_id)]
        if told.membership_id is not None
        else memberships.of_company(session, told.company_id)
    )
    ones: list[tuple[int, Due, int]] = []
    several: list[tuple[Sequence[Due], int]] = []
    for term in terms:
        open_ = _open_dues(session, term, told.amount.currency)
        ones += [
            (abs((due.due_on - told.due_on).days), due, term.id)
            for due in open_
            if due.amount == told.amount
        ]
        for count in range(2, len(open_) + 1):
            if sum(due.amount.minor for due in open_[:count]) == told.amount.minor:
                several.append((open_[:count], term.id))
                break
    if ones:
        _, due, term_id = min(ones, key=lambda one: (one[0], one[1].due_on, one[1].id))
        return [due], term_id
    if several:
        return several[-1]
    return [], told.membership_id


def _open_dues(session: Session, term: Membership, currency: str) -> Sequence[Due]:
    if term.executed_on is None or term.withdrawn_on is not None or term.currency != currency:
        return []
    return [
        due
        for due in queries.schedule_of(session, term.id)
        if due.reversed_on is None and not due.billed and due.amount.minor
    ]


def _lines(
    session: Session, told: IssuedBefore, dues: Sequence[Due]
) -> Sequence[tuple[int | None, str, int]]:
    text = told.description
    if not dues:
        return [(None, text or f"As invoiced under {told.number}", told.amount.minor)]
    years = {year for due in dues for year in due.years}
    words = f"year {min(years)}" if len(years) == 1 else f"years {min(years)} to {max(years)}"
    return [(due.id, text or f"Membership dues, {words}", due.amount.minor) for due in dues]


def _move_counter(session: Session, number: str) -> None:
    """So that what we number next comes after it. The counter takes one step at a time."""
    read = OURS.fullmatch(number)
    if read is None:
        return
    series, year, place = read[1], int(read[2]), int(read[3])
    found = select(Counter.last).where(Counter.series == series, Counter.year == year)
    last = session.scalar(found) or 0
    if place > last + FURTHEST:
        raise NotTakenOver(
            f"This lies far beyond the last number of its year, {last}.", field="number"
        )
    while last < place:
        last = int(billing.next_number(session, series, year).rpartition("-")[2])
