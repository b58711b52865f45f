"""The finance office's list of a month beside our billing requests: what differs about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from crm.invoices import billing, payments
from crm.invoices.finance_models import FinanceLine, FinanceStatement
from crm.invoices.models import Invoice
from crm.invoices.payment_models import Allocation, Payment
from crm.invoices.rules import InvoicingWay
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.money import Money
from crm.kit.periods import months_after

RECEIPT = "Finance office, "
"""Begins the reference of what was recorded from their list; their number, or ours, follows."""


class Difference(StrEnum):
    """How the two books differ about one invoice. The value is what the page says."""

    MISSING_THERE = "missing there"
    MISSING_HERE = "missing here"
    OTHER_AMOUNT = "other amount"
    NUMBER_NOT_RECORDED = "number not recorded"
    RECEIVED_NOT_RECORDED = "received, not recorded"
    RECORDED_NOT_RECEIVED = "recorded, not received"


class NotReconciled(RuleBroken):
    """The line is settled already, or is for nothing of ours."""


@dataclass(frozen=True, kw_only=True)
class NewLine:
    """One invoice on the finance office's list."""

    row: int
    request_number: str | None
    finance_number: str | None
    company: str | None
    invoiced_on: date | None
    amount: Money
    received: Money


@dataclass(frozen=True, kw_only=True)
class Differing:
    """What differs about one invoice: `here` is ours, `there` the finance office's."""

    kind: Difference
    invoice: Invoice | None
    line: FinanceLine | None
    here: Money | None = None
    there: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    statement: FinanceStatement
    differences: Sequence[Differing]
    agreeing: int
    """Lines about which both books say the same."""


def import_statement(
    session: Session,
    month: date,
    file_name: str,
    lines: Sequence[NewLine],
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> FinanceStatement:
    """Keep the list of a month; the latest one counts. Raises `NotReconciled` for a month ahead."""
    if month > today:
        raise NotReconciled("This month has not begun.", field="month")
    statement = FinanceStatement(
        month=month, file_name=file_name, imported_on=today, by_name=by.name
    )
    session.add(statement)
    session.flush()
    session.add_all(
        FinanceLine(
            statement_id=statement.id,
            row=line.row,
            request_number=line.request_number,
            finance_number=line.finance_number,
            company=line.company,
            invoiced_on=line.invoiced_on,
            amount_minor=line.amount.minor,
            received_minor=line.received.minor,
            currency=line.amount.currency,
        )
        for line in lines
    )
    session.flush()
    journal.note(
        session, "imported", kind="finance statement", record_id=statement.id,
        label=f"{month:%B %Y}", by=by, now=now,
    )  # fmt: skip
    return statement


def latest_of(session: Session, month: date) -> FinanceStatement | None:
    found = select(FinanceStatement).where(FinanceStatement.month == month)
    return session.scalars(found.order_by(FinanceStatement.id.desc()).limit(1)).first()


def compare(session: Session, statement: FinanceStatement) -> Comparison:
    """The list beside what we asked for until its month ended. Five statements.

    What was requested before its month and was settled by then need not be on the list.
    """
    lines = session.scalars(
        select(FinanceLine)
        .where(FinanceLine.statement_id == statement.id)
        .order_by(FinanceLine.row)
    ).all()
    ours = _requests(session, lines, statement.month)
    by_number = {one.number: one for one in ours if one.number}
    by_finance = {one.finance_number: one for one in ours if one.finance_number}
    receipts = _Receipts(session, {one.company_id for one in ours})
    differences: list[Differing] = []
    named: set[int] = set()
    agreeing = 0
    for line in lines:
        invoice = by_number.get(line.request_number or "") or by_finance.get(
            line.finance_number or ""
        )
        if invoice is not None:
            named.add(invoice.id)
        told = _differences(line, invoice, receipts)
        differences += told
        agreeing += not told
    expected = [one for one in ours if one.id not in named and _is_expected(one, statement.month)]
    differences += [
        Differing(kind=Difference.MISSING_THERE, invoice=one, line=None, here=one.total)
        for one in expected
    ]
    order = {kind: place for place, kind in enumerate(Difference)}
    differences.sort(key=lambda one: order[one.kind])
    return Comparison(statement=statement, differences=differences, agreeing=agreeing)


def record_receipt(
    session: Session,
    line: FinanceLine,
    *,
    received_on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Payment:
    """Record what the finance office has received for an invoice and we have not.

    More than is owed becomes the company's credit, and counts as recorded. Raises `NotReconciled`
    or `UnfitPayment`.
    """
    invoice = _request_of(session, line, lock=True)
    receipts = _Receipts(session, {invoice.company_id})
    missing = line.received_minor - receipts.recorded_for(invoice, line)
    if missing <= 0:
        raise NotReconciled("What they received is recorded already.")
    amount = Money(missing, invoice.currency)
    return payments.receive(
        session,
        invoice.company_id,
        amount,
        received_on=received_on,
        reference=f"{RECEIPT}{line.finance_number or invoice.number}"[:200],
        settles=payments.spread(amount, [invoice]),
        by=by,
        now=now,
        today=today,
    )


def record_number(session: Session, line: FinanceLine) -> Invoice:
    """Take the number and day of the finance office's invoice from its list."""
    invoice = _request_of(session, line)
    if line.finance_number is None:
        raise NotReconciled("Their list names no number of their own.")
    day = line.invoiced_on or invoice.finance_invoiced_on or invoice.issued_on
    assert day is not None  # a request was issued
    billing.record_finance(session, invoice, number=line.finance_number, invoiced_on=day)
    return invoice


class _Receipts:
    """What was recorded from the finance office's lists for these companies, by reference: of what
    came in above an invoice only that says what it came in for."""

    def __init__(self, session: Session, company_ids: Collection[int]) -> None:
        self._known: dict[tuple[int, str], list[Payment]] = defaultdict(list)
        self._used: dict[int, dict[int | None, int]] = defaultdict(lambda: defaultdict(int))
        which = (
            Payment.company_id.in_(company_ids),
            Payment.reference.startswith(RECEIPT),
            Payment.struck_on.is_(None),
        )
        for payment in session.scalars(select(Payment).where(*which)):
            self._known[payment.company_id, payment.reference or ""].append(payment)
        for payment_id, invoice_id, minor in session.execute(
            select(Allocation.payment_id, Allocation.invoice_id, Allocation.amount_minor)
            .join(Payment, Payment.id == Allocation.payment_id)
            .where(*which)
        ):
            self._used[payment_id][invoice_id] += minor

    def recorded_for(self, invoice: Invoice, line: FinanceLine) -> int:
        """What settles it, and what came in for it beyond that and was not given back."""
        numbers = {invoice.number, invoice.finance_number, line.finance_number} - {None}
        beyond = 0
        for number in numbers:
            for payment in self._known[invoice.company_id, f"{RECEIPT}{number}"]:
                used = self._used[payment.id]
                beyond += payment.amount_minor - used[invoice.id] - used[None]
        return invoice.paid_minor + beyond


def get_line(session: Session, line_id: int) -> FinanceLine:
    line = session.get(FinanceLine, line_id)
    if line is None:
        raise NotFound("There is no such line.")
    return line


def _request_of(session: Session, line: FinanceLine, *, lock: bool = False) -> Invoice:
    """The request a line is about. Raises `NotReconciled`."""
    names = [
        column == number
        for column, number in (
            (Invoice.number, line.request_number),
            (Invoice.finance_number, line.finance_number),
        )
        if number
    ]
    asked = select(Invoice).where(
        Invoice.way == InvoicingWay.CENTRAL, Invoice.issued_on.is_not(None), or_(*names)
    )
    found = session.scalars(asked.with_for_update(of=Invoice) if lock else asked).all()
    named = [one for one in found if one.number == line.request_number] or list(found)
    if len(named) != 1:
        raise NotReconciled("This line is for nothing that we asked them to invoice.")
    if named[0].currency != line.currency:
        raise NotReconciled(f"We asked for {named[0].currency}, they write {line.currency}.")
    return named[0]


def _requests(session: Session, lines: Sequence[FinanceLine], month: date) -> Sequence[Invoice]:
    """What the list names, and what could be expected on it."""
    numbers = [line.request_number for line in lines if line.request_number]
    finance = [line.finance_number for line in lines if line.finance_number]
    settled = Invoice.paid_minor + Invoice.credited_minor
    is_owed = settled < Invoice.net_minor + Invoice.tax_minor
    found = (
        select(Invoice)
        .where(
            Invoice.way == InvoicingWay.CENTRAL,
            Invoice.issued_on.is_not(None),
            or_(
                Invoice.number.in_(numbers),
                Invoice.finance_number.in_(finance),
                and_(
                    Invoice.issued_on < months_after(month, 1),
                    or_(Invoice.issued_on >= month, is_owed),
                ),
            ),
        )
        .options(joinedload(Invoice.company))
        .order_by(Invoice.issued_on, Invoice.id)
    )
    return session.scalars(found).all()


def _is_expected(invoice: Invoice, month: date) -> bool:
    """Asked for before the month ended, and not taken back as a whole."""
    assert invoice.issued_on is not None  # drafts were left out
    return (
        invoice.issued_on < months_after(month, 1) and invoice.credited_minor < invoice.total_minor
    )


def _differences(
    line: FinanceLine, invoice: Invoice | None, receipts: _Receipts
) -> list[Differing]:
    amount = Money(line.amount_minor, line.currency)
    if invoice is None:
        return [Differing(kind=Difference.MISSING_HERE, invoice=None, line=line, there=amount)]
    found: list[tuple[Difference, Money | None, Money | None]] = []
    asked = Money(invoice.total_minor - invoice.credited_minor, invoice.currency)
    if amount not in (asked, invoice.total):
        found.append((Difference.OTHER_AMOUNT, invoice.total, amount))
    if line.finance_number and line.finance_number != invoice.finance_number:
        found.append((Difference.NUMBER_NOT_RECORDED, None, None))
    recorded = receipts.recorded_for(invoice, line)
    if line.currency == invoice.currency and line.received_minor != recorded:
        received = Money(line.received_minor, line.currency)
        paid = Money(recorded, invoice.currency)
        more = received.minor > paid.minor
        kind = Difference.RECEIVED_NOT_RECORDED if more else Difference.RECORDED_NOT_RECEIVED
        found.append((kind, paid, received))
    return [
        Differing(kind=kind, invoice=invoice, line=line, here=here, there=there)
        for kind, here, there in found
    ]
