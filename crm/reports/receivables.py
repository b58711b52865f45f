"""What companies owe on a day: by company and age, by invoice, and what falls due next; beside it
what they have paid and not used.

Sums of different currencies stand side by side and are never added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Select, case, cast, func, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices import balances
from crm.invoices.lateness import OVERDUE, Age, age_on
from crm.invoices.models import Invoice, Reminder
from crm.kit.money import Money
from crm.kit.periods import months_after
from crm.kit.text import fold
from crm.memberships import queries as memberships
from crm.memberships.models import Membership

MONTHS = 12
SORTS = ("company", "total", "overdue", "credit", *(age.value for age in Age))
INVOICE_SORTS = ("company", "due", "balance")


@dataclass(kw_only=True)
class Owed:
    """What a company owes in one currency; or, without a company, what all owe together.

    Beside it what they have paid and not used: never taken off what is owed, which only somebody
    who allocates it does.
    """

    currency: str
    company_id: int | None = None
    company: str = ""
    invoices: int = 0
    minor: dict[Age, int] = field(default_factory=lambda: dict.fromkeys(Age, 0))
    credit_minor: int = 0

    def add(self, age: Age, minor: int) -> None:
        self.invoices += 1
        self.minor[age] += minor

    def of(self, *ages: Age) -> Money:
        return Money(sum(self.minor[age] for age in ages), self.currency)

    @property
    def overdue(self) -> Money:
        return self.of(*OVERDUE)

    @property
    def total(self) -> Money:
        return self.of(*Age)

    @property
    def credit(self) -> Money:
        return Money(self.credit_minor, self.currency)


@dataclass(frozen=True, kw_only=True)
class Receivables:
    """Every row, its sums, and what is billed by month, all of one reading: so they tie out."""

    by_company: Sequence[Owed]
    sums: Sequence[Owed]
    """One for each currency."""
    billed: dict[date, list[Money]]
    """What is not due yet, by the first day of its month."""


def receivables(session: Session, day: date, *, text: str = "") -> Receivables:
    """What was owed on a day, and what was paid and not used, of companies with this in their name.
    Two SELECTs."""
    rows: dict[tuple[int, str], Owed] = {}
    sums: dict[str, Owed] = {}
    billed: list[tuple[date, str, int]] = []
    wanted = fold(text)

    def of(company_id: int, name: str, currency: str) -> tuple[Owed, Owed]:
        row = rows.get((company_id, currency))
        if row is None:
            row = Owed(currency=currency, company_id=company_id, company=name)
            rows[company_id, currency] = row
        if currency not in sums:
            sums[currency] = Owed(currency=currency)
        return row, sums[currency]

    for company_id, name, key, currency, due_on, minor in session.execute(_owed(day)):
        if wanted not in key:
            continue
        age = age_on(day, due_on)
        for one in of(company_id, name, currency):
            one.add(age, minor)
        if due_on >= day:
            billed.append((due_on, currency, minor))
    for company_id, name, key, currency, minor in session.execute(_credit(day)):
        if wanted in key:
            for one in of(company_id, name, currency):
                one.credit_minor += minor
    return Receivables(
        by_company=list(rows.values()),
        sums=[sums[currency] for currency in sorted(sums)],
        billed=_by_month(billed),
    )


@lru_cache(maxsize=64)
def _owed(day: date) -> Select[Any]:
    owed = balances.owed_on(day).c
    return select(
        owed.company_id,
        Company.name,
        Company.name_key,
        owed.currency,
        owed.due_on,
        owed.balance_minor,
    ).join(Company, Company.id == owed.company_id)


@lru_cache(maxsize=64)
def _credit(day: date) -> Select[Any]:
    left = balances.credit_on(day).c
    return select(left.company_id, Company.name, Company.name_key, left.currency, left.minor).join(
        Company, Company.id == left.company_id
    )


def in_order(rows: Iterable[Owed], sort: str) -> list[Owed]:
    """By one of `SORTS`, with - for the other way; then by name. Currencies stay together, since
    their sums do not compare."""
    key = sort.removeprefix("-")
    ages = tuple(Age) if key == "total" else OVERDUE
    if key in set(Age):
        ages = (Age(key),)
    minor: Callable[[Owed], int] = lambda row: row.of(*ages).minor  # noqa: E731
    if key == "credit":
        minor = lambda row: row.credit_minor  # noqa: E731
    found = sorted(rows, key=lambda row: (fold(row.company), row.company_id))
    if key == "company":
        return found[::-1] if sort.startswith("-") else found
    found.sort(key=minor, reverse=sort.startswith("-"))
    return sorted(found, key=lambda row: row.currency)


@dataclass(frozen=True, kw_only=True)
class OpenInvoices:
    """The invoices behind a cell. `overdue` narrows to every age but the first."""

    as_of: date
    company_id: int | None = None
    currency: str | None = None
    age: Age | None = None
    overdue: bool = False
    text: str = ""
    sort: str = "due"

    def select(self) -> Select[Any]:
        return _by_invoice(self)


@lru_cache(maxsize=256)
def _by_invoice(search: OpenInvoices) -> Select[Any]:
    owed = balances.owed_on(search.as_of)
    reminded_on = (
        select(func.max(Reminder.released_on))
        .where(Reminder.invoice_id == Invoice.id, Reminder.released_on <= search.as_of)
        .correlate(Invoice)
        .scalar_subquery()
    )
    found: Select[Any] = (
        select(
            Invoice.id,
            Invoice.number,
            Invoice.finance_number,
            Invoice.company_id,
            Company.name.label("company"),
            Invoice.issued_on,
            Invoice.due_on,
            Invoice.currency,
            (Invoice.net_minor + Invoice.tax_minor).label("total_minor"),
            owed.c.balance_minor,
            owed.c.age,
            Invoice.blocker,
            Invoice.promised_on,
            reminded_on.label("reminded_on"),
        )
        .join(owed, owed.c.id == Invoice.id)
        .join(Company, Company.id == Invoice.company_id)
    )
    if search.company_id is not None:
        found = found.where(Invoice.company_id == search.company_id)
    if search.currency is not None:
        found = found.where(Invoice.currency == search.currency)
    if search.age is not None:
        found = found.where(owed.c.age == search.age.value)
    if search.overdue:
        found = found.where(Invoice.due_on < search.as_of)
    if search.text:
        found = found.where(Company.name_key.contains(fold(search.text), autoescape=True))
    first: Any = {"company": Company.name_key, "balance": owed.c.balance_minor}.get(
        search.sort.removeprefix("-"), Invoice.due_on
    )
    turned = first.desc() if search.sort.startswith("-") else first.asc()
    return found.order_by(turned, Invoice.due_on, Invoice.id)


@dataclass(frozen=True, kw_only=True)
class DueMonth:
    """What falls due in a month, a sum for each currency. `starts_on` None: it was due before."""

    starts_on: date | None
    billed: Sequence[Money]
    to_bill: Sequence[Money]


def due_next(
    session: Session, day: date, billed: dict[date, list[Money]], months: int = MONTHS
) -> list[DueMonth]:
    """What is billed and what is still to be billed, apart, by the month in which it is due.

    First what ought to have been billed by now, then from the month of the day on. One SELECT.
    """
    first = day.replace(day=1)
    to_bill = _by_month(session.execute(_to_bill(day, months_after(first, months))))
    starts = [months_after(first, number) for number in range(months)]
    found = [
        DueMonth(starts_on=start, billed=billed.get(start, ()), to_bill=to_bill.get(start, ()))
        for start in starts
    ]
    late = to_bill.get(EARLIER)
    return [DueMonth(starts_on=None, billed=(), to_bill=late), *found] if late else found


EARLIER = date(1, 1, 1)
"""Stands for every day before the one that was asked for."""


def _by_month(rows: Iterable[Any]) -> dict[date, list[Money]]:
    found: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for due_on, currency, minor in rows:
        found[EARLIER if due_on is None else due_on.replace(day=1)][currency] += minor
    return {
        month: [Money(minor, currency) for currency, minor in sorted(parts.items())]
        for month, parts in found.items()
    }


@lru_cache(maxsize=64)
def _to_bill(day: date, ends_before: date) -> Select[Any]:
    """Instalments of signed terms; those due before the day are one row without a day."""
    unbilled = balances.unbilled_on(day, ends_before).c
    due_on = case((unbilled.due_on >= day, unbilled.due_on), else_=None).label("due_on")
    return (
        select(due_on, unbilled.currency, cast(func.sum(unbilled.amount_minor), BigInteger))
        .join(Membership, Membership.id == unbilled.membership_id)
        .where(unbilled.amount_minor > 0, memberships.executed_by(day))
        .group_by(due_on, unbilled.currency)
    )
