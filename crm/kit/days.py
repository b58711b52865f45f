"""Calendar arithmetic that both databases understand."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


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
