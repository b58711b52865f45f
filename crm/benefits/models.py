from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.kit import db
from crm.memberships.benefit_models import Benefit
from crm.people.models import Person


class BenefitUse(db.Base):
    """That a company used so many of a benefit on a day, where no other record says so.

    Which membership year it counts in follows from the day. A mistaken one is struck with a
    reason, never changed and never deleted.
    """

    __tablename__ = "benefit_use"
    __table_args__ = (
        CheckConstraint("number BETWEEN 1 AND 9999", name="number"),
        CheckConstraint("(struck_at IS NULL) = (struck_reason IS NULL)", name="struck_with_reason"),
        CheckConstraint("(struck_at IS NULL) = (struck_by IS NULL)", name="struck_by_somebody"),
        Index("ix_benefit_use_company_id_on", "company_id", "on", "id"),
    )
    __journal__ = "benefit_use"

    id: Mapped[db.pk]
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    benefit_id: Mapped[int] = mapped_column(ForeignKey("benefit.id"), index=True)
    on: Mapped[db.day]
    number: Mapped[int]
    note: Mapped[str | None] = mapped_column(String(1000), info={"personal": True})
    by_name: Mapped[db.line]
    created_at: Mapped[datetime]
    struck_at: Mapped[datetime | None]
    struck_reason: Mapped[str | None] = mapped_column(String(500))
    struck_by: Mapped[db.optional_line]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")
    benefit: Mapped[Benefit] = relationship(lazy="raise_on_sql")
    people: Mapped[list[Person]] = relationship(
        secondary="benefit_use_person", lazy="raise_on_sql", order_by="Person.name_key"
    )

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("company", self.company_id)

    @property
    def journal_subject(self) -> tuple[str, int]:
        return ("benefit_use", self.id)


class BenefitUsePerson(db.Base):
    """Somebody of the company who had one of them."""

    __tablename__ = "benefit_use_person"

    benefit_use_id: Mapped[int] = mapped_column(ForeignKey("benefit_use.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
