from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.kit import db
from crm.kit.money import Money


class BankImport(db.Base):
    """A bank's list that was read in: its payments can be taken back together."""

    __tablename__ = "bank_import"
    __journal__ = "bank import"

    id: Mapped[db.pk]
    file_name: Mapped[db.line]
    imported_on: Mapped[db.day]
    by_name: Mapped[db.line]
    undone_on: Mapped[date | None]


class Payment(db.Base):
    """Money that came in from a company. What of it settles which invoice is told by `Allocation`;
    the rest is the company's credit. Never changed; a mistake is struck, with its day and reason.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint(
            "allocated_minor >= 0 AND allocated_minor <= amount_minor", name="not_overspent"
        ),
        CheckConstraint("struck_on IS NULL OR allocated_minor = 0", name="struck_is_free"),
        CheckConstraint("(struck_on IS NULL) = (struck_reason IS NULL)", name="struck_reason"),
        Index("ix_payment_company_id_received_on", "company_id", "received_on"),
        UniqueConstraint("bank_import_id", "bank_reference"),
        Index(
            "uq_payment_bank_reference",
            "bank_reference",
            unique=True,
            sqlite_where=text("struck_on IS NULL"),
            postgresql_where=text("struck_on IS NULL"),
        ),
    )
    __journal__ = "payment"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    received_on: Mapped[db.day]
    amount_minor: Mapped[db.minor]
    currency: Mapped[db.currency]
    allocated_minor: Mapped[db.minor] = mapped_column(default=0, info={"unjournalled": True})
    reference: Mapped[str | None] = mapped_column(String(200))
    """What the bank or the finance office calls it."""
    bank_import_id: Mapped[int | None] = mapped_column(ForeignKey("bank_import.id"))
    bank_reference: Mapped[str | None] = mapped_column(String(200))
    """The line of the bank's list: the same list adds nothing when read again, unless what it
    added was struck."""
    recorded_by_id: Mapped[int | None]
    by_name: Mapped[db.line]
    created_at: Mapped[datetime]
    struck_on: Mapped[date | None]
    struck_reason: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def credit(self) -> Money:
        """What of it is not allocated: the company's, until it is used or given back."""
        left = 0 if self.struck_on else self.amount_minor - self.allocated_minor
        return Money(left, self.currency)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Refund(db.Base):
    """Money given back to a company out of its credit."""

    __tablename__ = "refund"
    __table_args__ = (CheckConstraint("amount_minor > 0", name="amount"),)
    __journal__ = "refund"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    refunded_on: Mapped[db.day]
    amount_minor: Mapped[db.minor]
    currency: Mapped[db.currency]
    reference: Mapped[str | None] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(500))
    by_name: Mapped[db.line]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Allocation(db.Base):
    """So much of a payment settles an invoice, or is given back, from a day on. A negative one
    takes an earlier one back. Appended, never changed."""

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint("(invoice_id IS NULL) <> (refund_id IS NULL)", name="one_target"),
        Index("ix_allocation_invoice_id", "invoice_id"),
        Index("ix_allocation_allocated_on", "allocated_on"),
        Index("ix_allocation_payment_id", "payment_id"),
    )
    __journal__ = "allocation"

    id: Mapped[db.pk]
    payment_id: Mapped[int] = mapped_column(ForeignKey("payment.id"))
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoice.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"), index=True)
    amount_minor: Mapped[db.minor]
    allocated_on: Mapped[db.day]
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("payment", self.payment_id)
