from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.rules import Kind, Purpose, Role
from crm.kit import db


class UserAccount(db.Base):
    """Somebody who signs in. Never a Person: a person's addresses don't touch a sign-in.

    Invited (no password yet) → active → disabled (`disabled_at`); never deleted.
    """

    __tablename__ = "user_account"
    __table_args__ = (UniqueConstraint("id", "kind"),)
    __journal__ = "user"

    id: Mapped[db.pk]
    kind: Mapped[Kind] = mapped_column(db.enum_by_value(Kind, "kind"), default=Kind.OFFICE)
    email: Mapped[db.email] = mapped_column(unique=True)
    """Normalised by `rules.email_key`."""
    name: Mapped[db.line]
    password_hash: Mapped[str | None] = mapped_column(String(255), info={"secret": True})
    inquiry_notices: Mapped[bool] = mapped_column(default=False)
    """Gets a letter for each inquiry; which also lets them read inquiries."""
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    roles: Mapped[list[UserRole]] = relationship(
        back_populates="user", lazy="raise_on_sql", cascade="all, delete-orphan"
    )


class UserRole(db.Base):
    """One role of one user."""

    __tablename__ = "user_role"
    __journal__ = "user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(db.enum_by_value(Role, "role"), primary_key=True)

    user: Mapped[UserAccount] = relationship(back_populates="roles", lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("user", self.user_id)


class UserSession(db.Base):
    """A signed-in browser. The cookie holds a random token, this row its SHA-256."""

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AccountToken(db.Base):
    """A single-use, expiring link; only the SHA-256 of its secret is kept."""

    __tablename__ = "account_token"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    purpose: Mapped[Purpose] = mapped_column(db.enum_by_value(Purpose, "purpose"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RateCount(db.Base):
    """How often something happened in one window: sign-ins failed, public posts sent."""

    __tablename__ = "rate_count"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SentForm(db.Base):
    """A form of the office that was sent and kept: sent again, word for word, it adds nothing.

    `key` is the digest of the form's own token, of all that was typed and of the files, so that a
    page one went back to, and filled in anew, counts as another.
    """

    __tablename__ = "sent_form"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    location: Mapped[str] = mapped_column(String(2000), info={"blank": True})
    """Where its sender was led."""
    sent_at: Mapped[datetime] = mapped_column(index=True)


class SavedView(db.Base):
    """A named address bar: the filters of one list page, private or shared."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_page", "page", "shared"),)

    id: Mapped[db.pk]
    owner_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    page: Mapped[db.key]
    name: Mapped[db.line]
    query: Mapped[str] = mapped_column(String(2000), info={"blank": True})
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
