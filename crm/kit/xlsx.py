"""Rows to a workbook, one row in memory at a time: real days and numbers, no text that runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, BinaryIO, NamedTuple

import xlsxwriter

from crm.kit.money import Money, digits

LONGEST = 32_767
"""Characters a cell can hold."""
FIRST_DAY = date(1900, 3, 1)
"""Before it spreadsheets disagree on the number of a day."""
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The headings stay in view, empty cells are left out. `totals` stand below, after an empty
    row, so that filters and sorting leave them alone."""

    name: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Any]]
    widths: Sequence[float] = ()
    totals: Sequence[Sequence[Any]] = ()


def write(file: BinaryIO, *sheets: Sheet) -> None:
    """A workbook of these sheets."""
    book = xlsxwriter.Workbook(file, _OPTIONS)
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {
        strong: _Formats(
            book.add_format({"bold": True}) if strong else None,
            book.add_format({"num_format": "yyyy-mm-dd", "bold": strong}),
            {
                places: book.add_format(
                    {"num_format": "#,##0" + ("." + "0" * places if places else ""), "bold": strong}
                )
                for places in (0, 2, 3, 4)
            },
        )
        for strong in (False, True)
    }
    for sheet in sheets:
        page = book.add_worksheet(sheet.name[:31])
        page.freeze_panes(1, 0)
        for column, width in enumerate(sheet.widths):
            page.set_column(column, column, width)
        for column, heading in enumerate(sheet.headings):
            page.write_string(0, column, heading, bold)
        line = _fill(page, sheet.rows, 1, formats[False])
        page.autofilter(0, 0, max(line, 1), max(len(sheet.headings) - 1, 0))
        _fill(page, sheet.totals, line + 2, formats[True])
    book.close()


class _Formats(NamedTuple):
    text: Any
    day: Any
    amounts: Mapping[int, Any]


def _fill(page: Any, rows: Iterable[Sequence[Any]], first: int, formats: _Formats) -> int:
    """Write rows from a line on; the last line written."""
    plain, day, amounts = formats
    # By exact type, inlined on purpose: a call a cell would cost a third of the rate.
    text, number, on = page.write_string, page.write_number, page.write_datetime
    line = first - 1
    for line, row in enumerate(rows, first):
        for column, value in enumerate(row):
            kind = type(value)
            if kind is str:
                if value:
                    text(line, column, value if len(value) <= LONGEST else value[:LONGEST], plain)
            elif value is None:
                continue
            elif kind is int or kind is float:
                number(line, column, value, plain)
            elif isinstance(value, Money):
                number(line, column, float(value.decimal), amounts[digits(value.currency)])
            elif isinstance(value, date):
                if kind is date and value >= FIRST_DAY:
                    on(line, column, value, day)
                else:
                    text(line, column, value.isoformat())
            elif isinstance(value, bool):
                text(line, column, "yes" if value else "no")
            elif isinstance(value, Decimal):
                number(line, column, float(value))
            else:
                text(line, column, value.value if isinstance(value, StrEnum) else str(value))
    return line
