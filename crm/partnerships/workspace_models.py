from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
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

from crm.activities.models import Touch
from crm.companies.models import Company
from crm.documents.models import Document
from crm.kit import db
from crm.kit.money import Money
from crm.partnerships.workspace_rules import Answer, Ip, Nda, NdaFacts, Result, Screened
from crm.people.models import Person

STRUCK = (
    "(struck_at IS NULL) = (struck_reason IS NULL) AND (struck_at IS NULL) = (struck_by IS NULL)"
)


class Partnership(db.Base):
    """The workspace of a major partnership: what a company needs, and how far we are with it.

    Its stage is its opportunity's, a floor above. Open → closed (`closed_on`, and how), and open
    again. Who reads engagements reads it, but no sums and no notes.
    """

    __tablename__ = "partnership"
    __table_args__ = (
        UniqueConstraint("company_id", "id"),
        CheckConstraint("(closed_on IS NULL) = (closed_how IS NULL)", name="closed_how"),
        CheckConstraint("closed_on >= opened_on", name="order"),
        CheckConstraint(
            "needs_text IS NOT NULL OR (needs_on IS NULL AND needs_by_id IS NULL)", name="needs"
        ),
        CheckConstraint("(nda IS NOT NULL AND nda = 'signed') = (nda_signed_on IS NOT NULL)",
                        name="nda_signed"),
        CheckConstraint("nda_expires_on >= nda_signed_on", name="nda_order"),
        CheckConstraint("nda_expires_on IS NULL OR nda_signed_on IS NOT NULL", name="nda_end"),
        CheckConstraint("(ip IS NULL) = (ip_on IS NULL)", name="ip_on"),
    )  # fmt: skip
    __journal__ = "partnership"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    title: Mapped[db.line]
    needs_text: Mapped[str | None] = mapped_column(String(8000))
    """As the company stated them. Faculty read it: no sums."""
    needs_on: Mapped[date | None]
    needs_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Of the company: who stated them."""
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Of the university: whose partnership it is among the faculty."""
    relations_contact: Mapped[db.optional_line]
    """At the central corporate-relations office."""
    opened_on: Mapped[db.day]
    closed_on: Mapped[date | None]
    closed_how: Mapped[str | None] = mapped_column(String(500))
    nda: Mapped[Nda | None] = mapped_column(db.enum_by_value(Nda, "nda"))
    nda_signed_on: Mapped[date | None]
    nda_expires_on: Mapped[date | None] = mapped_column(index=True)
    """The last day on which it binds."""
    nda_reference: Mapped[str | None] = mapped_column(String(60))
    nda_note: Mapped[str | None] = mapped_column(String(2000), info={"confidential": True})
    ip: Mapped[Ip | None] = mapped_column(db.enum_by_value(Ip, "ip"))
    ip_on: Mapped[date | None]
    ip_text: Mapped[str | None] = mapped_column(String(4000), info={"confidential": True})
    """The positions of both sides."""
    created_at: Mapped[datetime]
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    needs_by: Mapped[Person | None] = relationship(lazy="raise_on_sql", foreign_keys=[needs_by_id])
    lead: Mapped[Person | None] = relationship(lazy="raise_on_sql", foreign_keys=[lead_id])

    @property
    def nda_facts(self) -> NdaFacts:
        return NdaFacts(
            state=self.nda, signed_on=self.nda_signed_on, expires_on=self.nda_expires_on
        )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Screening(db.Base):
    """That a company was checked against lists of restricted parties, and what came of it.

    Appended; a mistake is struck with its reason, never edited. The last that stands counts.
    """

    __tablename__ = "screening"
    __table_args__ = (
        CheckConstraint(STRUCK, name="struck"),
        CheckConstraint("valid_until >= screened_on", name="order"),
        CheckConstraint("valid_until IS NULL OR result = 'clear'", name="validity"),
        Index("ix_screening_company_id_screened_on", "company_id", "screened_on", "id"),
    )
    __journal__ = "screening"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    screened_on: Mapped[db.day]
    screened_by: Mapped[db.line]
    """Whoever looked: of us, or of the export-control office."""
    service: Mapped[db.line]
    """Which lists, or which service."""
    result: Mapped[Result] = mapped_column(db.enum_by_value(Result, "result"))
    valid_until: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(2000), info={"confidential": True})
    by_name: Mapped[db.line]
    recorded_at: Mapped[datetime]
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str | None] = mapped_column(String(500))
    struck_by: Mapped[db.optional_line]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def screened(self) -> Screened:
        return Screened(on=self.screened_on, result=self.result, valid_until=self.valid_until)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Convened(db.Base):
    """Somebody of the faculty who was asked into a partnership, and what they said."""

    __tablename__ = "convened"
    __table_args__ = (
        UniqueConstraint("partnership_id", "person_id"),
        Index("uq_convened_partnership_id_id", "partnership_id", "id", unique=True),
        CheckConstraint("(answer = 'asked') = (answered_on IS NULL)", name="answered"),
        CheckConstraint("answered_on >= asked_on", name="order"),
    )
    __journal__ = "convened"

    id: Mapped[db.pk]
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    field: Mapped[str | None] = mapped_column(String(500))
    """What of their work it is about; their profile says the rest."""
    asked_on: Mapped[db.day]
    answer: Mapped[Answer] = mapped_column(db.enum_by_value(Answer, "answer"))
    answered_on: Mapped[date | None]
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    partnership: Mapped[Partnership] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("partnership", self.partnership_id)


class Convening(db.Base):
    """That a contact report was a convening of this partnership."""

    __tablename__ = "convening"

    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), primary_key=True)
    touch_id: Mapped[int] = mapped_column(ForeignKey("touch.id"), primary_key=True, unique=True)

    touch: Mapped[Touch] = relationship(lazy="raise_on_sql")


class Scope(db.Base):
    """A version of what is to be done, by when, for how much. Appended: the last one counts."""

    __tablename__ = "scope"
    __table_args__ = (
        UniqueConstraint("partnership_id", "number"),
        UniqueConstraint("partnership_id", "id"),
        CheckConstraint("ends_before > starts_on", name="order"),
        CheckConstraint("ends_before IS NULL OR starts_on IS NOT NULL", name="begins"),
        CheckConstraint("estimate_minor > 0", name="estimate"),
        CheckConstraint("(estimate_minor IS NULL) = (currency IS NULL)", name="in_currency"),
    )
    __journal__ = "scope"

    id: Mapped[db.pk]
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    number: Mapped[int]
    """1, 2, 3 … of this partnership."""
    text: Mapped[str] = mapped_column(String(8000))
    """Faculty read it: no sums."""
    deliverables: Mapped[str | None] = mapped_column(String(4000))
    starts_on: Mapped[date | None]
    ends_before: Mapped[date | None]
    estimate_minor: Mapped[int | None] = mapped_column(BigInteger)
    """Of sponsored research: a ledger of its own, never added to dues or to what is in kind."""
    currency: Mapped[str | None] = mapped_column(String(3))
    written_on: Mapped[db.day]
    by_name: Mapped[db.line]
    created_at: Mapped[datetime]

    @property
    def estimate(self) -> Money | None:
        if self.estimate_minor is None or self.currency is None:
            return None
        return Money(self.estimate_minor, self.currency)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("partnership", self.partnership_id)


class Handoff(db.Base):
    """That a scope went to the sponsored-research office, which gives it a number of its own.

    Appended; taken back with a reason. One stands at a time.
    """

    __tablename__ = "handoff"
    __table_args__ = (
        ForeignKeyConstraint(
            ["partnership_id", "scope_id"], ["scope.partnership_id", "scope.id"]
        ),
        CheckConstraint(STRUCK, name="struck"),
        Index(
            "uq_handoff_standing",
            "partnership_id",
            unique=True,
            sqlite_where=text("struck_at IS NULL"),
            postgresql_where=text("struck_at IS NULL"),
        ),
        Index("ix_handoff_partnership_id_scope_id", "partnership_id", "scope_id"),
    )  # fmt: skip
    __journal__ = "handoff"

    id: Mapped[db.pk]
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"))
    scope_id: Mapped[int]
    on: Mapped[db.day]
    to_whom: Mapped[db.line]
    reference: Mapped[str | None] = mapped_column(String(60))
    """The office's. It may come some days later, and then stays."""
    by_name: Mapped[db.line]
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str | None] = mapped_column(String(500))
    struck_by: Mapped[db.optional_line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("partnership", self.partnership_id)


class NdaFile(db.Base):
    """A file of the NDA: the draft, or what was signed. Served to who may read agreements."""

    __tablename__ = "nda_file"
    __journal__ = "nda_file"

    id: Mapped[db.pk]
    partnership_id: Mapped[int] = mapped_column(ForeignKey("partnership.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    title: Mapped[db.line]
    added_on: Mapped[db.day]
    by_name: Mapped[db.line]

    document: Mapped[Document] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("partnership", self.partnership_id)
