"""The projects a company is in, and the seats it has in them, as parts of what its page tells."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Select,
    String,
    case,
    cast,
    false,
    literal,
    null,
    select,
    union_all,
)

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.projects import rules
from crm.projects.models import Project, ProjectStage
from crm.projects.people_models import ProjectCompany, ProjectOutput, ProjectSeats
from crm.projects.rules import Stage

NO_DAY = cast(null(), Date)
STAGE = literal(" · ") + cast(Project.stage, String)
SEATS = cast(ProjectSeats.seats, String) + case((ProjectSeats.seats == 1, " seat"), else_=" seats")
TOLD = {
    Stage.RUNNING: "Project under way",
    Stage.FINISHED: "Project finished",
    Stage.DROPPED: "Project dropped",
}
"""The stages that a company's time line tells: what is decided before concerns the call."""
JOINED, TAKEN, PUBLISHED, NOBODY = map(
    literal, ("Joined a project", "Seats taken", "Output published", "")
)


def parts(company_id: BindParameter[int]) -> tuple[Select[Any], Select[Any]]:
    """Rows of what, id, text, more, starts_on, ends_before: `project` for each role of the company,
    `seats` for those it has; the latest first."""
    tie, seats = ProjectCompany, ProjectSeats
    ties: Select[Any] = (
        select(  # type: ignore[assignment]
            literal("project"),
            Project.id,
            Project.title,
            cast(tie.role, String) + STAGE,
            Project.starts_on,
            NO_DAY,
        )
        .join(tie, tie.project_id == Project.id)
        .where(tie.company_id == company_id)
        .order_by(Project.id.desc(), tie.id)
    )
    taken: Select[Any] = (
        select(  # type: ignore[assignment]
            literal("seats"), Project.id, Project.title, SEATS + STAGE, Project.starts_on, NO_DAY
        )
        .join(seats, seats.project_id == Project.id)
        .where(seats.company_id == company_id)
        .order_by(Project.id.desc(), seats.id)
    )
    return ties, taken


def events(
    company_id: BindParameter[int], until: BindParameter[date], viewer: Viewer
) -> Select[Any]:
    """For its time line: what, id, on, title, text, by, by_id, confidential; the latest first.

    That it joined, took seats, how its projects went and what was published of them; `until`: the
    last day that is told. Of a project it only has seats in, no more than those.
    """
    tie, seats, step, output = ProjectCompany, ProjectSeats, ProjectStage, ProjectOutput
    own = Project.id.in_(select(tie.project_id).where(tie.company_id == company_id))
    readers = rules.readable(office=viewer.may(P.PROJECTS_READ_ALL), in_it=False)
    as_what = Project.title + ", as " + cast(tie.role, String)
    how_many = Project.title + ", " + SEATS
    of_it = output.title + " · " + Project.title
    together = union_all(
        _line(tie, tie.starts_on, JOINED, as_what, NOBODY).where(tie.company_id == company_id),
        _line(seats, seats.taken_on, TAKEN, how_many, seats.by_name).where(
            seats.company_id == company_id
        ),
        _line(step, step.on, case(TOLD, value=step.stage), Project.title, step.by_name).where(
            own, step.stage.in_(TOLD)
        ),
        _line(output, output.came_on, PUBLISHED, of_it, NOBODY).where(
            own, output.readers.in_(readers)
        ),
    ).subquery()
    told = together.c
    return (
        select(together)
        .where(told.on <= until)
        .order_by(told.on.desc(), told.id.desc(), told.title, told.text)
    )


def _line(child: Any, on: Any, title: Any, text: Any, by: Any) -> Select[Any]:
    """Of each `child` of a project."""
    return (
        select(
            literal("project").label("what"),
            Project.id,
            on.label("on"),
            title.label("title"),
            text.label("text"),
            by.label("by"),
            literal(0).label("by_id"),
            false().label("confidential"),
        )
        .select_from(Project)
        .join(child, child.project_id == Project.id)
    )
