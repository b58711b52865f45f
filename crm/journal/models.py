from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.kit import db


class JournalEntry(db.Base):
    """One thing somebody did to one record. Immutable: a trigger refuses UPDATE and DELETE.

    `changes` maps a column to `[before, after]`; personal values stand in `JournalValue`
    instead. `parent_*` names the record on whose page a child's change is shown too.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index("ix_journal_entry_record", "kind", "record_id"),
        Index("ix_journal_entry_parent", "parent_kind", "parent_id"),
        Index("ix_journal_entry_actor", "actor_id", "id"),
    )

    id: Mapped[db.pk]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_id: Mapped[int | None]
    actor_name: Mapped[db.line]
    act: Mapped[db.key]
    """One of `acts.ACTS`: created · changed · deleted, or the trade's verb, as terminated."""
    kind: Mapped[db.key]
    record_id: Mapped[int | None]
    parent_kind: Mapped[str | None] = mapped_column(String(60))
    parent_id: Mapped[int | None]
    label: Mapped[str] = mapped_column(String(300), info={"blank": True}, default="")
    """What is said about the record without naming a person."""
    confidential: Mapped[bool] = mapped_column(default=False)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)


class JournalValue(db.Base):
    """Personal values before and after, apart from the entry so that erasure can empty them."""

    __tablename__ = "journal_value"
    __table_args__ = (Index("ix_journal_value_subject", "subject_kind", "subject_id"),)

    id: Mapped[db.pk]
    entry_id: Mapped[int] = mapped_column(ForeignKey("journal_entry.id"), index=True)
    subject_kind: Mapped[db.key]
    subject_id: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
