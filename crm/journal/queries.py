"""Reading the journal: what happened to a record and to its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, or_, select
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
    parent: Record | None = None


def history_of(
    session: Session, records: Sequence[Record], *, confidential: bool, limit: int = 100
) -> list[Line]:
    """The latest entries about these records and their children, newest first. One SELECT.

    `confidential`: whether the viewer may read confidential entries; others are left out.
    """
    named: dict[str, object] = {}
    for number, (kind, id_) in enumerate(records):
        named |= {f"kind{number}": kind, f"id{number}": id_}
    found = session.execute(_history(len(records), confidential, limit), named)
    return [_line(entry, personal) for entry, personal in found]


@lru_cache(maxsize=64)
def _history(records: int, confidential: bool, limit: int) -> Select[Any]:
    """About so many records, whose kinds and ids are named when it is asked."""
    about = or_(
        *(
            or_(
                and_(
                    JournalEntry.kind == bindparam(f"kind{n}"),
                    JournalEntry.record_id == bindparam(f"id{n}"),
                ),
                and_(
                    JournalEntry.parent_kind == bindparam(f"kind{n}"),
                    JournalEntry.parent_id == bindparam(f"id{n}"),
                ),
            )
            for n in range(records)
        )
    )
    found = (
        select(JournalEntry, JournalValue.changes)
        .outerjoin(JournalValue, JournalValue.entry_id == JournalEntry.id)
        .where(about)
        .order_by(JournalEntry.id.desc())
        .limit(limit)
    )
    return found if confidential else found.where(JournalEntry.confidential.is_(False))


@dataclass(frozen=True, kw_only=True)
class JournalSearch:
    """The filters of the journal's page. `actor_id` is forced for whoever sees but their own."""

    actor_id: int | None = None
    kind: str | None = None
    act: str | None = None
    since: datetime | None = None
    before: datetime | None = None
    confidential: bool = False

    def select(self) -> Select[Any]:
        """Entries without their values, newest first."""
        found: Select[Any] = select(JournalEntry)
        for column, value in (
            (JournalEntry.actor_id, self.actor_id),
            (JournalEntry.kind, self.kind),
            (JournalEntry.act, self.act),
        ):
            if value is not None:
                found = found.where(column == value)
        if self.since is not None:
            found = found.where(JournalEntry.at >= self.since)
        if self.before is not None:
            found = found.where(JournalEntry.at < self.before)
        if not self.confidential:
            found = found.where(JournalEntry.confidential.is_(False))
        return found.order_by(JournalEntry.id.desc())


def page_before(
    session: Session, search: JournalSearch, *, before_id: int | None, size: int = 50
) -> tuple[list[Line], int | None]:
    """The next entries older than `before_id`, and the id to ask with for those after them.

    By key, not by number: a page deep in half a million entries costs what the first does. Two
    statements.
    """
    found = search.select()
    if before_id is not None:
        found = found.where(JournalEntry.id < before_id)
    entries = session.scalars(found.limit(size + 1)).all()
    shown = entries[:size]
    values = select(JournalValue.entry_id, JournalValue.changes).where(
        JournalValue.entry_id.in_([entry.id for entry in shown])
    )
    personal = {row.entry_id: row.changes for row in session.execute(values)}
    older = shown[-1].id if len(entries) > size else None
    return [_line(entry, personal.get(entry.id)) for entry in shown], older


def _line(entry: JournalEntry, personal: Mapping[str, Any] | None) -> Line:
    parent = (
        None
        if entry.parent_kind is None or entry.parent_id is None
        else (entry.parent_kind, entry.parent_id)
    )
    return Line(
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
        parent=parent,
    )
