from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.kit import db


class OutgoingMail(db.Base):
    """A letter written with the facts of its moment, waiting for the postman.

    Waiting → sent (`sent_at`) or given up (`failed_at`). While one worker tries, the row is
    leased to it; a lease that runs out frees the letter again: at least once, never lost.
    """

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        Index("ix_outgoing_mail_due", "sent_at", "failed_at", "due_at"),
        Index("ix_outgoing_mail_about", "about_kind", "about_id"),
    )

    id: Mapped[db.pk]
    letter: Mapped[db.key]
    """The name of its template folder."""
    dedupe_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    """Given when posted, the same at every try, so that a receiver can drop a second copy."""
    to: Mapped[db.email]
    reply_to: Mapped[str | None] = mapped_column(String(320))
    subject: Mapped[db.line]
    body: Mapped[db.text]
    private: Mapped[bool] = mapped_column(default=False)
    """Holds a link that lets in whoever has it: shown to nobody, dropped once sent."""
    about_kind: Mapped[str | None] = mapped_column(String(60))
    about_id: Mapped[int | None]
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """Not to be tried before; grows with each failure."""
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(40))
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]

    attachments: Mapped[list[OutgoingAttachment]] = relationship(
        lazy="raise_on_sql", order_by="OutgoingAttachment.id", back_populates="mail"
    )


LARGEST_ATTACHMENT = 10 * 1024 * 1024
"""Bytes. Mail servers take little more."""


class OutgoingAttachment(db.Base):
    """A file that goes with a letter, as it was when the letter was posted."""

    __tablename__ = "outgoing_attachment"
    __table_args__ = (
        CheckConstraint(func.length(text("content")) <= LARGEST_ATTACHMENT, name="size"),
    )

    id: Mapped[db.pk]
    mail_id: Mapped[int] = mapped_column(ForeignKey("outgoing_mail.id"), index=True)
    file_name: Mapped[db.line]
    media_type: Mapped[str] = mapped_column(String(120))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)

    mail: Mapped[OutgoingMail] = relationship(lazy="raise_on_sql", back_populates="attachments")
