"""Many rows at once by Core statements, journalled like those that flow through a session.

What a column's `info` says holds here too; see `recorder`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

from crm.journal.acts import CHANGED, CREATED
from crm.journal.operations import Change, Entry, record
from crm.journal.recorder import plain
from crm.kit.actors import Actor
from crm.kit.db import Base
from crm.kit.inserts import insert_for_ids

AT_A_TIME = 5000
Ref = tuple[str, int]
Row = Mapping[str, Any]
Refers = Callable[[Row, int], Ref]
"""From a row and its id to the record on whose page, or of whom, it speaks."""
NOT_TOLD = frozenset({"id", "version", "created_at"})


def add(
    session: Session,
    model: type[Base],
    rows: Sequence[Row],
    *,
    parent: Refers | None = None,
    subject: Refers | None = None,
    beside: Sequence[Mapping[str, Change]] | None = None,
    by: Actor,
    now: datetime,
) -> list[int]:
    """Insert rows that all name the same columns; returns their ids in the same order.

    `beside` is told in each row's entry, too: what stands in other tables and belongs to it.
    """
    table = _table(model)
    told, personal = _columns(table)
    connection = session.connection()
    ids: list[int] = []
    for start in range(0, len(rows), AT_A_TIME):
        some = rows[start : start + AT_A_TIME]
        new = insert_for_ids(connection, model, some)
        ids += new
        entries = [
            Entry(
                act=CREATED,
                kind=model.__journal__,  # type: ignore[attr-defined]
                record_id=id_,
                parent=parent(row, id_) if parent else None,
                changes={**_given(row, told), **(beside[start + place] if beside else {})},
                personal=_given(row, personal),
                subject=subject(row, id_) if subject else None,
            )
            for place, (row, id_) in enumerate(zip(some, new, strict=True))
        ]
        record(session, entries, by=by, now=now)
    return ids


def change(
    session: Session,
    model: type[Base],
    changes: Mapping[int, Mapping[str, Change]],
    *,
    parent: Callable[[int], Ref] | None = None,
    subject: Callable[[int], Ref] | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Set columns of rows by id; `changes` gives before and after, as the row holds them."""
    table = _table(model)
    told, personal = _columns(table)
    together: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for id_, columns in changes.items():
        row = {f"new_{name}": after for name, (_, after) in columns.items()}
        together[tuple(columns)].append({"row_id": id_, **row})
    for names, rows in together.items():
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        if "version" in table.c:
            values["version"] = table.c.version + 1
        put = update(table).where(table.c.id == bindparam("row_id")).values(values)
        session.connection().execute(put, rows)
    entries = [
        Entry(
            act=CHANGED,
            kind=model.__journal__,  # type: ignore[attr-defined]
            record_id=id_,
            parent=parent(id_) if parent else None,
            changes=_both(columns, told),
            personal=_both(columns, personal),
            subject=subject(id_) if subject else None,
        )
        for id_, columns in changes.items()
    ]
    if entries:
        record(session, entries, by=by, now=now)


def _columns(table: Table) -> tuple[frozenset[str], frozenset[str]]:
    """The columns an entry tells, and those it tells apart because they are personal."""
    named = [c for c in table.columns if c.name not in NOT_TOLD and not c.info.get("unjournalled")]
    personal = frozenset(column.name for column in named if column.info.get("personal"))
    return frozenset(column.name for column in named) - personal, personal


def _given(row: Row, names: frozenset[str]) -> dict[str, Change]:
    if not names:
        return {}
    return {
        name: (None, plain(value))
        for name, value in row.items()
        if name in names and value not in (None, "", False)
    }


def _both(columns: Mapping[str, Change], names: frozenset[str]) -> dict[str, Change]:
    return {
        name: (plain(before), plain(after))
        for name, (before, after) in columns.items()
        if name in names
    }


def _table(model: type[Base]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)
    return table
