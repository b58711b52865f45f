"""A report as CSV, workbook or PDF: the same columns and rows as its page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.kit import csv, xlsx
from crm.kit.money import Money, digits
from crm.reports import paper
from crm.reports.columns import Cell, Column, Kind, Report, Row

LOCALE = "en_US"
WIDTHS = {Kind.DAY: 12.0, Kind.NUMBER: 14.0, Kind.ID: 13.0, Kind.FLAG: 10.0, Kind.MONEY: 16.0}
NUMBERS = frozenset({Kind.MONEY, Kind.NUMBER, Kind.ID})


@dataclass(frozen=True, kw_only=True)
class Made:
    """A report read once: for whom, when, in which programme, and what it says."""

    report: Report
    day: date
    programme: str
    run_by: str
    run_at: datetime
    """In the programme's zone."""
    columns: Sequence[Column]
    rows: Sequence[Row]

    @property
    def name(self) -> str:
        return f"{self.report.name}-{self.day.isoformat()}"


def make(
    report: Report, session: Session, *, day: date, viewer: Viewer, programme: str, run_at: datetime
) -> Made:
    return Made(
        report=report,
        day=day,
        programme=programme,
        run_by=viewer.name,
        run_at=run_at,
        columns=report.columns(viewer),
        rows=report.read(session, day, viewer),
    )


def as_csv(made: Made) -> bytes:
    return "".join(csv.stream([c.heading for c in made.columns], made.rows)).encode()


def as_xlsx(made: Made) -> bytes:
    file = io.BytesIO()
    xlsx.write(
        file,
        sheet=made.report.title,
        headings=[column.heading for column in made.columns],
        rows=made.rows,
        widths=[WIDTHS.get(column.kind, 14 * column.share) for column in made.columns],
    )
    return file.getvalue()


def as_pdf(made: Made) -> bytes:
    data = {
        "programme": made.programme,
        "title": made.report.title,
        "subtitle": f"As of {_day(made.day)}",
        "foot": f"{made.programme} · {made.report.title} as of {made.day.isoformat()} · run by "
        f"{made.run_by}, {_moment(made.run_at)}",
        "empty": "There is nothing to list on this day.",
        "columns": [
            {"heading": c.heading, "share": c.share, "number": c.kind in NUMBERS}
            for c in made.columns
        ],
        "rows": [[_unbroken(cell) for cell in row] for row in made.rows],
        "sums": [f"{heading}: {text}" for heading, text in sums(made)],
    }
    (pdf,) = paper.typeset("report", [data])
    return pdf


FORMATS: dict[str, Callable[[Made], bytes]] = {"csv": as_csv, "xlsx": as_xlsx, "pdf": as_pdf}


def sums(made: Made) -> Iterator[tuple[str, str]]:
    """Each column of money summed up, by currency; and how many rows there are."""
    yield ("Rows", f"{len(made.rows):,}")
    for place, column in enumerate(made.columns):
        if column.kind is Kind.MONEY:
            by_currency: dict[str, Money] = {}
            for row in made.rows:
                cell = row[place]
                if isinstance(cell, Money):
                    known = by_currency.get(cell.currency, Money(0, cell.currency))
                    by_currency[cell.currency] = known + cell
            if by_currency:
                ordered = (shown(by_currency[currency]) for currency in sorted(by_currency))
                yield (column.heading, " · ".join(ordered))


@lru_cache(maxsize=4096, typed=True)  # typed: True is no 1
def shown(cell: Cell) -> str:
    """As a reader sees it: days and sums in their manner, nothing for nothing."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case int():
            return str(format_decimal(cell, locale=LOCALE, group_separator=False))
        case Money():
            whole = cell.minor % 10 ** digits(cell.currency) == 0
            return str(
                format_currency(
                    cell.decimal,
                    cell.currency,
                    "¤#,##0" if whole else None,
                    locale=LOCALE,
                    currency_digits=not whole,
                )
            )
        case date():
            return _day(cell)
        case _:
            return cell


def _unbroken(cell: Cell) -> str:
    """A day stands on one line."""
    text = shown(cell)
    return text.replace(" ", "\u00a0") if isinstance(cell, date) else text


def _day(day: date) -> str:
    return str(format_date(day, "MMM d, y", locale=LOCALE))


def _moment(at: datetime) -> str:
    return str(format_datetime(at, "MMM d, y, HH:mm zzz", locale=LOCALE))
