from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.documents.models import Document
from crm.kit import db
from crm.kit.money import Money
from crm.partnerships.facility_models import Facility
from crm.partnerships.rules import (
    Basis,
    Days,
    Given,
    Kind,
    Stage,
    Thanks,
    Valuation,
    Valuer,
)
from crm.people.models import Person


class Contribution(db.Base):
    """What a company gives or lends: money, equipment, software, services.

    Its stages are rows of their own (`ContributionStep`). Its value is the donor's or an
    appraiser's, on a basis; services have none. Who may see no money sees what and when.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        CheckConstraint("given = 'gift' OR kind IN ('equipment', 'software')", name="what_is_lent"),
        CheckConstraint("given = 'loan' OR loan_ends_on IS NULL", name="loan_end"),
        CheckConstraint("given = 'gift' OR disposal_on IS NULL", name="disposal"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("(amount_minor IS NULL) = (currency IS NULL)", name="amount_in_currency"),
        CheckConstraint(
            "(amount_minor IS NULL) = (basis IS NULL OR basis = 'not countable')",
            name="amount_on_basis",
        ),
        CheckConstraint(
            "(amount_minor IS NULL) = (valuer IS NULL)"
            " AND (amount_minor IS NULL) = (valued_by IS NULL)"
            " AND (amount_minor IS NULL) = (valued_on IS NULL)",
            name="valued_by_whom",
        ),
        CheckConstraint(
            "(kind = 'services') = (basis IS NOT NULL AND basis = 'not countable')",
            name="not_countable",
        ),
        CheckConstraint(
            "basis IS NULL OR basis = 'not countable'"
            " OR (kind = 'money') = (basis = 'amount given')",
            name="face_value",
        ),
        CheckConstraint(
            "basis IS NULL OR (basis <> 'lease value' OR given = 'loan')"
            " AND (basis NOT IN ('list price less educational discount', 'comparables')"
            " OR given = 'gift')",
            name="basis_fits",
        ),
        CheckConstraint("basis <> 'appraisal' OR valuer = 'appraiser'", name="appraised"),
        # For what is said of it together with its company, from floors above.
        Index("uq_contribution_company_id_id", "company_id", "id", unique=True),
    )
    __journal__ = "contribution"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    facility_id: Mapped[int | None] = mapped_column(ForeignKey("facility.id"), index=True)
    title: Mapped[db.line]
    kind: Mapped[Kind] = mapped_column(db.enum_by_value(Kind, "kind"))
    given: Mapped[Given] = mapped_column(db.enum_by_value(Given, "given"))
    about: Mapped[str | None] = mapped_column(String(2000))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Of the company: whom we thank."""
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Of the university: who answers for it."""
    location: Mapped[db.optional_line]
    condition: Mapped[db.optional_line]
    upkeep: Mapped[str | None] = mapped_column(String(1000))
    """Who looks after it, at whose cost: read by who may see money."""
    property_tag: Mapped[str | None] = mapped_column(String(60))
    gift_reference: Mapped[str | None] = mapped_column(String(60))
    """The gift office's."""
    loan_ends_on: Mapped[date | None]
    """The last day on which it may be with us."""
    licence_ends_on: Mapped[date | None]
    """The last day on which it may be used."""
    disposal_on: Mapped[date | None]
    """The day the gift office names for disposal: not ours to work out."""
    basis: Mapped[Basis | None] = mapped_column(db.enum_by_value(Basis, "basis"))
    """None: not valued yet."""
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None] = mapped_column(String(3))
    valuer: Mapped[Valuer | None] = mapped_column(db.enum_by_value(Valuer, "valuer"))
    valued_by: Mapped[db.optional_line]
    valued_on: Mapped[date | None]
    created_at: Mapped[datetime]
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    facility: Mapped[Facility | None] = relationship(lazy="raise_on_sql")
    contact: Mapped[Person | None] = relationship(lazy="raise_on_sql", foreign_keys=[contact_id])
    responsible: Mapped[Person | None] = relationship(
        lazy="raise_on_sql", foreign_keys=[responsible_id]
    )

    @property
    def amount(self) -> Money | None:
        if self.amount_minor is None or self.currency is None:
            return None
        return Money(self.amount_minor, self.currency)

    @property
    def valuation(self) -> Valuation | None:
        """None: not valued yet."""
        if self.basis is None:
            return None
        return Valuation(
            basis=self.basis,
            amount=self.amount,
            valuer=self.valuer,
            valued_by=self.valued_by,
            valued_on=self.valued_on,
        )

    @property
    def days(self) -> Days:
        return Days(
            loan_ends_on=self.loan_ends_on,
            licence_ends_on=self.licence_ends_on,
            disposal_on=self.disposal_on,
        )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class ContributionStep(db.Base):
    """That a contribution came to a stage, on which day. Appended; a mistake is struck, and stays.

    Each stage stands once: no way leads back but striking the last. Of one that stands the day may
    be put right, between those of the stages beside it.
    """

    __tablename__ = "contribution_step"
    __table_args__ = (
        CheckConstraint(
            "(struck_at IS NULL) = (struck_reason IS NULL)"
            " AND (struck_at IS NULL) = (struck_by IS NULL)",
            name="struck",
        ),
        CheckConstraint("stage <> 'ended' OR reason IS NOT NULL", name="ended_why"),
        Index(
            "uq_contribution_step_standing",
            "contribution_id",
            "stage",
            unique=True,
            sqlite_where=text("struck_at IS NULL"),
            postgresql_where=text("struck_at IS NULL"),
        ),
    )
    __journal__ = "contribution_step"

    id: Mapped[db.pk]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    stage: Mapped[Stage] = mapped_column(db.enum_by_value(Stage, "stage"))
    on: Mapped[db.day]
    reason: Mapped[str | None] = mapped_column(String(500))
    by_name: Mapped[db.line]
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str | None] = mapped_column(String(500))
    struck_by: Mapped[db.optional_line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("contribution", self.contribution_id)


class Evidence(db.Base):
    """A file on which a value stands; served only to who may see money."""

    __tablename__ = "evidence"
    __journal__ = "evidence"

    id: Mapped[db.pk]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    title: Mapped[db.line]
    added_on: Mapped[db.day]
    by_name: Mapped[db.line]

    document: Mapped[Document] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("contribution", self.contribution_id)


class ThanksLetter(db.Base):
    """A letter of thanks, drafted with the act it is for; a person lets it go out.

    Its text is written when it is looked at, and for good when it is released. No value in it.
    """

    __tablename__ = "thanks_letter"
    __table_args__ = (
        UniqueConstraint("contribution_id", "kind"),
        CheckConstraint("released_at IS NULL OR dropped_at IS NULL", name="one_end"),
        CheckConstraint("(released_at IS NULL) = (released_by IS NULL)", name="released"),
    )
    __journal__ = "thanks_letter"

    id: Mapped[db.pk]
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    kind: Mapped[Thanks] = mapped_column(db.enum_by_value(Thanks, "kind"))
    drafted_at: Mapped[datetime]
    released_at: Mapped[datetime | None]
    released_by: Mapped[db.optional_line]
    dropped_at: Mapped[datetime | None]

    contribution: Mapped[Contribution] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("contribution", self.contribution_id)
