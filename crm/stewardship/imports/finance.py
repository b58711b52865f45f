"""The finance office's list of a month: its invoices, and what it has received for each."""

from __future__ import annotations

from crm.invoices.finance import NewLine
from crm.kit import tables
from crm.kit.money import Money
from crm.stewardship.imports import columns, values
from crm.stewardship.imports.columns import Field, Line, Sheet

MOST_ROWS = 5_000
LARGEST = 768 * 1024
"""Bytes of a file."""
FIELDS = (
    Field("request_number", ("request number", "request", "our number", "reference"),
          values.line(40)),
    Field("finance_number", ("finance number", "invoice number", "invoice", "number", "invoice no",
                             "document number"), values.line(60)),
    Field("company", ("company", "customer", "customer name", "bill to"), values.line(200)),
    Field("invoiced_on", ("invoiced on", "invoice date", "date"), values.day(day_first=False)),
    Field("amount", ("amount", "invoice amount", "total", "billed"), values.line(40),
          required=True),
    Field("received", ("received", "paid", "amount received", "amount paid", "receipts"),
          values.line(40)),
    Field("currency", ("currency", "ccy"), values.line(3)),
)  # fmt: skip


def read(data: bytes, *, currency: str) -> list[NewLine]:
    """The lines of a file. Raises `tables.Unreadable`, or `Refused` with every problem in it."""
    if len(data) > LARGEST:
        raise tables.Unreadable(f"The file is larger than {LARGEST // 1024} KiB; divide it.")
    sheet = columns.read(tables.read(data, most_rows=MOST_ROWS), FIELDS, lambda rows: None)
    lines = []
    for line in sheet.lines:
        if not line.get("request_number") and not line.get("finance_number"):
            sheet.fault(line, None, "Neither our number nor theirs: this line is for no invoice.")
        code = (line.get("currency") or currency).upper()
        amount = _money(sheet, line, "amount", code)
        received = _money(sheet, line, "received", code)
        if amount is not None and received is not None:
            lines.append(
                NewLine(
                    row=line.number,
                    request_number=line.get("request_number"),
                    finance_number=line.get("finance_number"),
                    company=line.get("company"),
                    invoiced_on=line.get("invoiced_on"),
                    amount=amount,
                    received=received,
                )
            )
    sheet.refuse_faulty()
    return lines


def _money(sheet: Sheet, line: Line, name: str, currency: str) -> Money | None:
    """Nothing where the cell is empty; None where it is no amount, which is said."""
    try:
        return Money.parse(line.get(name) or "0", currency)
    except ValueError as error:
        sheet.fault(line, name, str(error))
        return None
