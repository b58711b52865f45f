"""Projects a company has a part in: that they began and ended, their students and seats, and what
came of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session

from crm.kit.days import lasts_beyond
from crm.people.models import Person
from crm.projects import queries
from crm.projects.models import Project, ProjectChallenge, ProjectStage
from crm.projects.people_models import (
    ProjectCompany,
    ProjectFaculty,
    ProjectOutput,
    ProjectSeats,
    ProjectStudent,
)
from crm.projects.rules import FacultyRole, Readers, Stage
from crm.reports.engagement.lines import Asked, Line, Sort, challenge_names, joined


def lines(session: Session, asked: Asked) -> Iterable[Line]:
    """A company is in a project once, whatever its roles there."""
    found = [
        (sort, row)
        for sort, rows in (
            (Sort.PROJECT, session.execute(_stages(asked)).all()),
            (Sort.STUDENT, session.execute(_students(asked)).all()),
            (Sort.PROJECT_OUTPUT, session.execute(_outputs(asked)).all()),
            (Sort.SEATS, session.execute(_seats(asked)).all()),
        )
        for row in rows
    ]
    ids = {row.project_id for _, row in found}
    leads = _leads(session, asked, ids)
    challenges = challenge_names(session, ProjectChallenge, ProjectChallenge.project_id, ids)
    return [
        Line(
            company_id=row.company_id,
            on=row.on,
            sort=sort,
            university_people=leads.get(row.project_id, ""),
            challenges=challenges.get(row.project_id, ""),
            url=f"/office/projects/{row.project_id}",
            **_of(sort, row),
        )
        for sort, row in found
    ]


def _of(sort: Sort, row: Row[Any]) -> dict[str, Any]:
    """What the kinds of lines do not have in common."""
    project = f"{row.title} ({row.kind})"
    if sort is Sort.STUDENT:
        studies = f", {row.studies}" if row.studies else ""
        return {"id": row.id, "what": f"{row.name or row.initials}{studies}", "outcome": project}
    if sort is Sort.PROJECT_OUTPUT:
        return {"id": row.id, "what": row.output, "outcome": project, "link": row.link}
    if sort is Sort.SEATS:
        seats = "1 seat" if row.seats == 1 else f"{row.seats} seats"
        return {"id": row.id, "what": project, "outcome": seats, "number": row.seats}
    return {
        "id": row.project_id,
        "what": project,
        "outcome": "Began" if row.stage is Stage.RUNNING else "Finished",
    }


def _tied(*columns: Any) -> Select[Any]:
    """Of the projects of companies, each company once."""
    tie = select(ProjectCompany.project_id, ProjectCompany.company_id).distinct().subquery("tie")
    found: Select[Any] = select(
        tie.c.company_id, Project.id.label("project_id"), Project.title, Project.kind, *columns
    )
    return found.join(Project, Project.id == tie.c.project_id)


def _own(found: Select[Any], asked: Asked) -> Select[Any]:
    return found.where(asked.of(found.selected_columns["company_id"]))


def _stages(asked: Asked) -> Select[Any]:
    """When it first ran; when it was finished, if it is at the end of the days asked for."""
    step = ProjectStage
    finished = queries.stage_on(asked.last_day) == Stage.FINISHED
    ran = and_(step.stage == Stage.RUNNING, step.on <= asked.last_day)
    ended = and_(step.stage == Stage.FINISHED, step.on <= asked.last_day, finished)
    of_stage = (
        select(
            step.project_id,
            step.stage,
            (func.min(step.on) if first else func.max(step.on)).label("on"),
        )
        .join(Project, Project.id == step.project_id)
        .where(which)
        .group_by(step.project_id, step.stage)
        for which, first in ((ran, True), (ended, False))
    )
    first, last = of_stage
    came = first.union_all(last).subquery("came")
    found = _tied(came.c.stage, came.c.on).join(came, came.c.project_id == Project.id)
    return _own(found, asked).where(asked.within(came.c.on))


def _students(asked: Asked) -> Select[Any]:
    student = ProjectStudent
    found = _tied(
        student.id,
        student.name,
        student.initials,
        student.studies,
        student.starts_on.label("on"),
    ).join(student, student.project_id == Project.id)
    return _own(found, asked).where(asked.within(student.starts_on))


def _outputs(asked: Asked) -> Select[Any]:
    """Those that the office keeps to itself are no company's to read."""
    output = ProjectOutput
    found = _tied(
        output.id, output.title.label("output"), output.link, output.came_on.label("on")
    ).join(output, output.project_id == Project.id)
    return _own(found, asked).where(asked.within(output.came_on), output.readers != Readers.OFFICE)


def _seats(asked: Asked) -> Select[Any]:
    taken = ProjectSeats
    return (
        select(  # type: ignore[return-value]
            taken.company_id,
            Project.id.label("project_id"),
            Project.title,
            Project.kind,
            taken.id,
            taken.seats,
            taken.taken_on.label("on"),
        )
        .join(Project, Project.id == taken.project_id)
        .where(asked.of(taken.company_id), asked.within(taken.taken_on))
    )


def _leads(session: Session, asked: Asked, ids: set[int]) -> dict[int, str]:
    """Whoever led them within the days asked for."""
    part = ProjectFaculty
    found: Select[Any] = (
        select(part.project_id, Person.name)  # type: ignore[assignment]
        .join(part.person)
        .where(
            part.project_id.in_(ids),
            part.role == FacultyRole.LEAD,
            part.starts_on <= asked.last_day,
            lasts_beyond(part, asked.days.starts_on),
        )
        .order_by(part.project_id, Person.name_key, Person.id)
    )
    return joined(session.execute(found))
