from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.kit import db
from crm.kit.money import Money
from crm.memberships.models import Membership


class Instalment(db.Base):
    """One due part of a membership's dues. Those that stand sum to the fees of its years exactly.

    Planned with the term, then billed by a line of an invoice. When the term is amended or ended,
    those not yet billed are reversed (`InstalmentReversal`) and what is owed is posted anew: once
    a term is signed, no instalment is changed or deleted.
    """

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
    """1, 2, 3 …: the first of the years it pays for. `InstalmentShare` has them all."""
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


class InstalmentShare(db.Base):
    """What of an instalment pays for which membership year: all of it, unless paid in advance."""

    __tablename__ = "instalment_share"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("year >= 1", name="year"),
    )

    instalment_id: Mapped[int] = mapped_column(
        ForeignKey("instalment.id"), primary_key=True, autoincrement=False
    )
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount_minor: Mapped[db.minor]


class InstalmentReversal(db.Base):
    """An instalment that no longer counts, from which day and why. Never taken back."""

    __tablename__ = "instalment_reversal"
    __journal__ = "instalment reversal"

    id: Mapped[int] = mapped_column(
        "instalment_id", ForeignKey("instalment.id"), primary_key=True, autoincrement=False
    )
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True)
    reversed_on: Mapped[db.day]
    reason: Mapped[str] = mapped_column(String(500))
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)
