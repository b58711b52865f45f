from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.kit import db


class Programme(db.Base):
    """The programme this installation serves, as its file said when last loaded. One row."""

    __tablename__ = "programme"
    __journal__ = "programme"

    id: Mapped[db.pk]
    name: Mapped[db.line]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The file's content as read, shown on the settings page."""
    digest: Mapped[str] = mapped_column(String(64))
    loaded_at: Mapped[datetime]
    demo_since: Mapped[datetime | None]
    """Set while the database holds the demo; only then `flask demo remove` works."""


class Challenge(db.Base):
    """A grand challenge: an interest tag on companies and people. Retired, never deleted."""

    __tablename__ = "challenge"
    __journal__ = "challenge"

    id: Mapped[db.pk]
    key: Mapped[db.key] = mapped_column(unique=True)
    number: Mapped[int]
    name: Mapped[db.line]
    retired_on: Mapped[date | None]


class FocusArea(db.Base):
    """A focus area of the programme, or a research field (`research`)."""

    __tablename__ = "focus_area"
    __table_args__ = (UniqueConstraint("research", "key"),)
    __journal__ = "focus_area"

    id: Mapped[db.pk]
    key: Mapped[db.key]
    name: Mapped[db.line]
    position: Mapped[int]
    research: Mapped[bool] = mapped_column(default=False)
    retired_on: Mapped[date | None]
