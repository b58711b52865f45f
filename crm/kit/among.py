"""`column IN (…)` for a list of ids whose length changes, in one and the same statement.

A statement that spells each id is another one for each length, too long for the driver to
remember and planned anew each time.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Dialect, Integer, SQLColumnExpression, String, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


class Ids(TypeDecorator[Collection[int]]):
    """A list of ids as one parameter: an array on PostgreSQL, JSON on SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(Integer()))

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        ids = list(value or ())
        return json.dumps(ids) if dialect.name == "sqlite" else ids


class among(FunctionElement[Any]):  # noqa: N801 (reads like the SQL it stands for)
    """Whether `column` is one of the ids given, when the statement is run, under `name`.

    Sort what comes in Python: asked for an order, SQLite walks the whole table by that instead.
    """

    type = NullType()  # a Boolean would be written `… = 1` on SQLite, which no index answers
    inherit_cache = True
    name = "among"

    def __init__(self, column: SQLColumnExpression[Any], name: str) -> None:
        super().__init__(column, bindparam(name, type_=Ids()))


@compiles(among, "sqlite")
def _on_sqlite(element: among, compiler: Any, **kw: Any) -> str:
    column, ids = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"


@compiles(among)
def _elsewhere(element: among, compiler: Any, **kw: Any) -> str:
    column, ids = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"{column} = ANY ({ids})"
