from __future__ import annotations

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.kit import db


class SearchEntry(db.Base):
    """What can be found of one record: folded words, and what a result shows of it.

    The full-text index beside it (FTS5 on SQLite, a tsvector with GIN on PostgreSQL) is made
    by the migration and kept by triggers.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        UniqueConstraint("kind", "record_id"),
        Index("ix_search_entry_record", "record_id"),
    )

    id: Mapped[db.pk]
    kind: Mapped[db.key]
    record_id: Mapped[int]
    title: Mapped[db.line]
    subtitle: Mapped[str] = mapped_column(String(300), info={"blank": True}, default="")
    folded: Mapped[str] = mapped_column(String(4000), info={"blank": True})
    """Words folded by `kit.text.fold`, names first."""
    archived: Mapped[bool] = mapped_column(default=False)
