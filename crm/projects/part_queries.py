"""Reads of who takes part in a project, and of what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from crm.companies.models import Company
from crm.kit.errors import NotFound
from crm.people.models import Person
from crm.projects.people_models import (
    ProjectCompany,
    ProjectFaculty,
    ProjectOutput,
    ProjectSeats,
    ProjectStudent,
)
from crm.projects.rules import Readers


def faculty_of(session: Session, project_id: int) -> Sequence[ProjectFaculty]:
    """Leads first, those who left last; with their persons."""
    found = (
        select(ProjectFaculty)
        .join(ProjectFaculty.person)
        .where(ProjectFaculty.project_id == project_id)
        .options(contains_eager(ProjectFaculty.person))
    )
    return session.scalars(
        found.order_by(
            ProjectFaculty.ends_before.is_not(None),
            ProjectFaculty.role,
            Person.name_key,
            ProjectFaculty.id,
        )
    ).all()


def get_faculty(session: Session, faculty_id: int) -> ProjectFaculty:
    """With their person and project. Raises `NotFound`."""
    found = session.get(
        ProjectFaculty,
        faculty_id,
        options=[joinedload(ProjectFaculty.person), joinedload(ProjectFaculty.project)],
    )
    if found is None:
        raise NotFound("Nobody is in a project like that.")
    return found


def projects_of_person(session: Session, person_id: int) -> Sequence[ProjectFaculty]:
    """What somebody is or was in, the latest first; each with its project."""
    found = select(ProjectFaculty).where(ProjectFaculty.person_id == person_id)
    return session.scalars(
        found.options(joinedload(ProjectFaculty.project)).order_by(
            ProjectFaculty.ends_before.is_not(None),
            ProjectFaculty.starts_on.desc(),
            ProjectFaculty.id.desc(),
        )
    ).all()


def students_of(session: Session, project_id: int) -> Sequence[ProjectStudent]:
    """Whoever began first, first."""
    found = select(ProjectStudent).where(ProjectStudent.project_id == project_id)
    return session.scalars(found.order_by(ProjectStudent.starts_on, ProjectStudent.id)).all()


def get_student(session: Session, student_id: int) -> ProjectStudent:
    """Raises `NotFound`."""
    found = session.get(ProjectStudent, student_id)
    if found is None:
        raise NotFound("There is no such student in a project.")
    return found


def companies_of(session: Session, project_id: int) -> Sequence[ProjectCompany]:
    """By role and name; with their companies."""
    found = (
        select(ProjectCompany)
        .join(ProjectCompany.company)
        .where(ProjectCompany.project_id == project_id)
        .options(contains_eager(ProjectCompany.company))
    )
    return session.scalars(
        found.order_by(ProjectCompany.role, Company.name_key, ProjectCompany.id)
    ).all()


def seats_of(session: Session, project_id: int) -> Sequence[ProjectSeats]:
    """By company; with their companies."""
    found = (
        select(ProjectSeats)
        .join(ProjectSeats.company)
        .where(ProjectSeats.project_id == project_id)
        .options(contains_eager(ProjectSeats.company))
    )
    return session.scalars(found.order_by(Company.name_key, ProjectSeats.id)).all()


def outputs_of(
    session: Session, project_id: int, readers: Collection[Readers]
) -> Sequence[ProjectOutput]:
    """Those for these readers (see `rules.readable`), the latest first."""
    found = select(ProjectOutput).where(
        ProjectOutput.project_id == project_id, ProjectOutput.readers.in_(readers)
    )
    return session.scalars(
        found.order_by(ProjectOutput.came_on.desc(), ProjectOutput.id.desc())
    ).all()


def get_output(session: Session, output_id: int) -> ProjectOutput:
    """Raises `NotFound`."""
    found = session.get(ProjectOutput, output_id)
    if found is None:
        raise NotFound("There is no such output.")
    return found
