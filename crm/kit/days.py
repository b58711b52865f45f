"""Calendar arithmetic that both databases understand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


def day_after(last_day: date | None) -> date | None:
    """The exclusive end that people type as a last day; no last day has none."""
    return None if last_day is None else last_day + timedelta(days=1)


def day_before(ends_before: date | None) -> date | None:
    """The last day that people are shown, of an exclusive end."""
    return None if ends_before is None else ends_before - timedelta(days=1)


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
