"""Keeping the index in step with the records, in the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, delete, event
from sqlalchemy.orm import Session

from crm.kit.inserts import upsert_many
from crm.search.models import SearchEntry
from crm.search.rules import Kind, words

AT_A_TIME = 1000
LONGEST = 4000


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What can be found of one record: by which texts, and what a result shows of it."""

    record_id: int
    title: str
    subtitle: str = ""
    texts: Iterable[str | None] = ()
    archived: bool = False


Concerned = Callable[[Any], Iterable[int] | Select[Any]]
"""From a changed row to the ids of the records whose entry shows it."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where the entries of one kind come from. Filled in by the roof.

    `entries` reads records by id and leaves out those that are not there. `concerned` names the
    models on which an entry depends; a Select of ids is asked only when an old row changes.
    """

    kind: Kind
    entries: Callable[[Connection, Sequence[int]], Iterable[Entry]]
    concerned: Mapping[type, Concerned] = field(default_factory=dict)


_SOURCES: dict[Kind, Source] = {}


def register(*sources: Source) -> None:
    """Tell the index where entries come from; a kind registered again is replaced."""
    _SOURCES.update({source.kind: source for source in sources})


def listen(session: Any) -> None:
    """Index whatever flows through this session (or session factory).

    Bulk statements pass it by: whoever uses one calls `reindex` after it.
    """

    @event.listens_for(session, "after_flush")
    def after_flush(flushed: Session, context: object) -> None:
        changed = [*flushed.dirty, *flushed.deleted]
        for kind, ids in _concerned(flushed, flushed.new, changed).items():
            reindex(flushed, kind, sorted(ids))


def reindex(session: Session, kind: Kind, ids: Sequence[int]) -> None:
    """Make the entries of these records say what the records say. Two or three statements a
    thousand records; those that are gone lose their entry."""
    connection = session.connection()
    for start in range(0, len(ids), AT_A_TIME):
        some = ids[start : start + AT_A_TIME]
        rows = [_row(kind, entry) for entry in _SOURCES[kind].entries(connection, some)]
        gone = set(some) - {row["record_id"] for row in rows}
        if gone:
            connection.execute(
                delete(SearchEntry).where(
                    SearchEntry.kind == kind.value, SearchEntry.record_id.in_(gone)
                )
            )
        upsert_many(connection, SearchEntry, rows, key=("kind", "record_id"))


def _concerned(
    session: Session, new: Iterable[Any], changed: Iterable[Any]
) -> dict[Kind, set[int]]:
    """Which entries a flush has made untrue."""
    found: dict[Kind, set[int]] = defaultdict(set)
    for things, old in ((new, False), (changed, True)):
        for thing in things:
            for source in _SOURCES.values():
                concerned = source.concerned.get(type(thing))
                if concerned is None:
                    continue
                ids = concerned(thing)
                if isinstance(ids, Select):
                    ids = session.connection().scalars(ids) if old else ()
                found[source.kind].update(ids)
    return {kind: ids for kind, ids in found.items() if ids}


def _row(kind: Kind, entry: Entry) -> dict[str, Any]:
    texts = " ".join(text for text in (entry.title, *entry.texts) if text)
    folded = " ".join(dict.fromkeys(words(texts)))
    return {
        "kind": kind.value,
        "record_id": entry.record_id,
        "title": entry.title[:200],
        "subtitle": entry.subtitle[:300],
        "folded": folded[:LONGEST],
        "archived": entry.archived,
    }
