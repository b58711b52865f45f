"""Reading the journal: what happened to a record and to its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from crm.journal.models import JournalEntry, JournalValue

Record = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry as a page shows it; `changes` maps a column to (before, after)."""

    id: int
    at: datetime
    actor: str
    act: str
    kind: str
    record_id: int | None
    label: str
    changes: Mapping[str, tuple[Any, Any]]


def history_of(
    session: Session, records: Sequence[Record], *, confidential: bool, limit: int = 100
) -> list[Line]:
    """The latest entries about these records and their children, newest first. One SELECT.

    `confidential`: whether the viewer may read confidential entries; others are left out.
    """
    about = or_(
        *(
            or_(
                and_(JournalEntry.kind == kind, JournalEntry.record_id == id_),
                and_(JournalEntry.parent_kind == kind, JournalEntry.parent_id == id_),
            )
            for kind, id_ in records
        )
    )
    found = (
        select(JournalEntry, JournalValue.changes)
        .outerjoin(JournalValue, JournalValue.entry_id == JournalEntry.id)
        .where(about)
        .order_by(JournalEntry.id.desc())
        .limit(limit)
    )
    if not confidential:
        found = found.where(JournalEntry.confidential.is_(False))
    return [
        Line(
            id=entry.id,
            at=entry.at,
            actor=entry.actor_name,
            act=entry.act,
            kind=entry.kind,
            record_id=entry.record_id,
            label=entry.label,
            changes={
                name: (before, after)
                for name, (before, after) in {**entry.changes, **(personal or {})}.items()
            },
        )
        for entry, personal in session.execute(found)
    ]
