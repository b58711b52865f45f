"""Reads of who takes part in a project, and of what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import String, case, cast, literal, select, union_all
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


@dataclass(frozen=True)
class Involved:
    """A company in a project: as what, `host`, or with what, `4 seats`."""

    company_id: int
    name: str
    part: str


def involved_in(session: Session, project_ids: Collection[int]) -> dict[int, list[Involved]]:
    """The companies in these projects, hosts and others before those with seats. One SELECT."""
    seats = ProjectSeats.seats
    number = cast(seats, String) + case((seats == 1, " seat"), else_=" seats")
    parts = union_all(
        *(
            select(
                literal(place).label("place"),
                tie.id.label("id"),
                tie.project_id.label("project_id"),
                tie.company_id.label("company_id"),
                part.label("part"),
            ).where(tie.project_id.in_(project_ids))
            for place, tie, part in (
                (0, ProjectCompany, cast(ProjectCompany.role, String)),
                (1, ProjectSeats, number),
            )
        )
    ).subquery()
    found = (
        select(parts.c.project_id, parts.c.company_id, Company.name, parts.c.part)
        .join(Company, Company.id == parts.c.company_id)
        .order_by(parts.c.place, parts.c.part, Company.name_key, parts.c.id)
    )
    by_project: dict[int, list[Involved]] = defaultdict(list)
    for project_id, *what in session.execute(found):
        by_project[project_id].append(Involved(*what))
    return by_project


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
