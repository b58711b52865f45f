"""What is owed on a day, invoice by invoice, and how late it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Affiliation, Company
from crm.council.sitters import belongs_on
from crm.invoices import queries as invoices
from crm.invoices.models import Invoice, Reminder
from crm.kit.money import Money
from crm.people.models import Person
from crm.reports.columns import VERY_LATE, Bar, Column, Kind, Report, Row, amounts, bars

BUCKETS: Sequence[tuple[str, int]] = (
    ("Not yet due", 0), ("1–30", 30), ("31–60", 60), ("61–90", 90), ("Over 90", 10**6)
)  # fmt: skip
"""By days late, and where each ends."""
COLUMNS = (
    Column("Company", share=2),
    Column("Invoice", share=1.5),
    Column("Finance number", share=1.1),
    Column("PO number", share=1, printed=False),
    Column("Invoiced on", Kind.DAY, 1.25),
    Column("Due on", Kind.DAY, 1.25),
    Column("Currency", share=0.8, printed=False),
    Column("Amount", Kind.MONEY, 1.1),
    Column("Paid", Kind.MONEY, 1),
    Column("Credited", Kind.MONEY, 1, printed=False),
    Column("Balance", Kind.MONEY, 1.1),
    *(Column(heading, Kind.MONEY, 1) for heading, _ in BUCKETS),
    Column("Days late", Kind.LATE, 0.7),
    Column("Blocker", share=1),
    Column("Promised for", Kind.DAY, 1.25),
    Column("Last reminder", Kind.DAY, 1, printed=False),
    Column("Billing contact", share=1.3, printed=False),
    Column("Relationship manager", share=1.3, printed=False),
    Column("Company id", Kind.ID, printed=False),
    Column("Membership id", Kind.ID, printed=False),
    Column("Invoice id", Kind.ID, printed=False),
)
FIRST_BUCKET = 11
"""The place of its column."""
EMPLOYED, BILLED = aliased(Affiliation), aliased(Person)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By company, the oldest first. What blocks payment, and for when it is promised, is as known
    today."""
    return [_row(owed, day) for owed in session.execute(_open_on(day))]


def _row(owed: Any, day: date) -> Row:
    def money(minor: int) -> Money:
        return Money(int(minor), owed.currency)

    days_late = max(0, (day - owed.due_on).days)
    balance = money(owed.total - owed.paid - owed.credited)
    bucket = next(place for place, (_, until) in enumerate(BUCKETS) if days_late <= until)
    invoiced = owed.finance_invoiced_on is not None and owed.finance_invoiced_on <= day
    return (
        owed.company,
        owed.number,
        owed.finance_number if invoiced else None,
        owed.po_number,
        owed.finance_invoiced_on if invoiced else owed.issued_on,
        owed.due_on,
        owed.currency,
        money(owed.total),
        money(owed.paid),
        money(owed.credited),
        balance,
        *(balance if place == bucket else None for place in range(len(BUCKETS))),
        days_late,
        owed.blocker,
        owed.promised_on,
        owed.reminded_on,
        owed.contact or owed.bill_to_email,
        owed.owner,
        owed.company_id,
        owed.membership_id,
        owed.id,
    )


@lru_cache(maxsize=64)
def _open_on(day: date) -> Select[Any]:
    total = Invoice.net_minor + Invoice.tax_minor
    paid, credited = invoices.paid_minor_on(day), invoices.credited_minor_on(day)
    reminded = (
        select(func.max(Reminder.released_on))
        .where(Reminder.invoice_id == Invoice.id, Reminder.released_on <= day)
        .correlate(Invoice)
        .scalar_subquery()
    )
    contact = (
        select(func.min(BILLED.name))
        .join(EMPLOYED, EMPLOYED.person_id == BILLED.id)
        .where(
            EMPLOYED.company_id == Invoice.company_id,
            EMPLOYED.billing,
            belongs_on(day, EMPLOYED.person_id, EMPLOYED.company_id),
        )
        .correlate(Invoice)
        .scalar_subquery()
    )
    return (
        select(  # type: ignore[return-value]
            Invoice.id,
            Company.id.label("company_id"),
            Company.name.label("company"),
            Invoice.membership_id,
            Invoice.number,
            Invoice.finance_number,
            Invoice.finance_invoiced_on,
            Invoice.po_number,
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.currency,
            total.label("total"),
            paid.label("paid"),
            credited.label("credited"),
            Invoice.blocker,
            Invoice.promised_on,
            reminded.label("reminded_on"),
            contact.label("contact"),
            Invoice.bill_to_email,
            UserAccount.name.label("owner"),
        )
        .join(Invoice.company)
        .outerjoin(UserAccount, UserAccount.id == Company.owner_id)
        .where(Invoice.issued_on <= day, paid + credited < total)
        .order_by(Company.name_key, Company.id, Invoice.due_on, Invoice.id)
    )


def by_age(rows: Sequence[Row]) -> Sequence[Bar]:
    """What is owed by how late it is; each currency by itself."""
    return bars(
        (
            (str(place), amount)
            for place in range(len(BUCKETS))
            for amount in amounts(rows, FIRST_BUCKET + place)
        ),
        lambda place: _days(BUCKETS[int(place)][0]),
    )


def _days(bucket: str) -> str:
    return bucket if bucket == BUCKETS[0][0] else f"{bucket} days late"


REPORT = Report(
    name="receivables-ageing",
    title="Receivables by age",
    about="What is owed on a day, invoice by invoice: how late, what keeps it, and who looks after "
    "the company.",
    needs=P.MONEY_READ,
    columns=columns,
    rows=rows,
    note=f"What is more than {VERY_LATE} days late is marked.",
    chart=by_age,
    chart_title="What is owed, by how late it is",
)
