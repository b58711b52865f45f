from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import UserAccount
from crm.activities.models import Task
from crm.kit import db
from crm.memberships.models import Membership, Tier
from crm.retention.rules import GoalState, ReviewKind


class RenewalPlan(db.Base):
    """What we expect of a term's renewal, and what comes next. None where nobody has said yet."""

    __tablename__ = "renewal_plan"
    __table_args__ = (
        CheckConstraint("likelihood BETWEEN 0 AND 100", name="likelihood"),
        CheckConstraint("proposed_fee_minor >= 0", name="fee"),
    )
    __journal__ = "renewal plan"

    id: Mapped[int] = mapped_column(
        "membership_id", ForeignKey("membership.id"), primary_key=True, autoincrement=False
    )
    likelihood: Mapped[int | None]
    """Percent."""
    note: Mapped[str | None] = mapped_column(String(4000), info={"personal": True})
    proposed_tier_id: Mapped[int | None] = mapped_column(ForeignKey("tier.id"))
    proposed_fee_minor: Mapped[db.minor | None]
    """A year's, in the currency of the term that ends."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), unique=True)
    """The next step; the one before it was done or dropped."""
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    proposed_tier: Mapped[Tier | None] = relationship(lazy="raise_on_sql")
    task: Mapped[Task | None] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.id)


class OnboardingItem(db.Base):
    """One thing to do with a new member in its first ninety days: a task, with its day and owner.

    The programme's file says which; `key` is the file's, so that the list is made up once.
    """

    __tablename__ = "onboarding_item"
    __table_args__ = (UniqueConstraint("membership_id", "key"),)

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    key: Mapped[db.key]
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), unique=True)

    task: Mapped[Task] = relationship(lazy="raise_on_sql")


class Goal(db.Base):
    """What a company wants of its membership, in its own words. Open → reached or given up."""

    __tablename__ = "goal"
    __table_args__ = (
        CheckConstraint("(state = 'open') = (closed_on IS NULL)", name="closed_has_day"),
    )
    __journal__ = "goal"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    text: Mapped[str] = mapped_column(String(500))
    set_on: Mapped[db.day]
    by_on: Mapped[date | None]
    """The day by which it is to be reached."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    state: Mapped[GoalState] = mapped_column(
        db.enum_by_value(GoalState, "state"), default=GoalState.OPEN
    )
    closed_on: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[UserAccount | None] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Review(db.Base):
    """A talk about a membership: the annual review of one of its years, or the exit interview.

    Planned (a task with its day and owner) → held (`held_on`): what was said, what came of it.
    """

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("membership_id", "kind", "year"),
        CheckConstraint("(kind = 'exit interview') = (year = 0)", name="year"),
        CheckConstraint("said IS NULL OR held_on IS NOT NULL", name="said_when_held"),
    )
    __journal__ = "review"

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    kind: Mapped[ReviewKind] = mapped_column(db.enum_by_value(ReviewKind, "kind"))
    year: Mapped[int]
    """The membership year it looks back on; 0 for the exit interview."""
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), unique=True)
    held_on: Mapped[date | None]
    said: Mapped[str | None] = mapped_column(String(8000), info={"personal": True})
    outcome: Mapped[str | None] = mapped_column(String(1000), info={"personal": True})
    by_name: Mapped[db.optional_line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    membership: Mapped[Membership] = relationship(lazy="raise_on_sql")
    task: Mapped[Task] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)


class CompanyBudget(db.Base):
    """When a company decides on next year's money: a renewal has to be on its table before."""

    __tablename__ = "company_budget"
    __table_args__ = (CheckConstraint("month BETWEEN 1 AND 12", name="month"),)
    __journal__ = "company budget"

    id: Mapped[int] = mapped_column(
        "company_id", ForeignKey("company.id"), primary_key=True, autoincrement=False
    )
    month: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.id)


class Highlight(db.Base):
    """An outcome of a company's engagement, in a sentence to be shown to its management.

    Somebody of the office chose and wrote it; a dossier has it on its first page.
    """

    __tablename__ = "highlight"
    __table_args__ = (
        CheckConstraint("substr(record, 1, 8) = '/office/'", name="record"),
        Index("ix_highlight_company_id_on", "company_id", "on"),
    )
    __journal__ = "highlight"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    on: Mapped[db.day]
    text: Mapped[str] = mapped_column(String(300))
    record: Mapped[str | None] = mapped_column(String(200))
    """The page of the record it is about; None: none of ours."""
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)
