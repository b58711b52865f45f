from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.kit import db
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import rules
from crm.memberships.rules import DuesFrequency, SeatEntitlement


class Tier(db.Base):
    """A level of membership as the programme's file offers it today.

    A membership copies what it was promised: a tier that changes leaves past terms alone.
    """

    __tablename__ = "tier"
    __journal__ = "tier"

    id: Mapped[db.pk]
    key: Mapped[db.key] = mapped_column(unique=True)
    name: Mapped[db.line]
    position: Mapped[int]
    founding: Mapped[bool] = mapped_column(default=False)
    fee_minor: Mapped[db.minor] = mapped_column(CheckConstraint("fee_minor >= 0", name="fee"))
    currency: Mapped[db.currency]
    years: Mapped[int]
    seat: Mapped[SeatEntitlement] = mapped_column(db.enum_by_value(SeatEntitlement, "seat"))
    votes: Mapped[bool]
    group_count: Mapped[int | None]
    """How many working groups; None: all."""
    group_places: Mapped[int]
    closes_at: Mapped[int | None]
    """The tier takes no more members than this at a time."""
    headcount_under: Mapped[int | None]
    by_invitation: Mapped[bool] = mapped_column(default=False)
    retired_on: Mapped[date | None]

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)


class Membership(db.Base):
    """One term of one company at one tier. A renewal is a new row that names its predecessor.

    Drafted → released for signature → signed by either side (in force only when both have:
    *fully executed*) → runs by its dates, then grace, then lapsed. Or withdrawn before it was
    executed, or terminated after. No column says the status: `rules.status_on` derives it
    from these days. Two terms of a company never overlap; the database refuses them, reading
    `occupied_before`: the end, or an earlier termination.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="term_order"),
        CheckConstraint("occupied_before >= starts_on", name="occupied_order"),
        CheckConstraint("fee_minor >= 0", name="fee"),
        CheckConstraint("grace_days >= 0", name="grace"),
        CheckConstraint(
            "terminated_on IS NULL OR termination_reason IS NOT NULL", name="termination_reason"
        ),
        CheckConstraint(
            "withdrawn_on IS NULL OR company_signed_on IS NULL OR programme_signed_on IS NULL",
            name="withdrawn_before_executed",
        ),
        Index("ix_membership_company_id_starts_on", "company_id", "starts_on"),
        Index("ix_membership_starts_on_ends_before", "starts_on", "ends_before"),
    )
    __journal__ = "membership"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("tier.id"), index=True)
    founding: Mapped[bool] = mapped_column(default=False)
    starts_on: Mapped[db.day]
    ends_before: Mapped[db.day]
    occupied_before: Mapped[db.day]
    fee_minor: Mapped[db.minor]
    """A membership year's."""
    currency: Mapped[db.currency]
    dues_frequency: Mapped[DuesFrequency] = mapped_column(
        db.enum_by_value(DuesFrequency, "dues_frequency")
    )
    grace_days: Mapped[int]
    grace_votes: Mapped[bool] = mapped_column(default=False)
    agreement_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    drafted_on: Mapped[db.day]
    released_on: Mapped[date | None]
    company_signed_on: Mapped[date | None]
    programme_signed_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    withdrawal_reason: Mapped[str | None] = mapped_column(String(500))
    terminated_on: Mapped[date | None]
    """The first day on which it no longer is one."""
    termination_reason: Mapped[str | None] = mapped_column(String(500))
    predecessor_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"), unique=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    tier: Mapped[Tier] = relationship(lazy="raise_on_sql")

    @property
    def term(self) -> Period:
        return Period(self.starts_on, self.ends_before)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def executed_on(self) -> date | None:
        return rules.executed_on(self.company_signed_on, self.programme_signed_on)

    def status_on(self, day: date) -> rules.Status:
        return rules.status_on(
            day,
            term=self.term,
            released_on=self.released_on,
            executed_on=self.executed_on,
            withdrawn_on=self.withdrawn_on,
            terminated_on=self.terminated_on,
            grace_days=self.grace_days,
        )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)
