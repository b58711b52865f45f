"""What a report is: columns and rows, for a viewer and a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission, Viewer
from crm.kit.money import Money
from crm.kit.periods import year_up_to

Cell = str | int | bool | date | Money | None
Row = tuple[Cell, ...]


VERY_LATE = 60
"""Days after which what is owed is flagged."""


class Kind(StrEnum):
    """How a cell is drawn; files need only its type."""

    TEXT = "text"
    STATUS = "status"
    DAY = "day"
    MONEY = "money"
    NUMBER = "number"
    FLAG = "flag"
    PERCENT = "percent"
    LATE = "late"
    """Days late: flagged beyond `VERY_LATE`."""
    ID = "id"


@dataclass(frozen=True)
class Column:
    heading: str
    kind: Kind = Kind.TEXT
    share: float = 1
    """Its part of a printed page's width, beside the others'."""
    printed: bool = True
    """Whether it has room on paper, too."""
    needs: Permission | None = None
    """What its readers must be allowed beyond what the report itself asks."""


def shown_to(viewer: Viewer, columns: Sequence[Column]) -> Sequence[Column]:
    """Without those that this viewer may not read."""
    return [column for column in columns if column.needs is None or viewer.may(column.needs)]


@dataclass(frozen=True)
class Bar:
    """One line of a chart beside its table; `value` of `most` is how long it is."""

    label: str
    amount: Money
    most: int

    @property
    def value(self) -> int:
        return self.amount.minor


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table beside the report's own, on its page and on paper; in a workbook if `sheet` names
    one. The CSV has the report's rows alone."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: str
    """What is said if there are none."""
    above: bool = False
    sheet: str = ""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a report is asked: for which day and whom; since when and of which company, if it
    can be."""

    day: date
    viewer: Viewer
    since: date | None = None
    company_id: int | None = None


def no_sections(session: Session, asked: Asked, rows: Sequence[Row]) -> Sequence[Section]:
    return ()


def bars(amounts: Iterable[tuple[str, Money]], label: Callable[[str], str] = str) -> Sequence[Bar]:
    """Amounts summed by their keys, in the order of these; each currency by itself."""
    sums: dict[tuple[str, str], Money] = {}
    for key, amount in amounts:
        known = sums.get((amount.currency, key), Money(0, amount.currency))
        sums[amount.currency, key] = known + amount
    most: dict[str, int] = defaultdict(int)
    for (currency, _), sum_ in sums.items():
        most[currency] = max(most[currency], sum_.minor)
    return [
        Bar(label(key), sum_, most[currency] or 1) for (currency, key), sum_ in sorted(sums.items())
    ]


def amounts(rows: Sequence[Row], place: int) -> Sequence[Money]:
    """A column of sums; cells that hold none are left out."""
    return [cell for cell in (row[place] for row in rows) if isinstance(cell, Money)]


def never(day: date) -> None:
    return None


def a_year_before(day: date) -> date:
    """The first day of the year that ends with this one."""
    return year_up_to(day).starts_on


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
    sections: Callable[[Session, Asked, Sequence[Row]], Sequence[Section]] = no_sections
    tells_changes: bool = False
    """Whether `?since=` may be asked."""
    since: str = "Changes since"
    """What that is called."""
    since_when: Callable[[date], date | None] = never
    """The day it is asked for since if nobody says, from the day it is asked for."""
    group_by: str = ""
    """The heading by whose cells page and paper group the rows, with sums for each."""
    groups: Callable[[Session], Sequence[str]] | None = None
    """Their order; else that in which they first come."""
    note: str = ""
    """What a reader of its pages has to know."""
    sum_groups_apart: bool = False
    """What is certain and what is hoped for has no common sum."""
    asks: frozenset[str] = frozenset()
    """What `rows` takes besides: `now` (what is sealed now stays so, whatever day is asked for),
    `since`, `company_id`."""

    @property
    def of_company(self) -> bool:
        """Whether `?company=` may be asked."""
        return "company_id" in self.asks

    def read(self, session: Session, asked: Asked, *, now: datetime) -> Sequence[Row]:
        given = {"now": now, "since": asked.since, "company_id": asked.company_id}
        more = {name: given[name] for name in self.asks}
        return self.rows(session, day=asked.day, viewer=asked.viewer, **more)
