from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.kit import db
from crm.programme.models import Challenge

PERSONAL = {"personal": True}


class Person(db.Base):
    """A human, once, whatever companies they pass through."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_name_key_id", "name_key", "id"),
        Index("ix_person_archived_on_name_key_id", "archived_on", "name_key", "id"),
    )
    __journal__ = "person"

    id: Mapped[db.pk]
    name: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    name_key: Mapped[str] = mapped_column(String(200), info={"unjournalled": True})
    """Family name first, folded: what lists are ordered by."""
    phone: Mapped[str | None] = mapped_column(String(60), info=PERSONAL)
    note: Mapped[str | None] = mapped_column(String(4000), info=PERSONAL)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), unique=True)
    archived_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    addresses: Mapped[list[PersonAddress]] = relationship(
        back_populates="person", lazy="raise_on_sql", order_by="PersonAddress.id"
    )

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("person", self.id)


class PersonAddress(db.Base):
    """An e-mail address of a person. An old one stays, as an alias that still finds them."""

    __tablename__ = "person_address"
    __table_args__ = (
        Index(
            "uq_person_address_primary",
            "person_id",
            unique=True,
            sqlite_where=text("is_primary"),
            postgresql_where=text("is_primary"),
        ),
    )
    __journal__ = "person_address"

    id: Mapped[db.pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    email: Mapped[str] = mapped_column(String(320), info=PERSONAL)
    email_key: Mapped[str] = mapped_column(String(320), unique=True, info={"unjournalled": True})
    """Casefolded: one address belongs to one person."""
    is_primary: Mapped[bool] = mapped_column(default=False)
    retired_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="addresses", lazy="raise_on_sql")

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("person", self.person_id)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("person", self.person_id)


class Consent(db.Base):
    """That a person asked for news, when, and under which privacy notice; until withdrawn."""

    __tablename__ = "consent"
    __journal__ = "consent"

    id: Mapped[db.pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[db.key]
    given_at: Mapped[datetime]
    notice_version: Mapped[db.key]
    source: Mapped[db.line]
    withdrawn_at: Mapped[datetime | None]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("person", self.person_id)


class Profile(db.Base):
    """What somebody of the university works on: it makes a person one of the faculty.

    Its id is the person's.
    """

    __tablename__ = "profile"
    __journal__ = "profile"

    id: Mapped[int] = mapped_column(
        "person_id", ForeignKey("person.id"), primary_key=True, autoincrement=False
    )
    field: Mapped[db.line]
    """Such as: process control for additive manufacturing."""
    about: Mapped[str | None] = mapped_column(String(2000))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    challenges: Mapped[list[Challenge]] = relationship(
        secondary="profile_challenge",
        lazy="raise_on_sql",
        order_by="Challenge.number",
        viewonly=True,
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("person", self.id)


class ProfileChallenge(db.Base):
    """A grand challenge somebody of the university works on."""

    __tablename__ = "profile_challenge"
    __journal__ = "profile_challenge"

    person_id: Mapped[int] = mapped_column(ForeignKey("profile.person_id"), primary_key=True)
    challenge_id: Mapped[int] = mapped_column(
        ForeignKey("challenge.id"), primary_key=True, index=True
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("person", self.person_id)


class DirectoryEntry(db.Base):
    """A line of the programme's public directory, as its file says. Not a Person."""

    __tablename__ = "directory_entry"
    __journal__ = "directory_entry"

    id: Mapped[db.pk]
    group_key: Mapped[db.key]
    group_name: Mapped[db.line]
    group_position: Mapped[int]
    position: Mapped[int]
    name: Mapped[db.line]
    role: Mapped[db.optional_line]
    title: Mapped[db.optional_line]
    degree: Mapped[db.optional_line]
    phone: Mapped[str | None] = mapped_column(String(60))
    retired_on: Mapped[date | None]
