"""Listens to every flush and writes what it changed into the journal, in the same transaction.

A model takes part by naming itself: `__journal__ = "company"`. Optional properties say more:
`journal_parent` (kind, id of the record on whose page it shows too), `journal_subject` (kind,
id of whom its personal values are about). Columns say what must not stand in an entry:
`info={"personal": True}` goes to the side table, `{"secret": True}` is told as changed only,
`{"unjournalled": True}` is derived and left out, `{"confidential": True}` closes the entry.
Bulk statements pass it by: whoever uses one writes its entries with `operations.record`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import Mapper, Session

from crm.journal.acts import CHANGED, CREATED, DELETED
from crm.journal.operations import Change, Entry, record
from crm.kit.actors import SYSTEM, Actor


def listen(session: Any, *, clock: Callable[[], datetime]) -> None:
    """Journal whatever flows through this session (or session factory).

    Who acts is `session.info["actor"]`, set at the edge; the programme itself if nobody is.
    `session.info["moment"]`, if set, is when: a history told afterwards keeps its dates.
    """

    @event.listens_for(session, "after_flush")
    def after_flush(flushed: Session, context: object) -> None:
        entries = [
            entry
            for act, objects in (
                (CREATED, flushed.new),
                (CHANGED, flushed.dirty),
                (DELETED, flushed.deleted),
            )
            for thing in objects
            if (entry := _entry(thing, act)) is not None
        ]
        if entries:
            actor: Actor = flushed.info.get("actor", SYSTEM)
            record(flushed, entries, by=actor, now=flushed.info.get("moment") or clock())


def _entry(thing: Any, act: str) -> Entry | None:
    kind = getattr(type(thing), "__journal__", None)
    if kind is None:
        return None
    state = inspect(thing)
    mapper: Mapper[Any] = state.mapper
    changes: dict[str, Change] = {}
    personal: dict[str, Change] = {}
    confidential = bool(getattr(thing, "confidential", False))
    for name, attribute in mapper.column_attrs.items():
        column = attribute.columns[0]
        info = getattr(column, "info", {})
        if info.get("unjournalled") or name in ("id", "version", "created_at"):
            continue
        change = _change(state, name, act)
        if change is None:
            continue
        if info.get("secret"):
            change = ("•••", "•••")
        if info.get("personal"):
            personal[name] = change
        else:
            changes[name] = change
            confidential = confidential or bool(info.get("confidential"))
    if not changes and not personal:
        return None
    parent = getattr(thing, "journal_parent", None)
    return Entry(
        act=act,
        kind=kind,
        record_id=getattr(thing, "id", None),
        parent=parent,
        confidential=confidential,
        changes=changes,
        personal=personal,
        subject=getattr(thing, "journal_subject", None),
    )


def _change(state: Any, name: str, act: str) -> Change | None:
    if act == CREATED:
        value = plain(state.attrs[name].value)
        return None if value in (None, "", False, []) else (None, value)
    if act == DELETED:
        value = plain(state.attrs[name].value)
        return None if value in (None, "", False, []) else (value, None)
    history = state.attrs[name].load_history()
    if not history.has_changes():
        return None
    before = plain(history.deleted[0]) if history.deleted else None
    after = plain(history.added[0]) if history.added else None
    return None if before == after else (before, after)


def plain(value: Any) -> Any:
    """As JSON can hold it: days and moments ISO, enums their word."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value


def keep_old_values(base: Any) -> None:
    """Make every journalled column load its old value before a new one is set.

    Without it a column that was never read is journalled as changed from nothing.
    """
    for mapper in base.registry.mappers:
        if hasattr(mapper.class_, "__journal__"):
            for attribute in mapper.column_attrs:
                getattr(mapper.class_, attribute.key).impl.active_history = True
