from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import UserAccount
from crm.companies.rules import Headcount, Owned
from crm.kit import db
from crm.kit.periods import Period
from crm.people.models import Person
from crm.programme.models import Challenge


class Company(db.Base):
    """An organisation the alliance knows: prospect, member or former member.

    Its web domains are its identity when we match. Archived when of no further interest,
    never deleted.
    """

    __tablename__ = "company"
    __table_args__ = (
        Index("ix_company_name_key_id", "name_key", "id"),
        Index("ix_company_archived_on_name_key_id", "archived_on", "name_key", "id"),
        Index("ix_company_parent_id_name_key_id", "parent_id", "name_key", "id"),
        Index("ix_company_match_key", "match_key"),
        Index("ix_company_sector_name_key_id", "sector", "name_key", "id"),
        Index("ix_company_owner_id_name_key_id", "owner_id", "name_key", "id"),
        Index("ix_company_last_touch_on_id", "last_touch_on", "id"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
    )
    __journal__ = "company"

    id: Mapped[db.pk]
    name: Mapped[db.line]
    name_key: Mapped[str] = mapped_column(String(200), info={"unjournalled": True})
    """`fold(name)`: what lists are ordered by."""
    match_key: Mapped[str] = mapped_column(String(200), info={"unjournalled": True, "blank": True})
    """`company_key(name)`: without its legal form, for matching."""
    legal_name: Mapped[db.optional_line]
    website: Mapped[str | None] = mapped_column(String(300))
    sector: Mapped[db.optional_line]
    headcount: Mapped[Headcount | None] = mapped_column(db.enum_by_value(Headcount, "headcount"))
    city: Mapped[db.optional_line]
    region: Mapped[db.optional_line]
    country: Mapped[db.country]
    incorporated_in: Mapped[db.country]
    ultimate_parent_country: Mapped[db.country]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("company.id"))
    """Today's, of `CompanyParent`."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """The relationship manager."""
    about: Mapped[str | None] = mapped_column(String(4000))
    source: Mapped[db.optional_line]
    archived_on: Mapped[date | None]
    last_touch_on: Mapped[date | None] = mapped_column(info={"unjournalled": True})
    """The last contact everyone may know of: what lists show and sort by. Kept by activities."""
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    domains: Mapped[list[CompanyDomain]] = relationship(
        back_populates="company", lazy="raise_on_sql", order_by="CompanyDomain.id"
    )
    challenges: Mapped[list[Challenge]] = relationship(
        secondary="company_challenge", lazy="raise_on_sql", order_by="Challenge.number"
    )
    owner: Mapped[UserAccount | None] = relationship(lazy="raise_on_sql")
    parent: Mapped[Company | None] = relationship(remote_side="Company.id", lazy="raise_on_sql")


class CompanyParent(db.Base):
    """A company belongs to another, from–to; to one at a time, the database says so.

    Unknown first day: None, ever since. The row that holds today is told by
    `Company.parent_id`, too, which is written with it and by nothing else.
    """

    __tablename__ = "company_parent"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="order"),
        CheckConstraint("parent_id <> company_id", name="not_its_own_parent"),
    )
    __journal__ = "company_parent"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    starts_on: Mapped[date | None]
    ends_before: Mapped[date | None]

    @property
    def told(self) -> Owned:
        return Owned(self.parent_id, self.starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class CompanyDomain(db.Base):
    """A web domain that is this company's and no other's. Only a verified one matches by itself."""

    __tablename__ = "company_domain"
    __journal__ = "company_domain"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    domain: Mapped[str] = mapped_column(String(255), unique=True)
    verified: Mapped[bool] = mapped_column(default=True)

    company: Mapped[Company] = relationship(back_populates="domains", lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class CompanyChallenge(db.Base):
    """A grand challenge this company cares about."""

    __tablename__ = "company_challenge"
    __journal__ = "company_challenge"

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), primary_key=True)
    challenge_id: Mapped[int] = mapped_column(
        ForeignKey("challenge.id"), primary_key=True, index=True
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)


class Affiliation(db.Base):
    """A person at a company, with a title, from–to.

    People change jobs: the old one ends, a new one begins, nothing is overwritten. Unknown
    first day: None. `ends_before` None: still there.
    """

    __tablename__ = "affiliation"
    __table_args__ = (
        CheckConstraint("ends_before >= starts_on", name="order"),
        UniqueConstraint("person_id", "company_id", "starts_on"),
        Index("ix_affiliation_company_id_ends_before", "company_id", "ends_before"),
    )
    __journal__ = "affiliation"

    id: Mapped[db.pk]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    title: Mapped[db.optional_line]
    starts_on: Mapped[date | None]
    ends_before: Mapped[date | None]
    champion: Mapped[bool] = mapped_column(default=False)
    main_contact: Mapped[bool] = mapped_column(default=False)
    billing: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def period(self) -> Period | None:
        """None where it ended on the day it began: by mistake, or before it had a day."""
        starts_on = self.starts_on or date.min
        return None if self.ends_before == starts_on else Period(starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)
