"""What an import did, and why it did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crm.kit.errors import RuleBroken
from crm.kit.tables import place

Tick = Callable[[int], None]
"""Told how many more rows are done, for a progress bar."""


@dataclass(frozen=True, order=True)
class Remark:
    """Something about one cell or one row, in words for whoever keeps the file."""

    row: int
    column: str | None
    reason: str

    def __str__(self) -> str:
        return f"{place(self.row, self.column)}: {self.reason}"


class Refused(RuleBroken):
    """The file was not taken; nothing was written."""

    def __init__(self, problems: list[Remark]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.row))
        super().__init__("\n".join(map(str, self.problems)))


@dataclass
class Report:
    """Rows by what became of them. Warnings are to be looked at; they stop nothing."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    warnings: list[Remark] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    """Headings no field was found for."""
