"""A report as CSV, workbook or PDF: the same columns and rows as its page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal
from sqlalchemy.orm import Session

from crm.kit import csv, xlsx
from crm.kit.money import Money, digits
from crm.reports import paper
from crm.reports.columns import VERY_LATE, Asked, Cell, Column, Kind, Report, Row, Section

LOCALE = "en_US"
WIDTHS = {
    Kind.DAY: 12.0,
    Kind.NUMBER: 14.0,
    Kind.ID: 13.0,
    Kind.FLAG: 10.0,
    Kind.MONEY: 16.0,
    Kind.PERCENT: 12.0,
    Kind.LATE: 12.0,
}
NUMBERS = frozenset({Kind.MONEY, Kind.NUMBER, Kind.ID, Kind.PERCENT, Kind.LATE})
NOTHING = "There is nothing to list on this day."


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
    sections: Sequence[Section] = ()
    since: date | None = None
    company_id: int | None = None
    order: Sequence[str] = ()
    """Of the groups, where the report has one."""

    @property
    def filters(self) -> str:
        """As it was asked for, in words."""
        since = f", {self.report.since.lower()} {_day(self.since)}" if self.since else ""
        return f"As of {_day(self.day)}{since}"

    @property
    def name(self) -> str:
        return f"{self.report.name}-{self.day.isoformat()}"


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows that page and paper show together; `title` is empty where all are one."""

    title: str
    rows: Sequence[Row]
    sums: Sequence[tuple[str, str]]


def make(
    report: Report,
    session: Session,
    *,
    asked: Asked,
    programme: str,
    run_at: datetime,
) -> Made:
    since = (asked.since or report.since_when(asked.day)) if report.tells_changes else None
    company_id = asked.company_id if report.of_company else None
    asked = replace(asked, since=since, company_id=company_id)
    rows = report.read(session, asked, now=run_at)
    return Made(
        report=report,
        day=asked.day,
        programme=programme,
        run_by=asked.viewer.name,
        run_at=run_at,
        columns=report.columns(asked.viewer),
        rows=rows,
        sections=report.sections(session, asked, rows),
        since=asked.since,
        company_id=asked.company_id,
        order=report.groups(session) if report.groups else (),
    )


def as_csv(made: Made) -> bytes:
    return "".join(csv.stream([c.heading for c in made.columns], made.rows)).encode()


def as_xlsx(made: Made) -> bytes:
    file = io.BytesIO()
    xlsx.write(
        file,
        _sheet(made.report.title, made.columns, made.rows, totals(made)),
        *(_sheet(s.sheet, s.columns, s.rows) for s in made.sections if s.sheet),
    )
    return file.getvalue()


def _sheet(
    name: str, columns: Sequence[Column], rows: Sequence[Row], sums: Sequence[Row] = ()
) -> xlsx.Sheet:
    return xlsx.Sheet(
        name=name,
        headings=[column.heading for column in columns],
        rows=rows,
        widths=[WIDTHS.get(column.kind, 14 * column.share) for column in columns],
        totals=sums,
    )


def as_pdf(made: Made) -> bytes:
    above = [printed(s.title, s.columns, s.rows, s.empty) for s in made.sections if s.above]
    below = [printed(s.title, s.columns, s.rows, s.empty) for s in made.sections if not s.above]
    groups = grouped(made)
    own = [
        printed(
            group.title, made.columns, group.rows, NOTHING, group.sums, but=made.report.group_by
        )
        for group in groups
    ]
    data = {
        "programme": made.programme,
        "title": made.report.title,
        "subtitle": made.filters,
        "note": made.report.note,
        "foot": f"{made.programme} · {made.report.title} as of {made.day.isoformat()} · run by "
        f"{made.run_by}, {_moment(made.run_at)}",
        "tables": [*above, *own],
        "sums": [f"{heading}: {text}" for heading, text in sums(made)]
        if len(groups) > 1 or not groups[0].title
        else [],
        "below": below,
    }
    (pdf,) = paper.typeset("report", [data])
    return pdf


def printed(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    empty: str,
    sums: Sequence[tuple[str, str]] = (),
    but: str = "",
) -> dict[str, Any]:
    """`but`: the heading whose cell is the title of them all."""
    places = [
        place
        for place, column in enumerate(columns)
        if column.printed and not (title and column.heading == but)
    ]
    return {
        "title": title[:1].upper() + title[1:],
        "empty": empty,
        "columns": [
            {
                "heading": columns[place].heading,
                "share": columns[place].share,
                "number": columns[place].kind in NUMBERS,
            }
            for place in places
        ],
        "rows": [[_unbroken(row[place], columns[place].kind) for place in places] for row in rows],
        "sums": [f"{heading}: {text}" for heading, text in sums],
    }


def grouped(made: Made) -> Sequence[Group]:
    """The rows in their groups, in order, each with its sums; all in one where there are none."""
    if not made.report.group_by:
        return [Group(title="", rows=made.rows, sums=())]
    place = [column.heading for column in made.columns].index(made.report.group_by)
    found: dict[str, list[Row]] = {name: [] for name in made.order}
    for row in made.rows:
        found.setdefault(shown(row[place]), []).append(row)
    return [
        Group(title=title, rows=rows, sums=list(sums_of(made.columns, rows)))
        for title, rows in found.items()
        if rows
    ] or [Group(title="", rows=(), sums=())]


FORMATS: dict[str, Callable[[Made], bytes]] = {"csv": as_csv, "xlsx": as_xlsx, "pdf": as_pdf}


def sums(made: Made) -> Iterator[tuple[str, str]]:
    """How many rows there are; each column of money summed up, by currency, unless groups are
    summed apart."""
    if made.report.sum_groups_apart:
        yield ("Rows", f"{len(made.rows):,}")
        return
    yield from sums_of(made.columns, made.rows)


def sums_of(columns: Sequence[Column], rows: Sequence[Row]) -> Iterator[tuple[str, str]]:
    yield ("Rows", f"{len(rows):,}")
    for place, column in enumerate(columns):
        by_currency = _added(rows, place) if column.kind is Kind.MONEY else {}
        if by_currency:
            ordered = (shown(by_currency[currency]) for currency in sorted(by_currency))
            yield (column.heading, " · ".join(ordered))


def totals(made: Made) -> Sequence[Row]:
    """Rows of sums below a workbook's own: of each group and currency, then of each currency."""
    money = [place for place, column in enumerate(made.columns) if column.kind is Kind.MONEY]
    groups = [(group.title, group.rows) for group in grouped(made) if group.title]
    if not made.report.sum_groups_apart:
        groups.append(("Total", made.rows))
    found: list[Row] = []
    for title, rows in groups:
        added = {place: _added(rows, place) for place in money}
        for currency in sorted({currency for sums in added.values() for currency in sums}):
            line: list[Cell] = [None] * len(made.columns)
            line[0] = f"{title}, {currency}"
            for place in money:
                line[place] = added[place].get(currency)
            found.append(tuple(line))
    return found


def _added(rows: Sequence[Row], place: int) -> dict[str, Money]:
    """A column of money, by currency."""
    found: dict[str, Money] = {}
    for row in rows:
        cell = row[place]
        if isinstance(cell, Money):
            found[cell.currency] = found.get(cell.currency, Money(0, cell.currency)) + cell
    return found


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


def _unbroken(cell: Cell, kind: Kind) -> str:
    """A day stands on one line; what is very late is marked."""
    text = shown(cell)
    if kind is Kind.PERCENT and text:
        return f"{text}\u00a0%"
    if kind is Kind.LATE and isinstance(cell, int) and cell > VERY_LATE:
        return f"{text}\u00a0!"
    return text.replace(" ", "\u00a0") if isinstance(cell, date) else text


def _day(day: date) -> str:
    return str(format_date(day, "MMM d, y", locale=LOCALE))


def _moment(at: datetime) -> str:
    return str(format_datetime(at, "MMM d, y, HH:mm zzz", locale=LOCALE))
