from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.council.ballot_models import Ballot
from crm.kit import db
from crm.kit.money import Money
from crm.programme.models import Challenge
from crm.projects.rules import OVER, CallStatus, ProjectKind, Source, Stage, call_status_on


class ProjectCall(db.Base):
    """A call for proposals of one kind, from a day to its deadline. What comes in are projects.

    The council may rank the proposals by the linked ballot.
    """

    __tablename__ = "project_call"
    __table_args__ = (CheckConstraint("closes_on >= opens_on", name="order"),)
    __journal__ = "project_call"

    id: Mapped[db.pk]
    title: Mapped[db.line]
    kind: Mapped[ProjectKind] = mapped_column(db.enum_by_value(ProjectKind, "kind"))
    text: Mapped[db.text]
    """Markdown."""
    opens_on: Mapped[db.day]
    closes_on: Mapped[db.day] = mapped_column(index=True)
    """The deadline: the last day on which a proposal is taken."""
    ballot_id: Mapped[int | None] = mapped_column(ForeignKey("ballot.id"), unique=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    ballot: Mapped[Ballot | None] = relationship(lazy="raise_on_sql")

    def status_on(self, day: date) -> CallStatus:
        return call_status_on(day, opens_on=self.opens_on, closes_on=self.closes_on)


class Project(db.Base):
    """A seed research project, a fellowship, a course …: who works on what, and who pays.

    Proposed → selected or not → running → finished, or dropped; each change is a row of its own.
    Where it has seats, the database refuses more of them taken than offered.
    """

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="order"),
        CheckConstraint("budget_minor >= 0", name="budget"),
        CheckConstraint("(budget_minor IS NULL) = (currency IS NULL)", name="budget_has_currency"),
        CheckConstraint("budget_minor IS NULL OR source IS NOT NULL", name="budget_has_source"),
        CheckConstraint("length(currency) = 3", name="currency"),
        CheckConstraint("seats_offered > 0", name="seats"),
        CheckConstraint(
            "seats_offered IS NULL OR kind IN ('training programme', 'course', 'recruiting event')",
            name="seats_of_kind",
        ),
        CheckConstraint("ends_before IS NULL OR starts_on IS NOT NULL", name="starts_first"),
        Index("ix_project_stage_starts_on", "stage", "starts_on"),
    )
    __journal__ = "project"

    id: Mapped[db.pk]
    title: Mapped[db.line]
    kind: Mapped[ProjectKind] = mapped_column(db.enum_by_value(ProjectKind, "kind"))
    stage: Mapped[Stage] = mapped_column(db.enum_by_value(Stage, "stage"))
    """As it last changed; what held on a day is `queries.stage_on`."""
    call_id: Mapped[int | None] = mapped_column(ForeignKey("project_call.id"), index=True)
    about: Mapped[db.text]
    """Markdown."""
    starts_on: Mapped[date | None]
    ends_before: Mapped[date | None]
    source: Mapped[Source | None] = mapped_column(db.enum_by_value(Source, "source"))
    budget_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    seats_offered: Mapped[int | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    call: Mapped[ProjectCall | None] = relationship(lazy="raise_on_sql")
    challenges: Mapped[list[Challenge]] = relationship(
        secondary="project_challenge",
        lazy="raise_on_sql",
        order_by="Challenge.number",
        viewonly=True,
    )

    @property
    def budget(self) -> Money | None:
        if self.budget_minor is None or self.currency is None:
            return None
        return Money(self.budget_minor, self.currency)

    @property
    def is_over(self) -> bool:
        return self.stage in OVER


class ProjectChallenge(db.Base):
    """A grand challenge a project works on."""

    __tablename__ = "project_challenge"
    __journal__ = "project_challenge"

    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), primary_key=True)
    challenge_id: Mapped[int] = mapped_column(
        ForeignKey("challenge.id"), primary_key=True, index=True
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)


class ProjectStage(db.Base):
    """That a project came to a stage, on which day, and why. Appended, never changed."""

    __tablename__ = "project_stage"
    __table_args__ = (Index("ix_project_stage_project_id_on", "project_id", "on"),)
    __journal__ = "project_stage"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    stage: Mapped[Stage] = mapped_column(db.enum_by_value(Stage, "stage"))
    on: Mapped[db.day]
    reason: Mapped[str | None] = mapped_column(String(500))
    ballot_id: Mapped[int | None] = mapped_column(ForeignKey("ballot.id"), index=True)
    """What decided it, where it was no person."""
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)


class ProjectMilestone(db.Base):
    """What is to be reached in a project, by when; done on its day."""

    __tablename__ = "project_milestone"
    __journal__ = "project_milestone"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    title: Mapped[db.line]
    due_on: Mapped[db.day]
    done_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)
