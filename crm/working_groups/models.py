from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.council.models import Body
from crm.council.place_rules import is_open
from crm.documents.models import Document
from crm.kit import db
from crm.people.models import Person
from crm.programme.models import Challenge
from crm.working_groups.rules import Answer, AskingKind, DeliverableKind, JoinPolicy, Readers, Stage


class WorkingGroup(db.Base):
    """A working group: what a body of that kind has beside its name. Its id is the body's.

    Founded → closed, by its days. Who is in it are the body's places.
    """

    __tablename__ = "working_group"
    __journal__ = "working_group"

    id: Mapped[int] = mapped_column(ForeignKey("body.id"), primary_key=True, autoincrement=False)
    charter: Mapped[db.text]
    """Markdown."""
    summary: Mapped[str | None] = mapped_column(String(2000))
    """For the public."""
    join_policy: Mapped[JoinPolicy] = mapped_column(db.enum_by_value(JoinPolicy, "join_policy"))
    founded_on: Mapped[db.day]
    close_reason: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    body: Mapped[Body] = relationship(lazy="raise_on_sql")
    challenges: Mapped[list[Challenge]] = relationship(
        secondary="working_group_challenge",
        lazy="raise_on_sql",
        order_by="Challenge.number",
        viewonly=True,
    )

    @property
    def closed_on(self) -> date | None:
        """The first day without it, once that is known: the body's own."""
        return self.body.retired_on

    def is_open(self, day: date) -> bool:
        return is_open(day, closed_on=self.closed_on)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.id)


class WorkingGroupChallenge(db.Base):
    """A grand challenge a group works on."""

    __tablename__ = "working_group_challenge"
    __journal__ = "working_group_challenge"

    group_id: Mapped[int] = mapped_column(ForeignKey("working_group.id"), primary_key=True)
    challenge_id: Mapped[int] = mapped_column(
        ForeignKey("challenge.id"), primary_key=True, index=True
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.group_id)


class GroupAsking(db.Base):
    """Somebody of a company who applies to a group, or is invited into it.

    Open → accepted, refused or withdrawn. Accepted, they have a place.
    """

    __tablename__ = "group_asking"
    __table_args__ = (
        CheckConstraint("(answer IS NULL) = (answered_on IS NULL)", name="answered"),
        CheckConstraint(
            "answer IS NULL OR answer <> 'refused' OR reason IS NOT NULL", name="refused_why"
        ),
        Index(
            "uq_group_asking_open",
            "group_id",
            "person_id",
            unique=True,
            sqlite_where=text("answer IS NULL"),
            postgresql_where=text("answer IS NULL"),
        ),
    )
    __journal__ = "group_asking"

    id: Mapped[db.pk]
    group_id: Mapped[int] = mapped_column(ForeignKey("working_group.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[AskingKind] = mapped_column(db.enum_by_value(AskingKind, "kind"))
    note: Mapped[str | None] = mapped_column(String(2000))
    asked_on: Mapped[db.day]
    by_name: Mapped[db.line]
    answer: Mapped[Answer | None] = mapped_column(db.enum_by_value(Answer, "answer"))
    answered_on: Mapped[date | None]
    reason: Mapped[str | None] = mapped_column(String(500))

    group: Mapped[WorkingGroup] = relationship(lazy="raise_on_sql")
    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.group_id)


class GroupMailing(db.Base):
    """A letter to everybody in a group: written, looked at, let out by a person, or discarded.

    Once it is out it stays as it was: the database refuses to change it.
    """

    __tablename__ = "group_mailing"
    __table_args__ = (
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
        CheckConstraint("(released_at IS NULL) = (recipients IS NULL)", name="recipients"),
    )
    __journal__ = "group_mailing"

    id: Mapped[db.pk]
    group_id: Mapped[int] = mapped_column(ForeignKey("working_group.id"), index=True)
    subject: Mapped[db.line]
    text: Mapped[str] = mapped_column(String(8000))
    written_at: Mapped[datetime]
    by_name: Mapped[db.line]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(String(200))
    recipients: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.group_id)


class GroupFile(db.Base):
    """A file of a group, under a title; served only to whoever may read the group."""

    __tablename__ = "group_file"
    __journal__ = "group_file"

    id: Mapped[db.pk]
    group_id: Mapped[int] = mapped_column(ForeignKey("working_group.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    title: Mapped[db.line]
    added_on: Mapped[db.day]
    by_name: Mapped[db.line]

    document: Mapped[Document] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.group_id)


class Deliverable(db.Base):
    """What a group makes: a roadmap, a case study, a white paper.

    Planned → drafting → review → published, or dropped; each change is a row of its own. What is
    published has a link or a file.
    """

    __tablename__ = "deliverable"
    __table_args__ = (
        CheckConstraint(
            "stage <> 'published' OR link IS NOT NULL OR file_id IS NOT NULL",
            name="published_is_found",
        ),
        CheckConstraint(
            "substr(link, 1, 7) = 'http://' OR substr(link, 1, 8) = 'https://'", name="link_scheme"
        ),
        Index("ix_deliverable_stage_due_on", "stage", "due_on"),
    )
    __journal__ = "deliverable"

    id: Mapped[db.pk]
    group_id: Mapped[int] = mapped_column(ForeignKey("working_group.id"), index=True)
    title: Mapped[db.line]
    kind: Mapped[DeliverableKind] = mapped_column(db.enum_by_value(DeliverableKind, "kind"))
    stage: Mapped[Stage] = mapped_column(db.enum_by_value(Stage, "stage"))
    """As it last changed; what held on a day is `queries.stage_on`."""
    about: Mapped[str | None] = mapped_column(String(4000))
    due_on: Mapped[date | None]
    link: Mapped[str | None] = mapped_column(String(300))
    file_id: Mapped[int | None] = mapped_column(ForeignKey("group_file.id"), index=True)
    readers: Mapped[Readers] = mapped_column(
        db.enum_by_value(Readers, "readers"), default=Readers.MEMBERS
    )
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    group: Mapped[WorkingGroup] = relationship(lazy="raise_on_sql")
    file: Mapped[GroupFile | None] = relationship(lazy="raise_on_sql")
    authors: Mapped[list[Person]] = relationship(
        secondary="deliverable_author",
        lazy="raise_on_sql",
        order_by="Person.name_key, Person.id",
        viewonly=True,
    )
    challenges: Mapped[list[Challenge]] = relationship(
        secondary="deliverable_challenge",
        lazy="raise_on_sql",
        order_by="Challenge.number",
        viewonly=True,
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("body", self.group_id)


class DeliverableStage(db.Base):
    """That a deliverable came to a stage, on which day, and why. Appended, never changed."""

    __tablename__ = "deliverable_stage"
    __table_args__ = (Index("ix_deliverable_stage_deliverable_id_on", "deliverable_id", "on"),)
    __journal__ = "deliverable_stage"

    id: Mapped[db.pk]
    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"))
    stage: Mapped[Stage] = mapped_column(db.enum_by_value(Stage, "stage"))
    on: Mapped[db.day]
    reason: Mapped[str | None] = mapped_column(String(500))
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("deliverable", self.deliverable_id)


class DeliverableAuthor(db.Base):
    """A person who writes a deliverable."""

    __tablename__ = "deliverable_author"
    __journal__ = "deliverable_author"

    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("deliverable", self.deliverable_id)


class DeliverableChallenge(db.Base):
    """A grand challenge a deliverable is about."""

    __tablename__ = "deliverable_challenge"
    __journal__ = "deliverable_challenge"

    deliverable_id: Mapped[int] = mapped_column(ForeignKey("deliverable.id"), primary_key=True)
    challenge_id: Mapped[int] = mapped_column(
        ForeignKey("challenge.id"), primary_key=True, index=True
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("deliverable", self.deliverable_id)
