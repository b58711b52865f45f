from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.invoices.rules import Blocker, CreditKind, InvoicingWay
from crm.kit import db
from crm.kit.money import Money
from crm.memberships.models import Membership


class Counter(db.Base):
    """The last number given out in a series and year. Its row is locked by whoever takes one, in
    the transaction that uses it: so none is missing and none is given twice."""

    __tablename__ = "counter"
    __table_args__ = (CheckConstraint("last >= 0", name="last"),)

    series: Mapped[str] = mapped_column(String(20), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class BillingProfile(db.Base):
    """How a company wants to be billed: what its accounts department insists on."""

    __tablename__ = "billing_profile"
    __journal__ = "billing profile"

    id: Mapped[int] = mapped_column(
        "company_id", ForeignKey("company.id"), primary_key=True, autoincrement=False
    )
    name: Mapped[db.optional_line]
    """To whom, if not to the company's legal name."""
    address: Mapped[str | None] = mapped_column(String(1000))
    email: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    tax_number: Mapped[str | None] = mapped_column(String(60))
    po_required: Mapped[bool] = mapped_column(default=False)
    po_number: Mapped[str | None] = mapped_column(String(60))
    """The standing purchase order, put on every new invoice."""
    note: Mapped[str | None] = mapped_column(String(1000))
    no_reminders_since: Mapped[date | None]
    no_reminders_reason: Mapped[str | None] = mapped_column(String(500))
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.id)


OPEN = "paid_minor + credited_minor < net_minor + tax_minor"
"""Something is still owed. Of a hundred invoices few are open: the index holds only these."""


class Invoice(db.Base):
    """What a company is asked to pay: our own invoice, or a billing request to the finance office.

    Draft (no number) → issued: from then on its text, lines and sums stay as they are, and a
    mistake is credited. `paid_minor` and `credited_minor` are kept beside the rows they sum up,
    so that the database itself refuses more than is owed; the self-check proves them.
    """

    __tablename__ = "invoice"
    __table_args__ = (
        CheckConstraint("net_minor >= 0 AND tax_minor >= 0", name="sums"),
        CheckConstraint("tax_basis_points BETWEEN 0 AND 10000", name="tax"),
        CheckConstraint("(number IS NULL) = (issued_on IS NULL)", name="issued_has_number"),
        CheckConstraint("paid_minor >= 0 AND credited_minor >= 0", name="settled_order"),
        CheckConstraint(
            "paid_minor + credited_minor <= net_minor + tax_minor", name="not_overpaid"
        ),
        CheckConstraint("currency = upper(currency)", name="currency_upper"),
        Index("ix_invoice_company_id_issued_on", "company_id", "issued_on"),
        Index("ix_invoice_issued_on_due_on", "issued_on", "due_on"),
        Index("ix_invoice_due_on", "due_on"),
        Index("ix_invoice_membership_id", "membership_id"),
        Index(
            "ix_invoice_open",
            "issued_on",
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
    )
    __journal__ = "invoice"

    id: Mapped[db.pk]
    way: Mapped[InvoicingWay] = mapped_column(db.enum_by_value(InvoicingWay, "way"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    membership_id: Mapped[int | None] = mapped_column(ForeignKey("membership.id"))
    number: Mapped[str | None] = mapped_column(String(40), unique=True)
    issued_on: Mapped[date | None]
    """The day of the invoice, or of the request."""
    due_on: Mapped[db.day]
    currency: Mapped[db.currency]
    net_minor: Mapped[db.minor] = mapped_column(default=0)
    tax_minor: Mapped[db.minor] = mapped_column(default=0)
    tax_basis_points: Mapped[int] = mapped_column(default=0)
    """Hundredths of a percent."""
    paid_minor: Mapped[db.minor] = mapped_column(default=0, info={"unjournalled": True})
    credited_minor: Mapped[db.minor] = mapped_column(default=0, info={"unjournalled": True})
    bill_to_name: Mapped[db.line]
    bill_to_address: Mapped[str | None] = mapped_column(String(1000))
    bill_to_email: Mapped[str | None] = mapped_column(String(320), info={"personal": True})
    po_number: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None] = mapped_column(String(1000))
    """Printed below the lines."""
    finance_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    """The finance office's own invoice number, when it has written one."""
    finance_invoiced_on: Mapped[date | None]
    sent_on: Mapped[date | None]
    blocker: Mapped[Blocker | None] = mapped_column(db.enum_by_value(Blocker, "blocker"))
    blocker_note: Mapped[str | None] = mapped_column(String(500))
    promised_on: Mapped[date | None]
    issued_by_id: Mapped[int | None]
    """Whoever issues may not record the payment."""
    created_at: Mapped[datetime]
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    membership: Mapped[Membership | None] = relationship(lazy="raise_on_sql")
    lines: Mapped[list[InvoiceLine]] = relationship(
        lazy="raise_on_sql", order_by="InvoiceLine.position", back_populates="invoice"
    )

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def balance(self) -> Money:
        """What is still owed, by what is known now."""
        return Money(self.total_minor - self.paid_minor - self.credited_minor, self.currency)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class InvoiceLine(db.Base):
    """One line of an invoice: an instalment, or another charge in its own words."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        Index("ix_invoice_line_instalment_id", "instalment_id", "released", "invoice_id"),
        Index(
            "uq_invoice_line_instalment",
            "instalment_id",
            unique=True,
            sqlite_where=text("NOT released"),
            postgresql_where=text("NOT released"),
        ),
    )

    id: Mapped[db.pk]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    position: Mapped[int]
    instalment_id: Mapped[int | None] = mapped_column(ForeignKey("instalment.id"))
    description: Mapped[str] = mapped_column(String(500))
    amount_minor: Mapped[db.minor]
    released: Mapped[bool] = mapped_column(default=False)
    """The invoice was voided: its instalment can be billed again."""

    invoice: Mapped[Invoice] = relationship(lazy="raise_on_sql", back_populates="lines")


class CreditNote(db.Base):
    """Takes something of an issued invoice back: a part, all of it (voided), or a bad debt."""

    __tablename__ = "credit_note"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_credit_note_invoice_id", "invoice_id"),
        Index("ix_credit_note_issued_on", "issued_on"),
    )
    __journal__ = "credit note"

    id: Mapped[db.pk]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    kind: Mapped[CreditKind] = mapped_column(db.enum_by_value(CreditKind, "credit_kind"))
    amount_minor: Mapped[db.minor]
    reason: Mapped[str] = mapped_column(String(500))
    issued_on: Mapped[db.day]
    by_name: Mapped[db.line]

    invoice: Mapped[Invoice] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("invoice", self.invoice_id)


class Reminder(db.Base):
    """A step of the ladder that a person let go out for an overdue invoice, with its letter.

    One row for each step, written when it is released; what waits to be released is computed, and
    has none. Never changed.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("invoice_id", "step"),
        CheckConstraint("step >= 1", name="step"),
    )
    __journal__ = "reminder"

    id: Mapped[db.pk]
    invoice_id: Mapped[int] = mapped_column(ForeignKey("invoice.id"))
    step: Mapped[int]
    """1, 2, 3: how often this invoice has been reminded of."""
    released_on: Mapped[db.day]
    to: Mapped[str] = mapped_column(String(320), info={"personal": True})
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("invoice", self.invoice_id)
