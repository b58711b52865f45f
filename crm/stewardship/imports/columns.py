"""Which column of a file holds what: guessed from the headings that others use."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm.kit.csv import unguard
from crm.kit.tables import Table
from crm.kit.text import fold
from crm.stewardship.imports.report import Refused, Remark, Tick

TICK = 500
_APART = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Field:
    """Something a file may tell, and the headings it goes by, the likeliest first.

    `read` makes the value of a cell that is not empty; its `ValueError` speaks to people.
    """

    name: str
    headings: tuple[str, ...]
    read: Callable[[str], Any]
    required: bool = False


@dataclass(slots=True)
class Line:
    """A row of the file as values. What is not in it was left empty."""

    number: int
    values: dict[str, Any]

    def get(self, name: str) -> Any:
        return self.values.get(name)


@dataclass
class Sheet:
    """A file read through the fields of one kind, with what is wrong in it."""

    lines: list[Line]
    headings: dict[str, str]
    """The heading under which each field was found."""
    ignored: tuple[str, ...]
    problems: list[Remark] = field(default_factory=list)

    def fault(self, line: Line, name: str | None, reason: str) -> None:
        heading = None if name is None else self.headings.get(name, name)
        self.problems.append(Remark(line.number, heading, reason))

    def refuse_faulty(self) -> None:
        if self.problems:
            raise Refused(self.problems)


def read(table: Table, fields: Sequence[Field], tick: Tick) -> Sheet:
    """Every cell that a field was found for, read. Raises `Refused` if a needed column lacks."""
    found = _found(table.headings, fields)
    missing = [wanted for wanted in fields if wanted.required and wanted.name not in found]
    if missing:
        raise Refused(
            [
                Remark(1, None, f"No column is headed {_either(wanted.headings)}.")
                for wanted in missing
            ]
        )
    by_name = {wanted.name: wanted for wanted in fields}
    columns = [(place, name, by_name[name].read) for name, place in found.items()]
    needed = [wanted.name for wanted in fields if wanted.required]
    sheet = Sheet(
        lines=[],
        headings={name: table.headings[place] for name, place in found.items()},
        ignored=tuple(
            heading for place, heading in enumerate(table.headings) if place not in found.values()
        ),
    )
    for done, row in enumerate(table.rows, 1):
        line = Line(row.number, {})
        for place, name, reads in columns:
            cell = row.cells[place]
            if not cell:
                continue
            if cell[0] == "'":
                cell = unguard(cell)
            cell = cell.strip()
            if not cell:
                continue
            try:
                value = reads(cell)
            except ValueError as error:
                sheet.fault(line, name, str(error))
                value = None
            line.values[name] = value
        for name in needed:
            if name not in line.values:
                sheet.fault(line, name, "This cell is empty, and it is needed.")
        sheet.lines.append(line)
        if not done % TICK:
            tick(TICK)
    tick(len(table.rows) % TICK)
    return sheet


def _found(headings: Sequence[str], fields: Sequence[Field]) -> dict[str, int]:
    """The column of each field: of several, the one with the likeliest heading."""
    places = {_plain(heading): place for place, heading in reversed(list(enumerate(headings)))}
    found: dict[str, int] = {}
    for wanted in fields:
        for heading in wanted.headings:
            place = places.get(heading)
            if place is not None and place not in found.values():
                found[wanted.name] = place
                break
    return found


def _plain(heading: str) -> str:
    """`Billing State/Province` → `billing state province`."""
    return _APART.sub(" ", fold(heading)).strip()


def _either(headings: Sequence[str]) -> str:
    shown = [f"“{heading}”" for heading in headings[:3]]
    return " or ".join(shown)
