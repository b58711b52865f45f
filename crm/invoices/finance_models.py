from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm.kit import db


class FinanceStatement(db.Base):
    """What the finance office has on its books for a month, as read in from its list."""

    __tablename__ = "finance_statement"
    __journal__ = "finance statement"

    id: Mapped[db.pk]
    month: Mapped[db.day] = mapped_column(index=True)
    """Its first day."""
    file_name: Mapped[db.line]
    imported_on: Mapped[db.day]
    by_name: Mapped[db.line]


class FinanceLine(db.Base):
    """One invoice on the finance office's list, and what it has received for it so far."""

    __tablename__ = "finance_line"
    __table_args__ = (UniqueConstraint("statement_id", "row"),)

    id: Mapped[db.pk]
    statement_id: Mapped[int] = mapped_column(ForeignKey("finance_statement.id"))
    row: Mapped[int]
    request_number: Mapped[str | None] = mapped_column(String(40))
    """Ours, where they name it."""
    finance_number: Mapped[str | None] = mapped_column(String(60))
    company: Mapped[db.optional_line]
    invoiced_on: Mapped[date | None]
    amount_minor: Mapped[db.minor]
    received_minor: Mapped[db.minor] = mapped_column(default=0)
    currency: Mapped[db.currency]
