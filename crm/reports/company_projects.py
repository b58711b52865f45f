"""The projects a company is in, and the seats it has in them, as parts of what its page tells."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Date, Select, String, case, cast, literal, null, select

from crm.projects.models import Project
from crm.projects.people_models import ProjectCompany, ProjectSeats

NO_DAY = cast(null(), Date)
STAGE = literal(" · ") + cast(Project.stage, String)


def parts(company_id: BindParameter[int]) -> tuple[Select[Any], Select[Any]]:
    """Rows of what, id, text, more, starts_on, ends_before: `project` for each role of the company,
    `seats` for those it has; the latest first."""
    tie, seats = ProjectCompany, ProjectSeats
    number = cast(seats.seats, String) + case((seats.seats == 1, " seat"), else_=" seats")
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
            literal("seats"), Project.id, Project.title, number + STAGE, Project.starts_on, NO_DAY
        )
        .join(seats, seats.project_id == Project.id)
        .where(seats.company_id == company_id)
        .order_by(Project.id.desc(), seats.id)
    )
    return ties, taken
