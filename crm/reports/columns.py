"""What a report is: columns and rows, for a viewer and a day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission, Viewer
from crm.kit.money import Money

Cell = str | int | bool | date | Money | None
Row = tuple[Cell, ...]


class Kind(StrEnum):
    """How a cell is drawn; files need only its type."""

    TEXT = "text"
    STATUS = "status"
    DAY = "day"
    MONEY = "money"
    NUMBER = "number"
    FLAG = "flag"
    ID = "id"


@dataclass(frozen=True)
class Column:
    heading: str
    kind: Kind = Kind.TEXT
    share: float = 1
    """Its part of a printed page's width, beside the others'."""


@dataclass(frozen=True)
class Bar:
    """One line of a chart beside its table; `value` of `most` is how long it is."""

    label: str
    amount: Money
    most: int

    @property
    def value(self) -> int:
        return self.amount.minor


def no_chart(rows: Sequence[Row]) -> Sequence[Bar]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """`rows` has a cell for each of `columns`, for the same viewer."""

    name: str
    """In its address and its files' names."""
    title: str
    about: str
    needs: Permission
    columns: Callable[[Viewer], Sequence[Column]]
    rows: Callable[..., Sequence[Row]]
    """(session, *, day, viewer)"""
    chart: Callable[[Sequence[Row]], Sequence[Bar]] = no_chart
    chart_title: str = ""

    def read(self, session: Session, day: date, viewer: Viewer) -> Sequence[Row]:
        return self.rows(session, day=day, viewer=viewer)
