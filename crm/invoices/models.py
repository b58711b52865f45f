from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.kit import db
from crm.kit.money import Money
from crm.memberships.models import Membership


class Instalment(db.Base):
    """One due part of a membership's dues. Those of a membership year sum to its fee exactly."""

    __tablename__ = "instalment"
    __table_args__ = (
        UniqueConstraint("membership_id", "number"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("number >= 1 AND membership_year >= 1", name="numbers"),
        Index("ix_instalment_due_on", "due_on"),
    )
    __journal__ = "instalment"

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    number: Mapped[int]
    membership_year: Mapped[int]
    """1, 2, 3 …; a term paid all in advance has one instalment, in year 1."""
    due_on: Mapped[db.day]
    amount_minor: Mapped[db.minor]
    currency: Mapped[db.currency]

    membership: Mapped[Membership] = relationship(lazy="raise_on_sql")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)
