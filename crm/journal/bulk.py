"""Changing one column of many rows at once, journalled like a change of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm.journal.acts import CHANGED
from crm.journal.operations import Entry, record
from crm.kit.actors import Actor


def set_column(
    session: Session,
    column: InstrumentedAttribute[Any],
    value: Any,
    *,
    where: ColumnElement[bool],
    parent: tuple[str, InstrumentedAttribute[Any]] | None = None,
    by: Actor,
    now: datetime,
) -> int:
    """Set the column of every row found, and bump its version; how many there were.

    Three statements however many rows. `parent`: kind, and the column that names the record on
    whose page the change is shown too.
    """
    model: Any = column.class_
    upper = parent[1] if parent else model.id
    rows = session.execute(select(model.id, column, upper).where(where).with_for_update()).all()
    if not rows:
        return 0
    session.execute(
        update(model)
        .where(where)
        .values({column.key: value, "version": model.version + 1})
        .execution_options(synchronize_session="fetch")
    )
    entries = [
        Entry(
            act=CHANGED,
            kind=model.__journal__,
            record_id=id_,
            parent=(parent[0], upper_id) if parent and upper_id is not None else None,
            changes={column.key: (before, value)},
        )
        for id_, before, upper_id in rows
    ]
    record(session, entries, by=by, now=now)
    return len(rows)
