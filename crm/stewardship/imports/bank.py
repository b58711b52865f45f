"""A bank's list as lines: what came in, in whatever columns the bank has."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace

from crm.invoices.bank import BankLine
from crm.kit import tables
from crm.kit.money import Money
from crm.stewardship.imports import columns, values
from crm.stewardship.imports.columns import Field, Line, Sheet

MOST_ROWS = 1_000
LARGEST = 512 * 1024
"""Bytes of a file; whoever has more reads it month by month."""
_DEBITS = ("-", "\u2212", "(")


@dataclass(frozen=True, kw_only=True)
class BankList:
    lines: list[BankLine]
    outgoing: int
    """Rows of what was paid out: left out."""


_DATES = (
    "date", "booking date", "posting date", "post date", "value date", "received on",
    "transaction date",
)  # fmt: skip
_AMOUNTS = ("amount", "credit", "paid in", "deposit", "credit amount")
_REFERENCES = (
    "reference", "description", "memo", "details", "purpose", "remittance information",
    "narrative",
)  # fmt: skip
_PAYERS = ("payer", "name", "counterparty", "from", "originator", "customer")
_IDS = ("transaction id", "bank reference", "id", "reference number", "trace number")
FIELDS = (
    Field("received_on", _DATES, values.day(day_first=False), required=True),
    Field("amount", _AMOUNTS, values.line(40), required=True),
    Field("currency", ("currency", "ccy"), values.line(3)),
    Field("reference", _REFERENCES, values.line(1000)),
    Field("payer", _PAYERS, values.line(1000)),
    Field("id", _IDS, values.line(120)),
)


def read(data: bytes, *, currency: str) -> BankList:
    """The lines of a file. Raises `tables.Unreadable`, or `Refused` with every problem in it."""
    if len(data) > LARGEST:
        raise tables.Unreadable(f"The file is larger than {LARGEST // 1024} KiB; divide it.")
    table = tables.read(data, most_rows=MOST_ROWS)
    sheet = columns.read(table, FIELDS, lambda rows: None)
    lines, outgoing = [], 0
    seen: Counter[str] = Counter()
    for line in sheet.lines:
        typed = line.get("amount")
        if typed is None:
            continue  # which is said already
        if typed.startswith(_DEBITS):
            outgoing += 1
            continue
        amount = _amount(sheet, line, typed, currency)
        if amount is None or line.get("received_on") is None:
            continue
        made = BankLine(
            row=line.number,
            received_on=line.get("received_on"),
            amount=amount,
            reference=line.get("reference") or "",
            payer=line.get("payer") or "",
            key="",
        )
        told = f"id {line.get('id')}" if line.get("id") else _told(made)
        seen[told] += 1
        if line.get("id") and seen[told] > 1:
            sheet.fault(line, "id", "This transaction stands twice in the file.")
        # Two payments that say the same on one day are two: the second has a key of its own.
        key = told if seen[told] == 1 else f"{told} {seen[told]}"
        lines.append(replace(made, key=key))
    sheet.refuse_faulty()
    return BankList(lines=lines, outgoing=outgoing)


def _amount(sheet: Sheet, line: Line, typed: str, currency: str) -> Money | None:
    try:
        amount = Money.parse(typed.removeprefix("+"), (line.get("currency") or currency).upper())
    except ValueError as error:
        sheet.fault(line, "amount", str(error))
        return None
    if not amount.minor:
        sheet.fault(line, "amount", "Nothing came in.")
    return amount


def _told(line: BankLine) -> str:
    """A line without a number of the bank's is known by all that it says."""
    said = (line.received_on, line.amount.minor, line.amount.currency, line.reference, line.payer)
    return hashlib.sha256(repr(said).encode()).hexdigest()
