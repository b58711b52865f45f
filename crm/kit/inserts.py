"""Many rows in one statement: they travel as one JSON text, which both databases take apart.

Sent row by row, each is a statement of its own. On SQLite the full-text index then writes itself
out after each (five times the work); on PostgreSQL each is a message, and spelling them all in
one statement has the driver read that statement longer than the server works on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
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
        connection.execute(put, _told(connection.dialect, table, rows))


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
        connection.execute(put, _told(connection.dialect, table, rows))


def _next_ids(connection: Connection, table: Table, number: int) -> list[int]:
    """SQLite's one writer counts on from the last; PostgreSQL hands them out."""
    if connection.dialect.name == "sqlite":
        last: int = connection.scalar(select(func.max(table.c.id))) or 0
        return list(range(last + 1, last + 1 + number))
    named = func.pg_get_serial_sequence(f'"{table.name}"', "id")
    sequence = select(cast(named, postgresql.REGCLASS)).scalar_subquery()  # looked up once
    handed_out = func.nextval(sequence)
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
        empty: Any = literal_column(f'NULL::"{table.name}"')
        alike = func.json_populate_record(empty, cast(bindparam("alike", type_=String), JSON))
        each = func.json_populate_recordset(alike, cast(rows, JSON)).table_valued(
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


def _told(dialect: Dialect, table: Table, rows: Sequence[Row]) -> dict[str, str]:
    """The parameters of `_put`. Arrays for SQLite, which counts faster than it compares; objects
    for PostgreSQL, where what all rows have alike is told once."""
    columns: dict[str, list[Any]] = {}
    for name in rows[0]:
        column = [row[name] for row in rows]
        bind = _bind(dialect, table.c[name].type)
        columns[name] = column if bind is None else list(map(cache(bind), column))
    if dialect.name == "sqlite":
        return {"rows": _json(list(zip(*columns.values(), strict=True)))}
    alike = {
        name: column[0]
        for name, column in columns.items()
        # To Python, 1 and true in JSON are equal.
        if column.count(column[0]) == len(rows) and not isinstance(table.c[name].type, JSON)
    }
    others = {name: column for name, column in columns.items() if name not in alike}
    each = zip(*others.values(), strict=True) if others else [()] * len(rows)
    told = [dict(zip(others, row, strict=True)) for row in each]
    return {"rows": _json(told), "alike": _json(alike)}


def _json(value: Any) -> str:
    return json.dumps(value, default=_iso)


@lru_cache
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
