"""Reading what came in from the bank's list: matched, looked at, taken in all or none, undone."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from crm.companies.models import Company
from crm.invoices import payments
from crm.invoices.models import Invoice
from crm.invoices.payment_models import BankImport, Payment
from crm.invoices.rules import InvoicingWay
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.money import Money
from crm.kit.text import company_key

_NOT_A_SIGN = re.compile(r"[^A-Z0-9]")
_SHORTEST_NUMBER = 5
"""Characters of a number of the finance office: a shorter one stands in too many references."""


class NotTaken(RuleBroken):
    """The bank's list cannot be taken in, or not be undone."""


@dataclass(frozen=True, kw_only=True)
class BankLine:
    """Money that came in, as the bank's list has it. `key` tells it from every other line."""

    row: int
    received_on: date
    amount: Money
    reference: str
    payer: str
    key: str


class How(StrEnum):
    """How it is known whose money a line is."""

    NUMBER = "by number"
    AMOUNT = "by amount"
    NOT = "not matched"
    KNOWN = "read before"


@dataclass(frozen=True, kw_only=True)
class Match:
    """A line, whose it seems to be, and what it settles: (id, number, how much)."""

    line: BankLine
    how: How
    company: Company | None = None
    settles: tuple[tuple[int, str, Money], ...] = ()
    remark: str = ""

    @property
    def left(self) -> Money:
        """What stays as the company's credit."""
        used = sum(part.minor for _, _, part in self.settles)
        return Money(self.line.amount.minor - used, self.line.amount.currency)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A line that a person lets in: whose it is, and what it settles."""

    line: BankLine
    company_id: int
    settles: Mapping[int, Money]


def match(session: Session, lines: Sequence[BankLine], *, by: Actor) -> list[Match]:
    """What each line seems to be for: its number in the reference, else the only open invoice of
    its amount. Proposed, never done. Three statements however many lines."""
    known = _known(session, lines)
    opened = session.scalars(
        select(Invoice)
        .where(
            Invoice.issued_on.is_not(None),
            Invoice.paid_minor + Invoice.credited_minor < Invoice.net_minor + Invoice.tax_minor,
        )
        .options(joinedload(Invoice.company))
        .order_by(Invoice.due_on, Invoice.id)
    ).all()
    matching = _Matching(opened, by)
    found: dict[int, Match] = {}
    fresh = [line for line in lines if line.key not in known]
    for line in fresh:
        if (named := matching.by_number(line)) is not None:
            found[line.row] = named
    for line in fresh:
        if line.row not in found:
            found[line.row] = matching.by_amount(line)
    return [found.get(line.row) or Match(line=line, how=How.KNOWN) for line in lines]


def fingerprint(matches: Sequence[Match]) -> str:
    """What a preview showed, so that nothing else is taken in than was looked at."""
    told = [
        (m.line.key, m.how.value, m.company.id if m.company else 0,
         [(id_, part.minor) for id_, _, part in m.settles])
        for m in matches
    ]  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()


def take(
    session: Session,
    file_name: str,
    taken: Sequence[Taken],
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> BankImport:
    """Record these lines as payments, all or none. Raises `NotTaken`, which names the row."""
    if not taken:
        raise NotTaken("Nothing is chosen: tick a line, or name the company it came from.")
    with session.begin_nested():  # so that a refusal in the middle leaves nothing of it
        read = BankImport(file_name=file_name, imported_on=today, by_name=by.name)
        session.add(read)
        session.flush()
        for one in taken:
            _take(session, read, one, by=by, now=now, today=today)
    return read


def _take(
    session: Session, read: BankImport, one: Taken, *, by: Actor, now: datetime, today: date
) -> None:
    line = one.line
    try:
        payments.receive(
            session,
            one.company_id,
            line.amount,
            received_on=line.received_on,
            reference=line.reference[:200] or line.payer[:200] or None,
            settles=one.settles,
            by=by,
            now=now,
            today=today,
            bank_import_id=read.id,
            bank_reference=line.key,
        )
    except RuleBroken as refusal:
        raise NotTaken(f"Row {line.row}: {refusal}") from None
    except IntegrityError as error:
        if "bank_reference" not in str(error.orig):
            raise
        raise NotTaken(f"Row {line.row}: somebody has read this line just now.") from None


def undo(
    session: Session, read: BankImport, *, by: Actor, now: datetime, today: date
) -> list[Payment]:
    """Strike every payment a list brought; its lines can be read again. Raises `NotTaken`."""
    session.refresh(read, with_for_update={"of": BankImport})
    if read.undone_on is not None:
        raise NotTaken("This list was undone already.")
    standing = session.scalars(
        select(Payment)
        .where(Payment.bank_import_id == read.id, Payment.struck_on.is_(None))
        .order_by(Payment.id)
    ).all()
    reason = f"The bank's list {read.file_name} was undone"[:500]
    for payment in standing:
        try:
            payments.strike(session, payment, reason=reason, by=by, now=now, today=today)
        except RuleBroken as refusal:
            raise NotTaken(f"The payment of {payment.received_on}: {refusal}") from None
    read.undone_on = today
    session.flush()
    return list(standing)


def get(session: Session, bank_import_id: int) -> BankImport:
    found = session.get(BankImport, bank_import_id)
    if found is None:
        raise NotFound("There is no such list.")
    return found


def latest(session: Session, *, limit: int = 20) -> Sequence[BankImport]:
    found = select(BankImport).order_by(BankImport.id.desc()).limit(limit)
    return session.scalars(found).all()


def _known(session: Session, lines: Sequence[BankLine]) -> set[str]:
    found = select(Payment.bank_reference).where(
        Payment.bank_reference.in_([line.key for line in lines]), Payment.struck_on.is_(None)
    )
    return {key for key in session.scalars(found) if key is not None}


class _Matching:
    """The open invoices while lines are matched: what a line settles is not there for the next."""

    def __init__(self, opened: Sequence[Invoice], by: Actor) -> None:
        self._opened = opened
        self._by = by
        self._left = {invoice.id: invoice.balance.minor for invoice in opened}
        self._signs = [(invoice, sign) for invoice in opened for sign in _signs_of(invoice)]
        self._by_amount: dict[tuple[int, str], list[Invoice]] = defaultdict(list)
        for invoice in opened:
            self._by_amount[invoice.balance.minor, invoice.currency].append(invoice)

    def by_number(self, line: BankLine) -> Match | None:
        text = _NOT_A_SIGN.sub("", f"{line.reference} {line.payer}".upper())
        named = {
            invoice.id: invoice
            for invoice, sign in self._signs
            if invoice.currency == line.amount.currency and _stands_in(sign, text)
        }
        if not named:
            return None
        companies = {invoice.company_id for invoice in named.values()}
        if len(companies) > 1:
            return Match(line=line, how=How.NOT, remark="It names invoices of several companies.")
        return self._settle(line, How.NUMBER, list(named.values()))

    def by_amount(self, line: BankLine) -> Match:
        fitting = [
            invoice
            for invoice in self._by_amount[line.amount.minor, line.amount.currency]
            if self._left[invoice.id] == line.amount.minor
        ]
        payer = company_key(line.payer) if line.payer else ""
        if payer and len(fitting) > 1:
            fitting = [one for one in fitting if one.company.match_key == payer] or fitting
        if len(fitting) == 1:
            return self._settle(line, How.AMOUNT, fitting)
        remark = f"{len(fitting)} invoices are open over this amount." if fitting else ""
        return Match(line=line, how=How.NOT, remark=remark)

    def _settle(self, line: BankLine, how: How, invoices: Sequence[Invoice]) -> Match:
        if any(one.way is InvoicingWay.OWN and one.issued_by_id == self._by.id for one in invoices):
            numbers = ", ".join(str(one.number) for one in invoices)
            return Match(
                line=line,
                how=How.NOT,
                remark=f"You issued {numbers}: somebody else takes this line in.",
            )
        left, parts = line.amount.minor, []
        for invoice in invoices:
            part = min(left, self._left[invoice.id])
            if part > 0:
                number = invoice.number or ""
                parts.append((invoice.id, number, Money(part, invoice.currency)))
                self._left[invoice.id] -= part
                left -= part
        return Match(line=line, how=how, company=invoices[0].company, settles=tuple(parts))


def _signs_of(invoice: Invoice) -> list[str]:
    """What a payer writes so that we know: our number, or the finance office's."""
    numbers = (invoice.number, invoice.finance_number)
    signs = [_NOT_A_SIGN.sub("", number.upper()) for number in numbers if number]
    return [sign for sign in signs if len(sign) >= _SHORTEST_NUMBER]


def _stands_in(sign: str, text: str) -> bool:
    """Whether a number stands in a text, and not as a part of a longer one."""
    at = text.find(sign)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(sign) : at + len(sign) + 1]
        if not after.isdigit() and not (before.isdigit() and sign[0].isdigit()):
            return True
        at = text.find(sign, at + 1)
    return False
