"""Reading tables that people upload: bytes in whatever encoding to headings and numbered rows."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from crm.kit.text import fold

MOST_ROWS = 1_000_000
MOST_COLUMNS = 200
MOST_CHARACTERS = 100_000  # in one cell
_DELIMITERS = ",;\t"
_PACKED = {b"PK\x03\x04": "an Excel workbook (.xlsx)", b"\xd0\xcf\x11\xe0": "an old Excel workbook"}
_SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]+")


class Unreadable(ValueError):
    """The file is no table we can take. The message names row and column where it can."""

    def __init__(self, reason: str, *, row: int | None = None, column: str | None = None) -> None:
        self.row = row
        self.column = column
        super().__init__(reason if row is None else f"{place(row, column)}: {reason}")


@dataclass(frozen=True, slots=True)
class Row:
    """`number` as a spreadsheet shows it: the headings are row 1, blank rows count."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Table:
    headings: tuple[str, ...]
    rows: list[Row]


def place(row: int, column: str | None = None) -> str:
    return f"Row {row}" if column is None else f"Row {row}, column “{column}”"


def read(data: bytes, *, most_rows: int = MOST_ROWS) -> Table:
    """The table in a CSV file. Raises `Unreadable`; cells come back exactly as they stand."""
    text = _decoded(data)
    _no_nul(text)
    separator = _SEPARATOR_LINE.match(text)
    start = separator.end() if separator else 0
    delimiter = separator[1] if separator else _delimiter(text)
    reader = csv.reader(io.StringIO(text[start:], newline=""), delimiter=delimiter, strict=True)
    first = 2 if separator else 1
    number = first - 1
    headings: tuple[str, ...] = ()
    rows: list[Row] = []
    try:
        for number, cells in enumerate(reader, start=first):
            if not any(map(str.strip, cells)):
                continue
            if not headings:
                headings = _headings(cells, number)
            elif len(rows) == most_rows:
                raise Unreadable(
                    f"The file has more than {most_rows:,} rows; divide it.", row=number
                )
            else:
                rows.append(Row(number, _fitted(cells, headings, number)))
    except csv.Error as error:
        raise Unreadable(_in_words(error), row=number + 1) from None
    if not headings:
        raise Unreadable("The file is empty: its first row has to hold the headings.")
    return Table(headings, rows)


def _decoded(data: bytes) -> str:
    for mark, kind in _PACKED.items():
        if data.startswith(mark):
            raise Unreadable(f"This is {kind}; save the sheet as CSV (UTF-8) and take that.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16")
    if data.startswith(b"\xef\xbb\xbf"):
        return _strictly(data, "utf-8-sig")
    if encoding := _utf16_without_mark(data):
        return _strictly(data, encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(_UTF8_SEQUENCE.findall(data)) > 2 * _strays(data):
            raise _broken(data, error, "UTF-8") from None
    try:
        return data.decode("cp1252")  # what Windows calls Latin-1
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _broken(data, error, encoding.upper().removesuffix("-SIG")) from None


def _broken(data: bytes, error: UnicodeDecodeError, encoding: str) -> Unreadable:
    line = data.count(b"\n", 0, error.start) + 1
    return Unreadable(f"The file begins as {encoding} but holds a broken character on line {line}.")


def _strays(data: bytes) -> int:
    """Bytes that are no part of a whole UTF-8 character."""
    return data.decode("utf-8", errors="replace").count("\N{REPLACEMENT CHARACTER}")


def _utf16_without_mark(data: bytes) -> str | None:
    """Western text in UTF-16 has a zero in every other byte."""
    sample = data[:2000]
    half = len(sample) // 2
    if half < 4 or len(data) % 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _no_nul(text: str) -> None:
    at = text.find("\x00")
    if at >= 0:
        line = text.count("\n", 0, at) + 1
        raise Unreadable(f"The file holds a NUL character on line {line}; it is no clean CSV.")


def _delimiter(text: str) -> str:
    """The one that parts the most headings; the headings may be quoted."""
    head = next((line for line in io.StringIO(text) if line.strip()), "")
    bare = re.sub(r'"(?:[^"]|"")*"', "", head)
    return max(_DELIMITERS, key=bare.count)


def _headings(cells: list[str], number: int) -> tuple[str, ...]:
    headings = [cell.strip() for cell in cells]
    while headings and not headings[-1]:
        headings.pop()
    if len(headings) > MOST_COLUMNS:
        raise Unreadable(f"More than {MOST_COLUMNS} columns.", row=number)
    seen: set[str] = set()
    for column, heading in enumerate(headings, start=1):
        if not heading:
            raise Unreadable(f"Column {column} has no heading.", row=number)
        if fold(heading) in seen:
            raise Unreadable("This heading stands twice.", row=number, column=heading)
        seen.add(fold(heading))
    return tuple(headings)


def _fitted(cells: list[str], headings: tuple[str, ...], number: int) -> list[str]:
    width = len(headings)
    if len(cells) < width:
        cells += [""] * (width - len(cells))
    elif len(cells) > width:
        if any(map(str.strip, cells[width:])):
            raise Unreadable(f"{len(cells)} cells, but there are {width} headings.", row=number)
        del cells[width:]
    if max(map(len, cells)) > MOST_CHARACTERS:
        worst = max(range(width), key=lambda column: len(cells[column]))
        raise Unreadable(
            f"More than {MOST_CHARACTERS:,} characters.", row=number, column=headings[worst]
        )
    return cells


def _in_words(error: csv.Error) -> str:
    message = str(error)
    if "unexpected end of data" in message:
        return "A quotation mark opens here and is not closed before the file ends."
    if "expected after" in message:
        return "After a closing quotation mark stands more text; double the marks inside a cell."
    if "field larger than field limit" in message:
        return "A cell is far too long; is a quotation mark not closed?"
    return f"The row cannot be read ({message})."
