"""What groups and projects owe, what of contributions ends, which major partnerships need somebody:
lists of the home page, in one statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.models import Body
from crm.partnerships import queries as contributions
from crm.pipeline import workspace_alarms
from crm.projects import queries as projects
from crm.projects.models import Project, ProjectMilestone
from crm.working_groups.models import Deliverable
from crm.working_groups.queries import overdue

DELIVERABLE, CONTRIBUTION, MILESTONE = "deliverable", "contribution", "milestone"
PARTNERSHIP = "partnership"
NEEDS = {
    DELIVERABLE: P.COUNCIL_READ,
    CONTRIBUTION: P.ENGAGEMENTS_READ,
    MILESTONE: P.PROJECTS_READ,
    PARTNERSHIP: P.ENGAGEMENTS_EDIT,
}


def due(
    session: Session, viewer: Viewer, today: date, *, most: int
) -> dict[str, Sequence[Row[Any]]]:
    """By kind, for those that the viewer may read: the first lines, the longest due before others.

    Each has kind, id, title, of (a group, a company, a project), alarm, on and, of all, `in_all`.
    Faculty are told of the milestones of the projects they lead.
    """
    lead = None if viewer.may(P.PROJECTS_READ_ALL) else viewer.id
    kinds = tuple(kind for kind, needs in NEEDS.items() if viewer.may(needs))
    found: dict[str, list[Row[Any]]] = {kind: [] for kind in kinds}
    if kinds:
        for row in session.connection().execute(_first(kinds, today, most, lead)):
            found[row.kind].append(row)
    return dict(found)


@lru_cache(maxsize=64)
def _first(kinds: tuple[str, ...], today: date, most: int, lead: int | None) -> Select[Any]:
    of_kind: dict[str, Callable[[date], Select[Any]]] = {
        DELIVERABLE: _deliverables,
        CONTRIBUTION: _contributions,
        MILESTONE: partial(_milestones, lead=lead),
        PARTNERSHIP: _partnerships,
    }
    parts = [select(of_kind[kind](today).limit(most).subquery()) for kind in kinds]
    together = parts[0].union_all(*parts[1:]).subquery()
    return select(together).order_by(together.c.on, together.c.id, together.c.alarm)


def _deliverables(today: date) -> Select[Any]:
    return (
        select(  # type: ignore[return-value]
            literal(DELIVERABLE).label("kind"),
            Deliverable.id.label("id"),
            Deliverable.title.label("title"),
            Body.name.label("of"),
            literal("").label("alarm"),
            Deliverable.due_on.label("on"),
            func.count().over().label("in_all"),
        )
        .join(Body, Body.id == Deliverable.group_id)
        .where(overdue(today))
        .order_by(Deliverable.due_on, Deliverable.id)
    )


def _contributions(today: date) -> Select[Any]:
    soon = contributions.due_soon(today).subquery()
    return select(
        literal(CONTRIBUTION).label("kind"),
        soon.c.id,
        soon.c.title,
        soon.c.company.label("of"),
        soon.c.alarm,
        soon.c.on,
        func.count().over().label("in_all"),
    ).order_by(soon.c.on, soon.c.id, soon.c.alarm)


def _milestones(today: date, *, lead: int | None) -> Select[Any]:
    """Their id is that of the project, on whose page they stand."""
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            literal(MILESTONE).label("kind"),
            Project.id.label("id"),
            ProjectMilestone.title.label("title"),
            Project.title.label("of"),
            literal("").label("alarm"),
            ProjectMilestone.due_on.label("on"),
            func.count().over().label("in_all"),
        )
        .join(Project, Project.id == ProjectMilestone.project_id)
        .where(projects.overdue(today))
        .order_by(ProjectMilestone.due_on, ProjectMilestone.id)
    )
    return found if lead is None else found.where(projects.led_by(lead, today))


def _partnerships(today: date) -> Select[Any]:
    soon = workspace_alarms.alarms(today).subquery()
    return select(
        literal(PARTNERSHIP).label("kind"),
        soon.c.id,
        soon.c.title,
        soon.c.company.label("of"),
        soon.c.alarm,
        soon.c.on,
        func.count().over().label("in_all"),
    ).order_by(soon.c.on, soon.c.id, soon.c.alarm)
