from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.activities.models import Task
from crm.companies.models import Company
from crm.council.meeting_rules import Answer, Presence, WallTime, is_over
from crm.council.models import Body
from crm.council.participants import Part
from crm.kit import db
from crm.people.models import Person


class Meeting(db.Base):
    """A meeting of a body. Planned → invited → held, its attendance taken; or cancelled.

    Its times are what the clock on the wall will show in its zone: the moment follows from them,
    also if the zone's rules change before the day. `sequence` counts what those who were
    invited have to be told of.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint(
            "ends_local > starts_local OR (ends_second AND NOT starts_second)", name="order"
        ),
        CheckConstraint("(cancelled_on IS NULL) = (cancel_reason IS NULL)", name="reason"),
        CheckConstraint("sequence >= 0", name="sequence"),
        Index("ix_meeting_body_id_starts_local", "body_id", "starts_local"),
    )
    __journal__ = "meeting"

    id: Mapped[db.pk]
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    title: Mapped[db.line]
    starts_local: Mapped[datetime] = mapped_column(DateTime())
    """Without a zone, as the wall has it; that is `zone`."""
    ends_local: Mapped[datetime] = mapped_column(DateTime())
    zone: Mapped[str] = mapped_column(String(60))
    starts_second: Mapped[bool] = mapped_column(default=False)
    ends_second: Mapped[bool] = mapped_column(default=False)
    place: Mapped[db.optional_line]
    link: Mapped[str | None] = mapped_column(String(500))
    cancelled_on: Mapped[date | None]
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    uid: Mapped[str] = mapped_column(String(120), unique=True)
    """By which calendars know it, for ever."""
    sequence: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    body: Mapped[Body] = relationship(lazy="raise_on_sql")

    @property
    def starts(self) -> WallTime:
        return WallTime(self.starts_local, self.zone, self.starts_second)

    @property
    def ends(self) -> WallTime:
        return WallTime(self.ends_local, self.zone, self.ends_second)

    def is_over(self, now: datetime) -> bool:
        return is_over(self.ends, now)

    @property
    def on(self) -> date:
        """Its day, where it takes place."""
        return self.starts_local.date()

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.body_id)


class AgendaItem(db.Base):
    """One thing a meeting is to speak about."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        Index("ix_agenda_item_meeting_id_position", "meeting_id", "position"),
    )
    __journal__ = "agenda item"

    id: Mapped[db.pk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    position: Mapped[int]
    title: Mapped[db.line]
    minutes: Mapped[int | None]
    presenter: Mapped[db.optional_line]
    text: Mapped[str | None] = mapped_column(String(4000))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("meeting", self.meeting_id)


class Attendee(db.Base):
    """Somebody on the list of a meeting: invited for a part in the body, or a guest.

    `company_id`, `seat_id` and `part` are those of the meeting's day; `seat_id` None: they have
    none, as in a working group. A guest is a name; who is invited is a person on record. `told`:
    up to which `Meeting.sequence` they have had a letter.
    """

    __tablename__ = "attendee"
    __table_args__ = (
        UniqueConstraint("meeting_id", "person_id"),
        CheckConstraint("(person_id IS NULL) = (part IS NULL)", name="invited_or_guest"),
        CheckConstraint("(person_id IS NULL) = (guest_name IS NOT NULL)", name="guest_has_name"),
        CheckConstraint("(answer IS NULL) = (answered_on IS NULL)", name="answered"),
    )
    __journal__ = "attendee"

    id: Mapped[db.pk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    guest_name: Mapped[str | None] = mapped_column(String(200), info={"personal": True})
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    seat_id: Mapped[int | None] = mapped_column(ForeignKey("seat.id"), index=True)
    part: Mapped[Part | None] = mapped_column(db.enum_by_value(Part, "part"))
    email: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    """Where the invitation went."""
    told: Mapped[int | None]
    answer: Mapped[Answer | None] = mapped_column(db.enum_by_value(Answer, "answer"))
    answered_on: Mapped[date | None]
    presence: Mapped[Presence | None] = mapped_column(db.enum_by_value(Presence, "presence"))

    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")

    @property
    def name(self) -> str:
        return self.person.name if self.person is not None else self.guest_name or ""

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("meeting", self.meeting_id)


class Minutes(db.Base):
    """What was said, in Markdown. Draft → approved on a day by somebody; then nothing changes."""

    __tablename__ = "minutes"
    __table_args__ = (
        CheckConstraint("(approved_on IS NULL) = (approved_by_name IS NULL)", name="approved"),
    )
    __journal__ = "minutes"

    id: Mapped[int] = mapped_column(
        "meeting_id", ForeignKey("meeting.id"), primary_key=True, autoincrement=False
    )
    text: Mapped[str] = mapped_column(String(60_000))
    written_by_name: Mapped[db.line]
    written_at: Mapped[datetime]
    approved_on: Mapped[date | None]
    approved_by_name: Mapped[db.optional_line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("meeting", self.id)


class Decision(db.Base):
    """What a meeting decided, numbered within the body and the year: 2026-3."""

    __tablename__ = "decision"
    __table_args__ = (
        UniqueConstraint("body_id", "year", "number"),
        CheckConstraint("number > 0", name="number"),
        Index("ix_decision_meeting_id", "meeting_id"),
    )
    __journal__ = "decision"

    id: Mapped[db.pk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    body_id: Mapped[int] = mapped_column(ForeignKey("body.id"))
    year: Mapped[int]
    number: Mapped[int]
    text: Mapped[str] = mapped_column(String(4000))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    @property
    def label(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("meeting", self.meeting_id)


class ActionItem(db.Base):
    """What somebody took on at a meeting: a task, with its owner and day; the task says whether
    it is done or dropped."""

    __tablename__ = "action_item"
    __table_args__ = (Index("ix_action_item_meeting_id", "meeting_id"),)

    id: Mapped[db.pk]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), unique=True)

    task: Mapped[Task] = relationship(lazy="raise_on_sql")
