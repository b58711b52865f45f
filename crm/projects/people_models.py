"""Who takes part in a project, and what came of it for its readers."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.companies.models import Company
from crm.documents.models import Document
from crm.kit import db
from crm.kit.periods import Period
from crm.people.models import Person
from crm.projects.models import Project
from crm.projects.rules import CompanyRole, FacultyRole, Readers


class ProjectFaculty(db.Base):
    """Somebody of the university in a project from–to. Whoever leads it may edit it.

    The database refuses one person twice at a time.
    """

    __tablename__ = "project_faculty"
    __table_args__ = (
        CheckConstraint("ends_before > starts_on", name="order"),
        Index("ix_project_faculty_project_id_starts_on", "project_id", "starts_on"),
    )
    __journal__ = "project_faculty"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[FacultyRole] = mapped_column(db.enum_by_value(FacultyRole, "role"))
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]

    project: Mapped[Project] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    def is_in_it_on(self, day: date) -> bool:
        return day in Period(self.starts_on, self.ends_before)

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)


class ProjectStudent(db.Base):
    """A student in a project, by initials; by name only with their consent, which is recorded.

    A consent withdrawn takes the name with it.
    """

    __tablename__ = "project_student"
    __table_args__ = (
        CheckConstraint("name IS NULL OR consented_on IS NOT NULL", name="name_by_consent"),
        CheckConstraint(
            "(consented_on IS NULL) = (consent_recorded IS NULL)", name="consent_recorded"
        ),
        CheckConstraint("ends_before > starts_on", name="order"),
    )
    __journal__ = "project_student"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    initials: Mapped[str] = mapped_column(String(12))
    studies: Mapped[str | None] = mapped_column(String(100))
    """What and how far: `SM, mechanical engineering`."""
    name: Mapped[str | None] = mapped_column(String(200), info={"secret": True})
    """In no journal: it is to be gone when the consent is."""
    consented_on: Mapped[date | None]
    consent_recorded: Mapped[str | None] = mapped_column(String(200), info={"secret": True})
    """How it was given: `form of 2 May, in the office's folder`. It may name them."""
    starts_on: Mapped[db.day]
    ends_before: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    @property
    def shown(self) -> str:
        return self.name or self.initials

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)


class ProjectCompany(db.Base):
    """A company in a project since a day, and as what."""

    __tablename__ = "project_company"
    __table_args__ = (UniqueConstraint("project_id", "company_id", "role"),)
    __journal__ = "project_company"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    role: Mapped[CompanyRole] = mapped_column(db.enum_by_value(CompanyRole, "role"))
    starts_on: Mapped[db.day]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)


class ProjectSeats(db.Base):
    """How many of a project's seats a company has taken. None: the row is gone."""

    __tablename__ = "project_seats"
    __table_args__ = (
        UniqueConstraint("project_id", "company_id"),
        CheckConstraint("seats > 0", name="seats"),
    )
    __journal__ = "project_seats"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    seats: Mapped[int]
    taken_on: Mapped[db.day]
    by_name: Mapped[db.line]

    company: Mapped[Company] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)


class ProjectOutput(db.Base):
    """What came of a project, where it is read, and by whom."""

    __tablename__ = "project_output"
    __table_args__ = (CheckConstraint("substr(link, 1, 8) = 'https://'", name="link_scheme"),)
    __journal__ = "project_output"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    title: Mapped[db.line]
    link: Mapped[str] = mapped_column(String(300))
    readers: Mapped[Readers] = mapped_column(db.enum_by_value(Readers, "readers"))
    came_on: Mapped[db.day]
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}

    project: Mapped[Project] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)


class ProjectFile(db.Base):
    """A file of a project, under a title; served only to whoever may read the project."""

    __tablename__ = "project_file"
    __journal__ = "project_file"

    id: Mapped[db.pk]
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"), index=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), unique=True)
    title: Mapped[db.line]
    added_on: Mapped[db.day]
    by_name: Mapped[db.line]

    document: Mapped[Document] = relationship(lazy="raise_on_sql")

    @property
    def journal_parent(self) -> tuple[str, int]:
        return ("project", self.project_id)
