from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.documents.models import Document
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
    executed, or terminated after, and perhaps reinstated. What is extended or amended is a row of
    its own beside the term that was signed. No column says the status: `rules.status_on` derives it
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
    """As signed; `queries.founding_on` knows of amendments too."""
    starts_on: Mapped[db.day]
    ends_before: Mapped[db.day]
    """As signed; `runs_before` has the extensions."""
    extended_before: Mapped[date | None]
    """The end with all extensions; None while there are none. Written by the act of extending."""
    occupied_before: Mapped[db.day]
    fee_minor: Mapped[db.minor]
    """The first membership year's, as signed; `year_fee` has those of a term whose fee rises,
    `amendment` what was changed later."""
    currency: Mapped[db.currency]
    dues_frequency: Mapped[DuesFrequency] = mapped_column(
        db.enum_by_value(DuesFrequency, "dues_frequency")
    )
    grace_days: Mapped[int]
    grace_votes: Mapped[bool] = mapped_column(default=False)
    agreement_number: Mapped[str | None] = mapped_column(String(60), unique=True)
    notice_days: Mapped[int | None]
    """How long before its end the company says that it will not renew."""
    logo_permission: Mapped[bool | None]
    """Whether the company lets its logo be shown; None: nobody asked yet."""
    covered_affiliates: Mapped[str | None] = mapped_column(String(2000))
    """Subsidiaries that have a part in it, as the agreement names them."""
    own_seat: Mapped[bool | None]
    """Whether the company has a seat of its own beside a related company's; else they share."""
    renewal_terms: Mapped[str | None] = mapped_column(String(2000))
    benefits_version: Mapped[str | None] = mapped_column(String(60))
    """The benefits sheet that was promised."""
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
    __mapper_args__ = {"version_id_col": version}

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    tier: Mapped[Tier] = relationship(lazy="raise_on_sql")
    """As signed; what holds on a day is `queries.tier_id_on`."""
    # Read when it is asked for: few terms have any, and what lists them asks the SQL twin instead.
    interruptions: Mapped[list[Interruption]] = relationship(
        lazy="select", order_by="Interruption.terminated_on"
    )

    @property
    def term(self) -> Period:
        """As signed: what its membership years are counted in."""
        return Period(self.starts_on, self.ends_before)

    @property
    def runs_before(self) -> date:
        return self.extended_before or self.ends_before

    @property
    def running(self) -> Period:
        """With extensions: what its standing depends on."""
        return Period(self.starts_on, self.runs_before)

    @property
    def fee(self) -> Money:
        return Money(self.fee_minor, self.currency)

    @property
    def executed_on(self) -> date | None:
        return rules.executed_on(self.company_signed_on, self.programme_signed_on)

    def status_on(self, day: date) -> rules.Status:
        return rules.status_on(
            day,
            term=self.running,
            released_on=self.released_on,
            executed_on=self.executed_on,
            withdrawn_on=self.withdrawn_on,
            terminated_on=self.terminated_on,
            interruptions=[stop.period for stop in self.interruptions],
            grace_days=self.grace_days,
        )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class YearFee(db.Base):
    """What one membership year of a term costs, where the years differ: a ramp, an escalator."""

    __tablename__ = "year_fee"
    __table_args__ = (
        CheckConstraint("fee_minor >= 0", name="fee"),
        CheckConstraint("year >= 1", name="year"),
    )
    __journal__ = "year fee"

    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fee_minor: Mapped[db.minor]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)


class Extension(db.Base):
    """So many days more for a term, and why. Appended, never changed."""

    __tablename__ = "extension"
    __table_args__ = (CheckConstraint("days >= 1", name="days"),)
    __journal__ = "extension"

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True)
    days: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    extended_on: Mapped[db.day]
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)


class Amendment(db.Base):
    """From a day on another tier, another fee a year, or both, and why. Appended, never changed.

    Without a fee of its own it leaves the fees as they were: those that rise go on rising.

    What was signed stays as it is: whoever asks for a day takes the last amendment before it.
    """

    __tablename__ = "amendment"
    __table_args__ = (
        CheckConstraint("fee_minor >= 0", name="fee"),
        Index("ix_amendment_membership_id_from_on", "membership_id", "from_on"),
    )
    __journal__ = "amendment"

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    from_on: Mapped[db.day]
    tier_id: Mapped[int] = mapped_column(ForeignKey("tier.id"))
    fee_minor: Mapped[db.minor | None]
    reason: Mapped[str] = mapped_column(String(500))
    amended_on: Mapped[db.day]
    by_name: Mapped[db.line]

    tier: Mapped[Tier] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)


class Interruption(db.Base):
    """A termination that was taken back: terminated from one day, reinstated from another."""

    __tablename__ = "interruption"
    __table_args__ = (CheckConstraint("reinstated_on > terminated_on", name="order"),)
    __journal__ = "interruption"

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"), index=True)
    terminated_on: Mapped[db.day]
    termination_reason: Mapped[str] = mapped_column(String(500))
    reinstated_on: Mapped[db.day]
    """The first day on which the company is a member again."""
    reinstatement_reason: Mapped[str] = mapped_column(String(500))
    by_name: Mapped[db.line]

    @property
    def period(self) -> Period:
        return Period(self.terminated_on, self.reinstated_on)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)


class Agreement(db.Base):
    """One version of a term's agreement as a file: drafts, redlines, at last the signed one.

    Once the term is fully executed the signed version and all before it stay as they are.
    """

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("membership_id", "version"),)
    __journal__ = "agreement"

    id: Mapped[db.pk]
    membership_id: Mapped[int] = mapped_column(ForeignKey("membership.id"))
    version: Mapped[int]
    """1, 2, 3 …"""
    signed: Mapped[bool] = mapped_column(default=False)
    """Bears both signatures."""
    note: Mapped[str | None] = mapped_column(String(500))
    company_signatory: Mapped[db.optional_line] = mapped_column(info={"personal": True})
    programme_signatory: Mapped[db.optional_line]
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    added_on: Mapped[db.day]
    by_name: Mapped[db.line]

    document: Mapped[Document] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("membership", self.membership_id)
