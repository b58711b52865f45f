"""Writing into the journal. Nothing ever changes or removes an entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm.journal.acts import ACTS
from crm.journal.models import JournalEntry, JournalValue
from crm.kit.actors import Actor
from crm.kit.inserts import insert_for_ids, insert_many

Change = tuple[Any, Any]
"""Before and after, as JSON can hold them."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing done to one record: what `record` writes."""

    act: str
    kind: str
    record_id: int | None
    parent: tuple[str, int] | None = None
    label: str = ""
    confidential: bool = False
    changes: Mapping[str, Change] = field(default_factory=dict)
    personal: Mapping[str, Change] = field(default_factory=dict)
    subject: tuple[str, int] | None = None
    """Whom the personal values are about."""


def record(session: Session, entries: Sequence[Entry], *, by: Actor, now: datetime) -> None:
    """Append entries in the caller's transaction. Two or three statements, however many.

    Raises `ValueError` for an act that is none of `ACTS`.
    """
    for entry in entries:
        if entry.act not in ACTS:
            raise ValueError(f"{entry.act!r} is no act that the journal knows: see journal/acts.py")
    rows = [
        {
            "at": now,
            "actor_id": by.id,
            "actor_name": by.name,
            "act": entry.act,
            "kind": entry.kind,
            "record_id": entry.record_id,
            "parent_kind": entry.parent and entry.parent[0],
            "parent_id": entry.parent and entry.parent[1],
            "label": entry.label,
            "confidential": entry.confidential,
            "changes": _as_lists(entry.changes),
        }
        for entry in entries
    ]
    connection = session.connection()
    if not any(entry.personal for entry in entries):
        insert_many(connection, JournalEntry, rows)
        return
    ids = insert_for_ids(connection, JournalEntry, rows)
    insert_many(
        connection,
        JournalValue,
        [
            {
                "entry_id": entry_id,
                "subject_kind": (entry.subject or (entry.kind, 0))[0],
                "subject_id": (entry.subject or (entry.kind, entry.record_id or 0))[1],
                "changes": _as_lists(entry.personal),
            }
            for entry_id, entry in zip(ids, entries, strict=True)
            if entry.personal
        ],
    )


def note(
    session: Session,
    act: str,
    *,
    kind: str,
    record_id: int | None,
    label: str = "",
    parent: tuple[str, int] | None = None,
    changes: Mapping[str, Change] | None = None,
    by: Actor,
    now: datetime,
) -> None:
    """Say in the trade's verb what an operation did, beside the columns it changed.

    `changes`: what a reader of the act has to know and those columns do not tell.
    """
    entry = Entry(
        act=act,
        kind=kind,
        record_id=record_id,
        label=label,
        parent=parent,
        changes=changes or {},
    )
    record(session, [entry], by=by, now=now)


def _as_lists(changes: Mapping[str, Change]) -> dict[str, list[Any]]:
    return {name: list(change) for name, change in changes.items()}
