from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.council.place_rules import PlaceRole
from crm.council.rules import BodyKind, HoldingRole, SeatKind
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
    """What a membership entitles a company to on a body: once, and it outlives a renewal.

    Whether it stands on a day is derived from the company's terms, never written here.
    """

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("body_id", "company_id"),)
    __journal__ = "seat"

    id: Mapped[db.pk]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    kind: Mapped[SeatKind] = mapped_column(db.enum_by_value(SeatKind, "kind"))
    created_at: Mapped[datetime]

    body: Mapped[Body] = relationship(lazy="raise_on_sql")
    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Holding(db.Base):
    """A person on a seat, from–to, as representative or alternate.

    At most one of each at any moment: the database refuses two. A handover closes one and
    opens the next in one act; a successor may be dated ahead.
    """

    __tablename__ = "holding"
    __table_args__ = (
        CheckConstraint("ends_before >= starts_on", name="order"),
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
    created_at: Mapped[datetime]

    seat: Mapped[Seat] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def period(self) -> Period:
        return Period(self.starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("seat", self.seat_id)


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
