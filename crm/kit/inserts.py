"""Many rows in one statement: they travel as one JSON text, which both databases take apart.

Sent row by row, each is a statement of its own. On SQLite the full-text index then writes itself
out after each (five times the work); on PostgreSQL each is a message, and spelling them all in
one statement has the driver read that statement longer than the server works on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Dialect,
    String,
    Table,
    bindparam,
    cast,
    func,
    insert,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite

from crm.kit.db import Base

Row = Mapping[str, Any]
_INSERT: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def insert_many(connection: Connection, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows that name the same columns; those not named get their default."""
    table = _table(model)
    if len(rows) == 1:
        connection.execute(insert(table), rows)
    elif rows:
        put = _put(connection.dialect.name, table, tuple(rows[0]), ())
        connection.execute(put, {"rows": _as_json(connection.dialect, table, rows)})


def insert_for_ids(connection: Connection, model: type[Base], rows: Sequence[Row]) -> list[int]:
    """Insert rows that name the same columns, but no id; their ids, in the same order."""
    if not rows:
        return []
    table = _table(model)
    ids = _next_ids(connection, table, len(rows))
    insert_many(connection, model, [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)])
    return ids


def upsert_many(
    connection: Connection, model: type[Base], rows: Sequence[Row], *, key: tuple[str, ...]
) -> None:
    """Insert rows that name the same columns, or change those there with the same unique key."""
    if rows:
        table = _table(model)
        put = _put(connection.dialect.name, table, tuple(rows[0]), key)
        connection.execute(put, {"rows": _as_json(connection.dialect, table, rows)})


def _next_ids(connection: Connection, table: Table, number: int) -> list[int]:
    """SQLite's one writer counts on from the last; PostgreSQL hands them out."""
    if connection.dialect.name == "sqlite":
        last: int = connection.scalar(select(func.max(table.c.id))) or 0
        return list(range(last + 1, last + 1 + number))
    handed_out = func.nextval(func.pg_get_serial_sequence(f'"{table.name}"', "id"))
    each = func.generate_series(1, bindparam("number")).table_valued("place")
    return list(connection.scalars(select(handed_out).select_from(each), {"number": number}))


@lru_cache
def _put(dialect: str, table: Table, names: tuple[str, ...], key: tuple[str, ...]) -> Any:
    rows: Any = bindparam("rows", type_=String)
    values: list[ColumnElement[Any]]
    if dialect == "sqlite":
        each = func.json_each(rows).table_valued("value", name="each")
        values = [func.json_extract(each.c.value, f"$[{place}]") for place in range(len(names))]
    else:
        like: Any = literal_column(f'NULL::"{table.name}"')
        each = func.json_populate_recordset(like, cast(rows, JSON)).table_valued(
            *names, name="each"
        )
        values = [each.c[name] for name in names]
    # Without a WHERE, SQLite takes ON CONFLICT for a join.
    given = select(*values).select_from(each).where(true())
    put = _INSERT[dialect](table).from_select(names, given)
    if not key:
        return put
    changed = {name: put.excluded[name] for name in names if name not in key}
    return put.on_conflict_do_update(index_elements=key, set_=changed)


def _as_json(dialect: Dialect, table: Table, rows: Sequence[Row]) -> str:
    """Arrays for SQLite, which counts faster than it compares; objects for PostgreSQL."""
    names = tuple(rows[0])
    columns: list[Iterable[Any]] = []
    for name in names:
        column: Iterable[Any] = [row[name] for row in rows]
        bind = _bind(dialect, table.c[name].type)
        columns.append(column if bind is None else map(cache(bind), column))
    listed = zip(*columns, strict=True)
    told: list[Any] = (
        list(listed)
        if dialect.name == "sqlite"
        else [dict(zip(names, row, strict=True)) for row in listed]
    )
    return json.dumps(told, default=_iso)


def _iso(value: Any) -> str:
    """A day, or a moment with its time; whatever else JSON does not know is refused."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} cannot be written with many others")


def _bind(dialect: Dialect, type_: Any) -> Callable[[Any], Any] | None:
    """How a type becomes what the driver takes; JSON in JSON needs nothing."""
    if isinstance(type_, JSON):
        return None
    bind: Callable[[Any], Any] | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return bind


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
