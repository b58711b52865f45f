from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import UserAccount
from crm.activities.models import Task, Touch
from crm.companies.models import Company
from crm.companies.rules import own_domain
from crm.kit import db
from crm.memberships.models import Membership, Tier
from crm.pipeline.rules import Channel, Move, Outcome

PERSONAL = {"personal": True}


def _domain_of_email(context: Any) -> str | None:
    return own_domain(context.get_current_parameters().get("email"))


class Mode(db.Base):
    """A way to engage: industry alliance, factories, major partnership."""

    __tablename__ = "mode"
    __journal__ = "mode"

    id: Mapped[db.pk]
    key: Mapped[db.key] = mapped_column(unique=True)
    name: Mapped[db.line]
    summary: Mapped[str] = mapped_column(String(1000), info={"blank": True}, default="")
    position: Mapped[int]
    membership: Mapped[bool] = mapped_column(default=False)
    """Whether winning here starts a membership."""
    retired_on: Mapped[date | None]

    stages: Mapped[list[Stage]] = relationship(
        back_populates="mode", lazy="raise_on_sql", order_by="Stage.position"
    )


class Stage(db.Base):
    """A step of one mode's pipeline, with the chance that what stands here is won."""

    __tablename__ = "stage"
    __table_args__ = (
        UniqueConstraint("mode_id", "key"),
        CheckConstraint("probability BETWEEN 0 AND 100", name="probability"),
    )
    __journal__ = "stage"

    id: Mapped[db.pk]
    mode_id: Mapped[int] = mapped_column(ForeignKey("mode.id"))
    key: Mapped[db.key]
    name: Mapped[db.line]
    probability: Mapped[int]
    help: Mapped[str] = mapped_column(String(500), info={"blank": True}, default="")
    screened: Mapped[bool] = mapped_column(default=False)
    """Only a company that is screened, and clear, comes here."""
    handed_off: Mapped[bool] = mapped_column(default=False)
    """Where a hand-off to the sponsored-research office leads."""
    position: Mapped[int]
    retired_on: Mapped[date | None]

    mode: Mapped[Mode] = relationship(back_populates="stages", lazy="raise_on_sql")


class LostReason(db.Base):
    """Why an opportunity was lost; of one mode, or of all (`mode_id` None)."""

    __tablename__ = "lost_reason"
    __journal__ = "lost_reason"

    id: Mapped[db.pk]
    key: Mapped[db.key] = mapped_column(unique=True)
    """A mode's own reasons begin with its key: `alliance.fee`."""
    name: Mapped[db.line]
    mode_id: Mapped[int | None] = mapped_column(ForeignKey("mode.id"))
    position: Mapped[int]
    retired_on: Mapped[date | None]


class Inquiry(db.Base):
    """What a stranger sent, stored raw first, then read. Spam too. Never deleted.

    Waiting until triage gives it an `outcome`; the response clock runs from `received_at` to
    `answered_at`.
    """

    __tablename__ = "inquiry"
    __table_args__ = (
        Index("ix_inquiry_queue", "outcome", "suspected", "received_at"),
        Index("ix_inquiry_email", "email", "received_at"),
        Index("ix_inquiry_triaged", "triaged_at", "id"),
        CheckConstraint("(outcome IS NULL) = (triaged_at IS NULL)", name="outcome_has_its_moment"),
    )
    __journal__ = "inquiry"

    id: Mapped[db.pk]
    channel: Mapped[Channel] = mapped_column(db.enum_by_value(Channel, "channel"))
    token: Mapped[str] = mapped_column(String(64), unique=True, info={"unjournalled": True})
    """From the form: a second post of one form finds the first."""
    received_at: Mapped[datetime]
    raw: Mapped[dict[str, Any]] = mapped_column(JSON, info={**PERSONAL, "unjournalled": True})
    """Every field as it came. Never changed, so that the journal needs no second copy."""
    company_name: Mapped[str | None] = mapped_column(String(200), info=PERSONAL)
    website: Mapped[str | None] = mapped_column(String(300), info=PERSONAL)
    name: Mapped[str] = mapped_column(String(200), info=PERSONAL)
    title: Mapped[str | None] = mapped_column(String(200), info=PERSONAL)
    email: Mapped[str | None] = mapped_column(String(320), info=PERSONAL)
    domain: Mapped[str | None] = mapped_column(
        String(255), index=True, default=_domain_of_email, info={"unjournalled": True}
    )
    """Of the address, unless a public mail provider's: by it colleagues are known."""
    phone: Mapped[str | None] = mapped_column(String(60), info=PERSONAL)
    country: Mapped[db.country]
    source: Mapped[str | None] = mapped_column(String(200), info=PERSONAL)
    knows: Mapped[str | None] = mapped_column(String(200), info=PERSONAL)
    subject: Mapped[str | None] = mapped_column(String(200), info=PERSONAL)
    message: Mapped[str] = mapped_column(
        String(20_000), info={**PERSONAL, "blank": True}, default=""
    )
    modes: Mapped[list[str]] = mapped_column(JSON)
    challenges: Mapped[list[str]] = mapped_column(JSON)
    consent: Mapped[bool] = mapped_column(default=False)
    notice_version: Mapped[str | None] = mapped_column(String(60))
    suspected: Mapped[bool] = mapped_column(default=False)
    suspicions: Mapped[list[str]] = mapped_column(JSON)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    company_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"), index=True)
    """Matched by exact verified domain on arrival, or chosen at triage."""
    outcome: Mapped[Outcome | None] = mapped_column(db.enum_by_value(Outcome, "outcome"))
    triaged_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[UserAccount | None] = relationship(lazy="raise_on_sql")
    company: Mapped[Company | None] = relationship(lazy="raise_on_sql")

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("inquiry", self.id)


class Opportunity(db.Base):
    """A company in one mode's pipeline, from first contact to won or lost.

    `stage` is where it stands, or stood when it ended. Its next step is its earliest open
    task. Parked: unweighted and never stalled until `parked_until`.
    """

    __tablename__ = "opportunity"
    __table_args__ = (
        CheckConstraint("won_on IS NULL OR lost_on IS NULL", name="one_end"),
        CheckConstraint("(lost_on IS NULL) = (lost_reason_id IS NULL)", name="lost_has_a_reason"),
        CheckConstraint("value_minor >= 0", name="value"),
        # Of one company, also after that of the workspace is another: it follows.
        ForeignKeyConstraint(
            ["company_id", "partnership_id"],
            ["partnership.company_id", "partnership.id"],
            onupdate="CASCADE",
        ),
        Index("ix_opportunity_company_id", "company_id"),
        Index("uq_opportunity_company_id_id", "company_id", "id", unique=True),
        Index(
            "ix_opportunity_open",
            "mode_id",
            "stage_id",
            "stage_since",
            "id",
            sqlite_where=text("won_on IS NULL AND lost_on IS NULL"),
            postgresql_where=text("won_on IS NULL AND lost_on IS NULL"),
        ),
    )
    __journal__ = "opportunity"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    mode_id: Mapped[int] = mapped_column(ForeignKey("mode.id"))
    stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"), index=True)
    stage_since: Mapped[db.day]
    """The day of the last stage change, for time in stage."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"), index=True)
    inquiry_id: Mapped[int | None] = mapped_column(ForeignKey("inquiry.id"), index=True)
    tier_id: Mapped[int | None] = mapped_column(ForeignKey("tier.id"))
    """The tier under discussion, where the mode leads to a membership."""
    value_minor: Mapped[int | None] = mapped_column(BigInteger)
    """Expected in all, in the currency's minor unit."""
    currency: Mapped[db.currency]
    expected_on: Mapped[date | None]
    """When it is expected to start."""
    source: Mapped[db.optional_line]
    note: Mapped[str | None] = mapped_column(String(4000), info={"confidential": True})
    intent_on: Mapped[date | None]
    """The day of a letter of intent."""
    parked_until: Mapped[date | None]
    opened_on: Mapped[db.day]
    won_on: Mapped[date | None]
    lost_on: Mapped[date | None]
    lost_reason_id: Mapped[int | None] = mapped_column(
        ForeignKey("lost_reason.id"), info={"confidential": True}
    )
    lost_note: Mapped[str | None] = mapped_column(String(4000), info={"confidential": True})
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), unique=True)
    partnership_id: Mapped[int | None] = mapped_column(unique=True)
    """The workspace, of a major partnership."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    mode: Mapped[Mode] = relationship(lazy="raise_on_sql")
    stage: Mapped[Stage] = relationship(lazy="raise_on_sql")
    owner: Mapped[UserAccount | None] = relationship(lazy="raise_on_sql")
    inquiry: Mapped[Inquiry | None] = relationship(lazy="raise_on_sql")
    tier: Mapped[Tier | None] = relationship(lazy="raise_on_sql")
    lost_reason: Mapped[LostReason | None] = relationship(lazy="raise_on_sql")
    membership: Mapped[Membership | None] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class StageChange(db.Base):
    """That an opportunity's stage changed, on a day, by whom. Appended, never edited."""

    __tablename__ = "stage_change"
    __table_args__ = (Index("ix_stage_change_opportunity_id_on", "opportunity_id", "on", "id"),)

    id: Mapped[db.pk]
    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"))
    move: Mapped[Move] = mapped_column(db.enum_by_value(Move, "move"))
    from_stage_id: Mapped[int | None] = mapped_column(ForeignKey("stage.id"))
    to_stage_id: Mapped[int] = mapped_column(ForeignKey("stage.id"))
    on: Mapped[db.day] = mapped_column(index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None]
    by_name: Mapped[db.line]

    opportunity: Mapped[Opportunity] = relationship(lazy="raise_on_sql")


class OpportunityTouch(db.Base):
    """A contact report that was about this opportunity."""

    __tablename__ = "opportunity_touch"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), primary_key=True)
    touch_id: Mapped[int] = mapped_column(ForeignKey("touch.id"), primary_key=True, index=True)

    touch: Mapped[Touch] = relationship(lazy="raise_on_sql")


class OpportunityTask(db.Base):
    """A task of this opportunity; the earliest open one is its next step."""

    __tablename__ = "opportunity_task"

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunity.id"), primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True, index=True)

    task: Mapped[Task] = relationship(lazy="raise_on_sql")
