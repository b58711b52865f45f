from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.kit import db


class Document(db.Base):
    """A file as it was handed in: what it is called, what it is, and where it is kept.

    Its bytes stand under a random key in the store, outside the database. Whoever needs a file
    holds the foreign key; it is served only through its owner's page. Never changed.
    """

    __tablename__ = "document"
    __table_args__ = (CheckConstraint("size > 0", name="size"),)
    __journal__ = "document"

    id: Mapped[db.pk]
    key: Mapped[str] = mapped_column(String(60), unique=True, info={"unjournalled": True})
    file_name: Mapped[db.line]
    media_type: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes."""
    sha256: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    by_name: Mapped[db.line]
