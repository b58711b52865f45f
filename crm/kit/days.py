"""Calendar arithmetic that both databases understand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, SQLColumnExpression, and_, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def day_after(last_day: date | None) -> date | None:
    """The exclusive end that people type as a last day; no last day has none."""
    return None if last_day is None else last_day + timedelta(days=1)


def day_before(ends_before: date | None) -> date | None:
    """The last day that people are shown, of an exclusive end."""
    return None if ends_before is None else ends_before - timedelta(days=1)


def runs_on(spell: Any, day: date) -> ColumnElement[bool]:
    """Whether what has these days runs on a day: an affiliation, a holding, a place, an interest …
    The SQL twin of `periods.runs`; `spell` has the columns `starts_on` and `ends_before`."""
    return and_(or_(spell.starts_on.is_(None), spell.starts_on <= day), lasts_beyond(spell, day))


def lasts_beyond(spell: Any, day: date | SQLColumnExpression[date]) -> ColumnElement[bool]:
    """Whether it is not over on a day: it runs then, or is to begin after it."""
    return or_(spell.ends_before.is_(None), spell.ends_before > day)


class days_later(FunctionElement[date]):  # noqa: N801 (reads like the SQL function it stands for)
    """`days_later(day, count)`: the day so many days after another."""

    type = Date()
    inherit_cache = True


@compiles(days_later)
def _standard(element: days_later, compiler: Any, **kw: Any) -> str:
    day, count = element.clauses
    return f"({compiler.process(day, **kw)} + {compiler.process(count, **kw)})"


@compiles(days_later, "sqlite")
def _sqlite(element: days_later, compiler: Any, **kw: Any) -> str:
    day, count = element.clauses
    return f"date({compiler.process(day, **kw)}, {compiler.process(count, **kw)} || ' days')"
