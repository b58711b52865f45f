"""From a due instalment to an issued invoice, or to a billing request to the finance office.

A draft may be changed or dropped; what is issued stays, and is credited where it is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices import lines, queries, schedules, settings
from crm.invoices.instalment_models import Instalment, InstalmentReversal, InstalmentShare
from crm.invoices.lines import Charge, NotBillable, check_charges, hold_draft, sum_up, write_charges
from crm.invoices.models import BillingProfile, Counter, Invoice, InvoiceLine
from crm.invoices.rules import Blocker, InvoicingWay
from crm.invoices.settings import DuesSettings
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import NotFound, Stale
from crm.kit.periods import in_words
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.memberships.rules import UNSIGNED, DuesFrequency, Status, membership_year, years_of

_INSERT = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
INVOICES, REQUESTS, CREDITS = "INV", "REQ", "CN"
"""The series of numbers: `INV-2026-0001`."""


@dataclass(frozen=True, kw_only=True)
class BillTo:
    """To whom an invoice goes, as the company's accounts department wants it."""

    name: str
    address: str | None = None
    email: str | None = None
    po_number: str | None = None
    note: str | None = None


def bill(
    session: Session,
    instalment_ids: Sequence[int],
    *,
    charges: Sequence[Charge] = (),
    by: Actor,
    now: datetime,
    today: date,
) -> Invoice:
    """A draft that bills these instalments of one membership, and other charges beside them.

    Raises `NotBillable`. Of two who bill the same instalment at once, or end its term, one waits.
    """
    instalments = _instalments(session, instalment_ids)
    membership = memberships.get(session, instalments[0].membership_id)
    check_charges(charges, membership.currency)
    if membership.status_on(today) in UNSIGNED | {Status.WITHDRAWN}:
        raise NotBillable("The agreement is not signed by both sides: nothing is owed yet.")
    told = settings.current(session)
    invoice = _draft(
        session,
        membership.company,
        membership,
        currency=membership.currency,
        due_on=due_day(min(i.due_on for i in instalments), today, told.payment_days),
        told=told,
        by=by,
        now=now,
    )
    for position, instalment in enumerate(instalments, 1):
        session.add(
            InvoiceLine(
                invoice_id=invoice.id,
                position=position,
                instalment_id=instalment.id,
                description=_describe(session, membership, instalment),
                amount_minor=instalment.amount_minor,
            )
        )
    write_charges(session, invoice, charges, after=len(instalments))
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        if "uq_invoice_line_instalment" in str(error.orig) or "instalment_id" in str(error.orig):
            raise NotBillable("Somebody has billed one of these instalments just now.") from None
        raise
    sum_up(session, invoice)
    return invoice


def due_day(agreed_on: date, issued_on: date, payment_days: int) -> date:
    """The day that was agreed, an instalment's or a draft's; never sooner than the days to pay
    after the invoice. A draft has it as if it were issued today, and issuing looks again."""
    return max(agreed_on, issued_on + timedelta(days=payment_days))


def charge(
    session: Session,
    company_id: int,
    charges: Sequence[Charge],
    *,
    due_on: date,
    by: Actor,
    now: datetime,
) -> Invoice:
    """A draft of other charges alone, in one currency. Raises `NotBillable`."""
    company = session.get(Company, company_id)
    if company is None:
        raise NotBillable("Choose the company from the list.", field="company")
    if not charges:
        raise NotBillable("Write at least one line.", field="description")
    currency = charges[0].amount.currency
    check_charges(charges, currency)
    invoice = _draft(
        session,
        company,
        None,
        currency=currency,
        due_on=due_on,
        told=settings.current(session),
        by=by,
        now=now,
    )
    write_charges(session, invoice, charges, after=0)
    session.flush()
    sum_up(session, invoice)
    return invoice


def edit_draft(
    session: Session, invoice: Invoice, to: BillTo, *, due_on: date, version: int
) -> None:
    """Change to whom a draft goes and when it is due. Raises `AlreadyIssued` or `Stale`."""
    hold_draft(session, invoice)
    if version != invoice.version:
        raise Stale(
            "this draft", theirs={"Bill to": invoice.bill_to_name}, yours={"Bill to": to.name}
        )
    invoice.bill_to_name, invoice.bill_to_address = to.name, to.address
    invoice.bill_to_email, invoice.po_number = to.email, to.po_number
    invoice.note, invoice.due_on = to.note, due_on
    session.flush()


def drop_line(
    session: Session, invoice: Invoice, line_id: int, *, version: int, by: Actor, today: date
) -> InvoiceLine:
    """Take a line off a draft: its instalment can be billed again, or goes where the term ended
    before its day. Raises `NotFound`, `AlreadyIssued` or `Stale`.
    """
    line = lines.drop(session, invoice, line_id, version=version)
    if line.instalment_id is not None and invoice.membership_id is not None:
        schedules.release_freed_dues(session, invoice.membership_id, by=by, today=today)
    return line


def discard(session: Session, invoice: Invoice, *, by: Actor, today: date) -> None:
    """Drop a draft: its instalments can be billed again, or go where the term ended before their
    day. Raises `AlreadyIssued`.
    """
    hold_draft(session, invoice)
    session.execute(delete(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id))
    session.expire(invoice, ["lines"])
    membership_id = invoice.membership_id
    session.delete(invoice)
    session.flush()
    if membership_id is not None:
        schedules.release_freed_dues(session, membership_id, by=by, today=today)


def issue(
    session: Session,
    invoice: Invoice,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> str:
    """Give a draft its number and its day: from now on it stays as it is.

    Numbers of a series and year follow on each other without a gap. The days to pay count from
    today, however long ago it was drafted: `due_day`. `version` is that of the draft whoever
    issues it saw. Raises `AlreadyIssued`, `Stale`, or `NotBillable` where the company insists on a
    purchase order and there is none, or the term ended after it was drafted.
    """
    hold_draft(session, invoice, version=version)
    _refuse_ended(session, invoice)
    if not invoice.net_minor:
        raise NotBillable("It asks for nothing. Add a line first.")
    profile = queries.profile_of(session, invoice.company_id)
    if profile is not None and profile.po_required and not invoice.po_number:
        raise NotBillable(
            "This company pays only against a purchase order. Enter its number first.",
            field="po_number",
        )
    series = REQUESTS if invoice.way is InvoicingWay.CENTRAL else INVOICES
    payment_days = settings.current(session).payment_days
    invoice.number = next_number(session, series, today.year)
    invoice.issued_on = today
    invoice.due_on = due_day(invoice.due_on, today, payment_days)
    invoice.issued_by_id = by.id
    session.flush()
    journal.note(
        session,
        "requested" if invoice.way is InvoicingWay.CENTRAL else "issued",
        kind="invoice",
        record_id=invoice.id,
        parent=("company", invoice.company_id),
        by=by,
        now=now,
    )
    return invoice.number


def _refuse_ended(session: Session, invoice: Invoice) -> None:
    """Raise `NotBillable` if a draft bills what is not owed since the term was terminated."""
    if invoice.membership_id is None:
        return
    membership = session.get_one(Membership, invoice.membership_id)
    lock(session, membership)
    if membership.terminated_on is None:
        return
    later = (
        select(InvoiceLine.id)
        .join(Instalment, Instalment.id == InvoiceLine.instalment_id)
        .where(InvoiceLine.invoice_id == invoice.id, Instalment.due_on >= membership.terminated_on)
    )
    if session.scalar(later.limit(1)) is not None:
        raise NotBillable(
            "The term ended before one of its instalments falls due: it is not owed. Drop that "
            "line, or discard the draft."
        )


def next_number(session: Session, series: str, year: int) -> str:
    """`INV-2026-0001`. Whoever takes it holds the series until their transaction ends."""
    insert: Any = _INSERT[session.get_bind().dialect.name]
    put = insert(Counter).values(series=series, year=year, last=1)
    last = session.scalar(
        put.on_conflict_do_update(
            index_elements=[Counter.series, Counter.year], set_={"last": Counter.last + 1}
        ).returning(Counter.last),
    )
    return f"{series}-{year}-{last:04d}"


def record_finance(
    session: Session,
    invoice: Invoice,
    *,
    number: str,
    invoiced_on: date,
    version: int | None = None,
) -> None:
    """What the finance office made of a billing request: its own number and day.

    `version` is that of the request whoever writes it down saw. Raises `NotBillable` or `Stale`.
    """
    if version is not None and version != invoice.version:
        raise Stale(
            "this billing request",
            theirs={"Number at the finance office": invoice.finance_number or ""},
            yours={"Number at the finance office": number},
        )
    if invoice.way is not InvoicingWay.CENTRAL or invoice.issued_on is None:
        raise NotBillable("Only a billing request gets a number of the finance office.")
    taken = select(Invoice.id).where(Invoice.finance_number == number, Invoice.id != invoice.id)
    if session.scalar(taken) is not None:
        raise NotBillable("Another request has this number already.", field="finance_number")
    invoice.finance_number, invoice.finance_invoiced_on = number, invoiced_on
    session.flush()


def note_blocker(
    session: Session,
    invoice: Invoice,
    blocker: Blocker | None,
    *,
    note: str | None,
    promised_on: date | None,
    version: int | None = None,
) -> None:
    """What keeps the company from paying, and the day for which it has promised to.

    `version` is that of the invoice whoever notes it saw. Raises `Stale`.
    """
    if version is not None and version != invoice.version:
        known = (invoice.blocker, invoice.blocker_note, invoice.promised_on)
        raise Stale(
            "this invoice",
            theirs=_chased(*known),
            yours=_chased(blocker, note, promised_on),
        )
    invoice.blocker, invoice.blocker_note = blocker, note
    invoice.promised_on = promised_on
    session.flush()


def _chased(blocker: Blocker | None, note: str | None, promised_on: date | None) -> dict[str, str]:
    return {
        "What keeps them from paying": blocker.value if blocker else "",
        "Note": note or "",
        "Promised for": in_words(promised_on) if promised_on else "",
    }


def _instalments(session: Session, ids: Sequence[int]) -> Sequence[Instalment]:
    found = session.scalars(
        select(Instalment).where(Instalment.id.in_(ids)).order_by(Instalment.due_on, Instalment.id)
    ).all()
    if not ids or len(found) != len(set(ids)):
        raise NotFound("There is no such instalment.")
    if len({instalment.membership_id for instalment in found}) > 1:
        raise NotBillable("One invoice bills one membership.")
    # Whoever ends or amends the term takes its row too: they reverse what is not billed.
    membership = session.get_one(Membership, found[0].membership_id)
    lock(session, membership)
    ended_on = membership.terminated_on
    if ended_on is not None and any(instalment.due_on >= ended_on for instalment in found):
        raise NotBillable("The term ended before this instalment falls due: it is not owed.")
    gone = select(InstalmentReversal.id).where(InstalmentReversal.id.in_(ids))
    if session.scalar(gone.limit(1)) is not None:
        raise NotBillable("This instalment was reversed: it is no longer owed.")
    billed = select(InvoiceLine.id).where(
        InvoiceLine.instalment_id.in_(ids), InvoiceLine.released.is_(False)
    )
    if session.scalar(billed.limit(1)) is not None:
        raise NotBillable("This instalment is billed already.")
    if not any(instalment.amount_minor for instalment in found):
        raise NotBillable("Nothing is due.")
    return found


def _draft(
    session: Session,
    company: Company,
    membership: Membership | None,
    *,
    currency: str,
    due_on: date,
    told: DuesSettings,
    by: Actor,
    now: datetime,
) -> Invoice:
    profile = queries.profile_of(session, company.id) or BillingProfile()
    invoice = Invoice(
        way=told.invoicing,
        company_id=company.id,
        membership_id=membership.id if membership else None,
        due_on=due_on,
        currency=currency,
        tax_basis_points=told.tax_basis_points,
        bill_to_name=profile.name or company.legal_name or company.name,
        bill_to_address=profile.address,
        bill_to_email=profile.email,
        po_number=profile.po_number,
        created_at=now,
        by_name=by.name,
    )
    session.add(invoice)
    session.flush()
    return invoice


def _describe(session: Session, membership: Membership, instalment: Instalment) -> str:
    """`Founding membership, year 2 of 3 (October 1, 2026 to September 30, 2027)`.

    Where a year is paid in parts the day says which: `…, instalment of April 1, 2027`.
    """
    years = sorted(
        session.scalars(
            select(InstalmentShare.year).where(InstalmentShare.instalment_id == instalment.id)
        )
    )
    first, last = (
        membership_year(membership.term, years[0]),
        membership_year(membership.term, years[-1]),
    )
    of = f"year {years[0]}" if len(years) == 1 else f"years {years[0]} to {years[-1]}"
    assert last.last_day is not None  # a membership year ends
    whole = membership.dues_frequency in (DuesFrequency.YEARLY, DuesFrequency.IN_ADVANCE)
    part = "" if whole else f", instalment of {in_words(instalment.due_on)}"
    return (
        f"{membership.tier.name} membership, {of} of {years_of(membership.term)} "
        f"({in_words(first.starts_on)} to {in_words(last.last_day)}){part}"
    )
