from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.council.place_rules import PlaceRole
from crm.council.rules import BodyKind, HoldingRole, LetterKind, SeatKind
from crm.kit import db
from crm.kit.periods import Period
from crm.people.models import Person


class Body(db.Base):
    """Whoever meets and votes: the Industry Leadership Council, a committee, a working group.

    The programme's file names the council and the committees; working groups are made in the
    office. Meetings and ballots are a body's, whatever its kind.
    """

    __tablename__ = "body"
    __journal__ = "body"

    id: Mapped[db.pk]
    key: Mapped[db.key] = mapped_column(unique=True)
    name: Mapped[db.line]
    kind: Mapped[BodyKind] = mapped_column(
        db.enum_by_value(BodyKind, "body_kind"), default=BodyKind.COUNCIL
    )
    retired_on: Mapped[date | None]


class Seat(db.Base):
    """A place on a body: a company's, once, and it outlives a renewal; or one that has a title.

    Whether a company's stands on a day is derived from its terms, never written here. Without a
    company is the seat that associates elect a holder to, and those of a committee.
    """

    __tablename__ = "seat"
    __table_args__ = (
        UniqueConstraint("body_id", "company_id"),
        UniqueConstraint("body_id", "title"),
        CheckConstraint("(company_id IS NULL) <> (title IS NULL)", name="company_or_title"),
        CheckConstraint("company_id IS NULL OR retired_on IS NULL", name="retired"),
    )
    __journal__ = "seat"

    id: Mapped[db.pk]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    title: Mapped[db.optional_line]
    kind: Mapped[SeatKind] = mapped_column(db.enum_by_value(SeatKind, "kind"))
    retired_on: Mapped[date | None]
    """Since when the programme's file no longer has this seat of a committee."""
    created_at: Mapped[datetime]

    body: Mapped[Body] = relationship(lazy="raise_on_sql")
    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")

    @property
    def name(self) -> str:
        """Whose it is, or its title."""
        return self.company.name if self.company is not None else self.title or ""

    @property
    def journal_parent(self) -> tuple[str, int]:
        if self.company_id is None:
            return ("body", self.body_id)
        return ("company", self.company_id)


class Holding(db.Base):
    """A person on a seat, from–to, as representative or alternate.

    At most one of each at any moment: the database refuses two. A handover closes one and
    opens the next in one act, and ends that of the alternate who takes over; a successor may be
    dated ahead. What it closed stands with the one it opened: taking that back opens it again.
    """

    __tablename__ = "holding"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="order"),
        CheckConstraint("closed_ends_before IS NULL OR closed_id IS NOT NULL", name="closed"),
        CheckConstraint("promoted_ends_before IS NULL OR promoted_id IS NOT NULL", name="promoted"),
        Index("ix_holding_seat_id_role_starts_on", "seat_id", "role", "starts_on"),
    )
    __journal__ = "holding"

    id: Mapped[db.pk]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[HoldingRole] = mapped_column(db.enum_by_value(HoldingRole, "role"))
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(500))
    closed_id: Mapped[int | None] = mapped_column(ForeignKey("holding.id"), index=True)
    """The holding that the handover to this person closed."""
    closed_ends_before: Mapped[date | None]
    closed_end_reason: Mapped[str | None] = mapped_column(String(500))
    """When and why that one was to end before the handover."""
    promoted_id: Mapped[int | None] = mapped_column(ForeignKey("holding.id"), index=True)
    """The holding by which this person was the alternate until then."""
    promoted_ends_before: Mapped[date | None]
    promoted_end_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]

    seat: Mapped[Seat] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("seat", self.seat_id)


class Nomination(db.Base):
    """A proposal that somebody take a role on a seat, from a day on.

    Open until it is confirmed, which names them or hands the seat over in one act, or declined
    with a reason. At most one is open for a seat and role; a decision stays.
    """

    __tablename__ = "nomination"
    __table_args__ = (
        CheckConstraint("declined_reason IS NULL OR decided_on IS NOT NULL", name="declined"),
        CheckConstraint("(decided_on IS NULL) = (decided_by IS NULL)", name="decided"),
        Index("ix_nomination_seat_id", "seat_id"),
        Index(
            "uq_nomination_open",
            "seat_id",
            "role",
            unique=True,
            sqlite_where=text("decided_on IS NULL"),
            postgresql_where=text("decided_on IS NULL"),
        ),
    )
    __journal__ = "nomination"

    id: Mapped[db.pk]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"))
    role: Mapped[HoldingRole] = mapped_column(db.enum_by_value(HoldingRole, "role"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_on: Mapped[db.day]
    proposed_by: Mapped[str] = mapped_column(String(200), info={"personal": True})
    """In the words of whoever wrote it down: "Ingrid Halvorsen, by mail"."""
    note: Mapped[str | None] = mapped_column(String(2000), info={"personal": True})
    proposed_on: Mapped[db.day]
    by_name: Mapped[db.line]
    decided_on: Mapped[date | None]
    decided_by: Mapped[db.optional_line]
    declined_reason: Mapped[str | None] = mapped_column(String(500))
    """None once decided: it was confirmed."""
    created_at: Mapped[datetime]

    seat: Mapped[Seat] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("person", self.person_id)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("seat", self.seat_id)


class Chair(db.Base):
    """Who leads a body, from–to; at most one at any moment."""

    __tablename__ = "chair"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="order"),
        Index("ix_chair_body_id_starts_on", "body_id", "starts_on"),
    )
    __journal__ = "chair"

    id: Mapped[db.pk]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    created_at: Mapped[datetime]

    body: Mapped[Body] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.body_id)


class SeatLetter(db.Base):
    """A letter that an act on a seat calls for, drafted with the act; a person lets it go out.

    Its text is written when it is looked at, and for good when it is released. One that went out
    stays even if the act is taken back: only then it has no holding.
    """

    __tablename__ = "seat_letter"
    __table_args__ = (
        UniqueConstraint("holding_id", "kind"),
        CheckConstraint("released_at IS NULL OR dropped_at IS NULL", name="one_end"),
        CheckConstraint("holding_id IS NOT NULL OR released_at IS NOT NULL", name="outlives"),
    )
    __journal__ = "seat letter"

    id: Mapped[db.pk]
    seat_id: Mapped[int] = mapped_column(ForeignKey("seat.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    """Whom it goes to."""
    holding_id: Mapped[int | None] = mapped_column(ForeignKey("holding.id"))
    """By which they hold, or held, the seat."""
    kind: Mapped[LetterKind] = mapped_column(db.enum_by_value(LetterKind, "letter_kind"))
    drafted_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[db.optional_line]
    dropped_at: Mapped[datetime | None]

    holding: Mapped[Holding | None] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        if self.holding_id is None:
            return ("seat", self.seat_id)
        return ("holding", self.holding_id)


class Place(db.Base):
    """A person in a working group for a company, or of the university (`company_id` None), from–to.

    A company's places in a group are numbered: `slot` is 1 to as many as its tier gives it, and
    the database refuses two on one number at a time, one person twice in a group, two chairs.
    Another role is another row, with the same number. Whether the person still sits on it follows
    from their affiliation and the company's term: derived, never written here.
    """

    __tablename__ = "place"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="order"),
        CheckConstraint("slot >= 1", name="slot"),
        CheckConstraint("(company_id IS NULL) = (slot IS NULL)", name="slot_of_company"),
        CheckConstraint("end_reason IS NULL OR ends_before IS NOT NULL", name="reason_of_an_end"),
        Index("ix_place_body_id_starts_on", "body_id", "starts_on"),
    )
    __journal__ = "place"

    id: Mapped[db.pk]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    slot: Mapped[int | None]
    role: Mapped[PlaceRole] = mapped_column(
        db.enum_by_value(PlaceRole, "role"), default=PlaceRole.MEMBER
    )
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]

    body: Mapped[Body] = relationship(lazy="raise_on_sql")
    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.body_id)
