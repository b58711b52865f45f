"""What the office may ask of the lists of invoices and payments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices.models import CreditNote, Invoice
from crm.invoices.payment_models import Payment
from crm.invoices.rules import CreditKind, InvoicingWay, State
from crm.kit.money import Money
from crm.kit.text import fold

SORTS = ("company", "due", "issued", "number")
PAYMENT_SORTS = ("company", "received")
TOTAL: ColumnElement[int] = Invoice.net_minor + Invoice.tax_minor
SETTLED: ColumnElement[int] = Invoice.paid_minor + Invoice.credited_minor


@dataclass(frozen=True, kw_only=True)
class InvoiceSearch:
    """Filters of the list; the same object serves page, totals and export.

    `state` and `way` None: all. `sort` is a name of `SORTS`, with a leading `-` for backwards.
    """

    today: date
    text: str = ""
    state: State | None = None
    way: InvoicingWay | None = None
    company_id: int | None = None
    sort: str = "-due"

    def select(self) -> Select[Any]:
        return _invoices(self)

    def _narrowed(self, found: Select[Any], *, named: bool = True) -> Select[Any]:
        """`named`: whether it asks for the company's name; sums are quicker without."""
        found = found.select_from(Invoice)
        if self.text or named:
            found = found.join(Company, Company.id == Invoice.company_id)
        if self.text:
            columns = (Invoice.number, Invoice.finance_number, Invoice.po_number)
            found = found.where(
                or_(
                    Company.name_key.contains(fold(self.text), autoescape=True),
                    *(column.icontains(self.text, autoescape=True) for column in columns),
                )
            )
        if self.state is not None:
            found = found.where(conditions(self.today)[self.state])
        if self.way is not None:
            found = found.where(Invoice.way == self.way)
        if self.company_id is not None:
            found = found.where(Invoice.company_id == self.company_id)
        return found

    def _order(self) -> list[SQLColumnExpression[Any]]:
        first: SQLColumnExpression[Any] = {
            "company": Company.name_key,
            "issued": func.coalesce(Invoice.issued_on, date(9999, 12, 31)),
            "number": func.coalesce(Invoice.number, ""),
        }.get(self.sort.removeprefix("-"), Invoice.due_on)
        if self.sort.startswith("-"):
            return [first.desc(), Invoice.id.desc()]
        return [first.asc(), Invoice.id.asc()]


def written_off() -> ColumnElement[bool]:
    """Some of the enclosing `Invoice` was given up."""
    return (
        exists()
        .where(CreditNote.invoice_id == Invoice.id, CreditNote.kind == CreditKind.WRITE_OFF)
        .correlate(Invoice)
    )


def conditions(day: date) -> Mapping[State, ColumnElement[bool]]:
    """When the enclosing `Invoice` is in which state on a day: the SQL twin of `rules.state_on`."""
    issued = Invoice.issued_on.is_not(None)
    owed, settled = and_(issued, SETTLED < TOTAL), and_(issued, SETTLED >= TOTAL)
    return {
        State.DRAFT: Invoice.issued_on.is_(None),
        State.OPEN: and_(owed, Invoice.due_on >= day),
        State.OVERDUE: and_(owed, Invoice.due_on < day),
        State.WRITTEN_OFF: and_(settled, written_off()),
        State.PAID: and_(settled, ~written_off(), Invoice.paid_minor > 0),
        State.VOIDED: and_(settled, ~written_off(), Invoice.paid_minor == 0),
    }


@lru_cache(maxsize=256)
def _invoices(search: InvoiceSearch) -> Select[Any]:
    states = conditions(search.today)
    found: Select[Any] = select(
        Invoice.id,
        Invoice.number,
        Invoice.finance_number,
        Invoice.company_id,
        Company.name.label("company"),
        Invoice.po_number,
        case(*((when, state.value) for state, when in states.items())).label("state"),
        Invoice.way,
        Invoice.issued_on,
        Invoice.due_on,
        Invoice.currency,
        Invoice.net_minor,
        Invoice.tax_minor,
        Invoice.paid_minor,
        Invoice.credited_minor,
        Invoice.blocker,
        Invoice.promised_on,
        Invoice.sent_on,
        Invoice.membership_id,
    )
    return search._narrowed(found).order_by(*search._order())


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What a list sums up to in one currency; drafts ask for nothing yet."""

    currency: str
    drafted: Money
    billed: Money
    paid: Money
    credited: Money
    owed: Money


def totals(session: Session, search: InvoiceSearch) -> list[Totals]:
    """By currency, never added across. One statement."""
    found = session.execute(_totals(search))
    return [
        Totals(
            currency=row.currency,
            drafted=Money(row.drafted, row.currency),
            billed=Money(row.billed, row.currency),
            paid=Money(row.paid, row.currency),
            credited=Money(row.credited, row.currency),
            owed=Money(row.billed - row.paid - row.credited, row.currency),
        )
        for row in found
    ]


@lru_cache(maxsize=256)
def _totals(search: InvoiceSearch) -> Select[Any]:
    drafted = Invoice.issued_on.is_(None)
    sums: Select[Any] = select(  # type: ignore[assignment]
        Invoice.currency,
        _sum(case((drafted, TOTAL), else_=0)).label("drafted"),
        _sum(case((drafted, 0), else_=TOTAL)).label("billed"),
        _sum(Invoice.paid_minor).label("paid"),
        _sum(Invoice.credited_minor).label("credited"),
    )
    return search._narrowed(sums, named=False).group_by(Invoice.currency).order_by(Invoice.currency)


def _sum(column: ColumnElement[int] | SQLColumnExpression[int]) -> ColumnElement[int]:
    """PostgreSQL sums whole numbers to a decimal."""
    return cast(func.coalesce(func.sum(column), 0), BigInteger)


@dataclass(frozen=True, kw_only=True)
class PaymentSearch:
    """Filters of the list of payments. `show`: standing · credit (something is left) · struck."""

    text: str = ""
    show: str = ""
    company_id: int | None = None
    bank_import_id: int | None = None
    sort: str = "-received"

    def select(self) -> Select[Any]:
        return _payments(self)

    def _narrowed(self, found: Select[Any], *, named: bool = True) -> Select[Any]:
        """`named`: whether it asks for the company's name; sums are quicker without."""
        found = found.select_from(Payment)
        if self.text or named:
            found = found.join(Company, Company.id == Payment.company_id)
        if self.text:
            found = found.where(
                or_(
                    Company.name_key.contains(fold(self.text), autoescape=True),
                    Payment.reference.icontains(self.text, autoescape=True),
                )
            )
        if self.show == "credit":
            found = found.where(
                Payment.struck_on.is_(None), Payment.allocated_minor < Payment.amount_minor
            )
        elif self.show == "standing":
            found = found.where(Payment.struck_on.is_(None))
        elif self.show == "struck":
            found = found.where(Payment.struck_on.is_not(None))
        if self.company_id is not None:
            found = found.where(Payment.company_id == self.company_id)
        if self.bank_import_id is not None:
            found = found.where(Payment.bank_import_id == self.bank_import_id)
        return found

    def _order(self) -> list[SQLColumnExpression[Any]]:
        first: SQLColumnExpression[Any] = (
            Company.name_key if self.sort.removeprefix("-") == "company" else Payment.received_on
        )
        if self.sort.startswith("-"):
            return [first.desc(), Payment.id.desc()]
        return [first.asc(), Payment.id.asc()]


@lru_cache(maxsize=256)
def _payments(search: PaymentSearch) -> Select[Any]:
    found: Select[Any] = select(  # type: ignore[assignment]
        Payment.id,
        Payment.company_id,
        Company.name.label("company"),
        Payment.received_on,
        Payment.currency,
        Payment.amount_minor,
        Payment.allocated_minor,
        Payment.reference,
        Payment.struck_on,
        Payment.struck_reason,
        Payment.bank_import_id,
        Payment.by_name,
    )
    return search._narrowed(found).order_by(*search._order())


def payment_totals(session: Session, search: PaymentSearch) -> list[tuple[Money, Money]]:
    """(received, not used yet) by currency; what was struck did not come in. One statement."""
    return [
        (Money(row.received, row.currency), Money(row.received - row.used, row.currency))
        for row in session.execute(_payment_totals(search))
    ]


@lru_cache(maxsize=256)
def _payment_totals(search: PaymentSearch) -> Select[Any]:
    stands = Payment.struck_on.is_(None)
    sums: Select[Any] = select(  # type: ignore[assignment]
        Payment.currency,
        _sum(case((stands, Payment.amount_minor), else_=literal(0))).label("received"),
        _sum(Payment.allocated_minor).label("used"),
    )
    return search._narrowed(sums, named=False).group_by(Payment.currency).order_by(Payment.currency)
