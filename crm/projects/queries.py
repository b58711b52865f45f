"""Reads of projects and of calls for them; what their lists ask is in `search`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from crm.kit.days import runs_on
from crm.kit.errors import NotFound
from crm.people.models import Person
from crm.projects.models import Project, ProjectCall, ProjectMilestone, ProjectStage
from crm.projects.people_models import ProjectFaculty
from crm.projects.rules import OVER, CallStatus, FacultyRole, Stage

STEP = aliased(ProjectStage)


def overdue(day: date) -> ColumnElement[bool]:
    """The SQL twin of `rules.is_overdue`, for a milestone of the enclosing `Project`."""
    return and_(
        ProjectMilestone.due_on < day,
        ProjectMilestone.done_on.is_(None),
        Project.stage.not_in(OVER),
    )


def get(session: Session, project_id: int) -> Project:
    """With its call, the call's ballot, and its challenges. Raises `NotFound`."""
    found = session.scalars(
        select(Project)
        .outerjoin(Project.call)
        .outerjoin(ProjectCall.ballot)
        .where(Project.id == project_id)
        .options(
            contains_eager(Project.call).contains_eager(ProjectCall.ballot),
            selectinload(Project.challenges),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such project.")
    return found


def get_call(session: Session, call_id: int) -> ProjectCall:
    """With its ballot. Raises `NotFound`."""
    found = session.scalars(
        select(ProjectCall)
        .where(ProjectCall.id == call_id)
        .options(joinedload(ProjectCall.ballot))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such call.")
    return found


def open_calls(session: Session, day: date) -> Sequence[ProjectCall]:
    """Those that take proposals on a day; the first to close first."""
    found = select(ProjectCall).where(ProjectCall.opens_on <= day, ProjectCall.closes_on >= day)
    calls = session.scalars(found.order_by(ProjectCall.closes_on, ProjectCall.id)).all()
    assert all(call.status_on(day) is CallStatus.OPEN for call in calls)
    return calls


def proposals_of(session: Session, call_id: int) -> Sequence[Project]:
    """In the order in which they came."""
    found = select(Project).where(Project.call_id == call_id)
    return session.scalars(found.order_by(Project.id)).all()


def stages_of(session: Session, project_id: int) -> Sequence[ProjectStage]:
    """In the order in which they came."""
    found = select(ProjectStage).where(ProjectStage.project_id == project_id)
    return session.scalars(found.order_by(ProjectStage.on, ProjectStage.id)).all()


@lru_cache(maxsize=64)
def stage_on(day: date) -> ColumnElement[Stage | None]:
    """The stage of the enclosing `Project` on a day; NULL before it was proposed."""
    return (
        select(STEP.stage)
        .where(STEP.project_id == Project.id, STEP.on <= day)
        .order_by(STEP.on.desc(), STEP.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )


def milestones_of(session: Session, project_id: int) -> Sequence[ProjectMilestone]:
    """By due day."""
    found = select(ProjectMilestone).where(ProjectMilestone.project_id == project_id)
    return session.scalars(found.order_by(ProjectMilestone.due_on, ProjectMilestone.id)).all()


def get_milestone(session: Session, milestone_id: int) -> ProjectMilestone:
    """Raises `NotFound`."""
    found = session.get(ProjectMilestone, milestone_id)
    if found is None:
        raise NotFound("There is no such milestone.")
    return found


def leads_of(session: Session, project_ids: Collection[int], day: date) -> dict[int, list[str]]:
    """The names of whoever leads these projects on a day, by project."""
    found = (
        select(ProjectFaculty.project_id, Person.name)
        .join(ProjectFaculty.person)
        .where(
            ProjectFaculty.project_id.in_(project_ids),
            ProjectFaculty.role == FacultyRole.LEAD,
            runs_on(ProjectFaculty, day),
        )
        .order_by(Person.name_key, Person.id)
    )
    names: dict[int, list[str]] = defaultdict(list)
    for project_id, name in session.execute(found):
        names[project_id].append(name)
    return names


def led_by(user_id: int, day: date) -> ColumnElement[bool]:
    """Whether the person whose account it is leads the enclosing `Project` on a day."""
    return exists().where(
        ProjectFaculty.project_id == Project.id,
        ProjectFaculty.role == FacultyRole.LEAD,
        ProjectFaculty.person_id == Person.id,
        Person.user_id == user_id,
        runs_on(ProjectFaculty, day),
    )


def leads_on(session: Session, project_id: int, user_id: int, day: date) -> bool:
    """Whether the person whose account it is leads the project on a day."""
    found = select(Project.id).where(Project.id == project_id, led_by(user_id, day))
    return session.scalar(found) is not None
