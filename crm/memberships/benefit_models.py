"""What tiers give a membership year, and what a signed term was promised."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.kit import db
from crm.memberships.benefit_rules import UsedBy

ONCE_SIGNED = text("amendment_id IS NULL")


class Benefit(db.Base):
    """Something a membership gives so many times a year: places, introductions, days on campus.

    As the programme's file lists them. Retired, never deleted: promises refer to it.
    """

    __tablename__ = "benefit"
    __journal__ = "benefit"

    id: Mapped[db.pk]
    key: Mapped[db.key] = mapped_column(unique=True)
    name: Mapped[db.line]
    unit: Mapped[str] = mapped_column(String(40))
    """After the number 1; `units` after all others."""
    units: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(500), info={"blank": True}, default="")
    used_by: Mapped[UsedBy] = mapped_column(db.enum_by_value(UsedBy, "used_by"))
    position: Mapped[int]
    retired_on: Mapped[date | None]


class TierBenefit(db.Base):
    """How many of a benefit a tier gives a membership year, as the file says today."""

    __tablename__ = "tier_benefit"
    __table_args__ = (CheckConstraint("a_year > 0", name="a_year"),)
    __journal__ = "tier_benefit"

    tier_id: Mapped[int] = mapped_column(ForeignKey("tier.id"), primary_key=True)
    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefit.id"), primary_key=True, index=True)
    a_year: Mapped[int | None]
    """None: without limit. Of what a tier does not give there is no row."""

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("tier", self.tier_id)


class PromisedBenefit(db.Base):
    """How many of a benefit a signed term was promised a year: by its agreement, or by an
    amendment of its tier. Written with it and never changed, whatever the file says later.

    There is a row for each benefit of the day, with 0 for what the tier did not give. The journal
    keeps the act alone: rows that never change have no before and after.
    """

    __tablename__ = "promised_benefit"
    __table_args__ = (
        CheckConstraint("a_year >= 0", name="a_year"),
        UniqueConstraint("amendment_id", "benefit_id"),
        Index(
            "uq_promised_benefit_as_signed",
            "membership_id",
            "benefit_id",
            unique=True,
            sqlite_where=ONCE_SIGNED,
            postgresql_where=ONCE_SIGNED,
        ),
        Index("ix_promised_benefit_membership_id", "membership_id"),
    )

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    amendment_id: Mapped[int | None] = mapped_column(ForeignKey("amendment.id"))
    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefit.id"), index=True)
    a_year: Mapped[int | None]
    """None: without limit."""


class AgreedBenefit(db.Base):
    """That a company has so many of a benefit a year, from a year of its term on, though its tier
    gives more or fewer. Appended, never changed: the last word counts.
    """

    __tablename__ = "agreed_benefit"
    __table_args__ = (
        CheckConstraint("a_year >= 0", name="a_year"),
        CheckConstraint("from_year >= 1", name="from_year"),
    )
    __journal__ = "agreed_benefit"

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True)
    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefit.id"), index=True)
    from_year: Mapped[int]
    a_year: Mapped[int | None]
    """None: without limit."""
    reason: Mapped[str] = mapped_column(String(500))
    agreed_on: Mapped[db.day]
    by_name: Mapped[db.line]

    benefit: Mapped[Benefit] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)
