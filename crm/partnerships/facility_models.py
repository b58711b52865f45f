from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.kit import db
from crm.partnerships.rules import FacilityStage, ParticipationKind


class Facility(db.Base):
    """A place for research, education and pilot-scale demonstration.

    Planning → building → operation → closed; each change is a row of its own.
    """

    __tablename__ = "facility"
    __journal__ = "facility"

    id: Mapped[db.pk]
    name: Mapped[db.line] = mapped_column(unique=True)
    place: Mapped[db.optional_line]
    about: Mapped[str | None] = mapped_column(String(4000))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


class FacilityStep(db.Base):
    """That a facility came to a stage, on which day, and why. Appended, never changed."""

    __tablename__ = "facility_step"
    __table_args__ = (Index("ix_facility_step_facility_id_on", "facility_id", "on"),)
    __journal__ = "facility_step"

    id: Mapped[db.pk]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"))
    stage: Mapped[FacilityStage] = mapped_column(db.enum_by_value(FacilityStage, "stage"))
    on: Mapped[db.day]
    reason: Mapped[str | None] = mapped_column(String(500))
    by_name: Mapped[db.line]

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("facility", self.facility_id)


class Participation(db.Base):
    """A company's part in a facility, of one kind, half-open in time.

    The database refuses the same part of a company twice at a time.
    """

    __tablename__ = "participation"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="order"),
        Index("ix_participation_facility_id_starts_on", "facility_id", "starts_on"),
    )
    __journal__ = "participation"

    id: Mapped[db.pk]
    facility_id: Mapped[int] = mapped_column(ForeignKey("facility.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    kind: Mapped[ParticipationKind] = mapped_column(db.enum_by_value(ParticipationKind, "kind"))
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    note: Mapped[str | None] = mapped_column(String(1000))
    """What they do in it; whoever reads engagements reads this."""
    by_name: Mapped[db.line]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    facility: Mapped[Facility] = relationship(lazy="raise_on_sql")
    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("facility", self.facility_id)
