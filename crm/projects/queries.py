"""Reads of projects and of calls for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from crm.kit.days import runs_on
from crm.kit.errors import NotFound
from crm.people.models import Person
from crm.projects.models import (
    Project,
    ProjectCall,
    ProjectChallenge,
    ProjectMilestone,
    ProjectStage,
)
from crm.projects.people_models import ProjectCompany, ProjectFaculty, ProjectSeats
from crm.projects.rules import OVER, CallStatus, FacultyRole, ProjectKind, Stage
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked

STEP = aliased(ProjectStage)
MOST_MATCHES = 200
SORTS = ("title", "starts")
SHOWN: dict[str, frozenset[Stage]] = {
    "current": frozenset(Stage) - OVER,
    "proposed": frozenset({Stage.PROPOSED}),
    "running": frozenset({Stage.RUNNING}),
    "over": OVER,
    "all": frozenset(Stage),
}
"""The stages of those a list shows."""


@dataclass(frozen=True, kw_only=True)
class ProjectSearch:
    """The filters of the list; `show` is one of `SHOWN`, `sort` one of `SORTS`, `-` before it
    downwards.

    `as_of`: at the stages of that day, without what was proposed later; None: as they last changed.
    """

    day: date
    as_of: date | None = None
    q: str = ""
    kind: ProjectKind | None = None
    challenge_id: int | None = None
    company_id: int | None = None
    show: str = "current"
    sort: str = "title"

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def select(self) -> Select[Any]:
        late = (
            select(func.count())
            .select_from(ProjectMilestone)
            .where(ProjectMilestone.project_id == Project.id, overdue(self.day))
            .correlate(Project)
            .scalar_subquery()
        )
        taken = (
            select(func.coalesce(func.sum(ProjectSeats.seats), 0))
            .where(ProjectSeats.project_id == Project.id)
            .correlate(Project)
            .scalar_subquery()
        )
        stage = Project.stage if self.as_of is None else stage_on(self.as_of)
        found: Select[Any] = select(
            Project.id,
            Project.title,
            Project.kind,
            stage.label("stage"),
            Project.starts_on,
            Project.ends_before,
            Project.source,
            Project.seats_offered,
            taken.label("seats_taken"),
            late.label("late"),
        ).order_by(*self._order())
        if self.show != "all" or self.as_of is not None:
            found = found.where(stage.in_(SHOWN[self.show]))
        if self.kind is not None:
            found = found.where(Project.kind == self.kind)
        if self.challenge_id is not None:
            found = found.where(
                exists().where(
                    ProjectChallenge.project_id == Project.id,
                    ProjectChallenge.challenge_id == self.challenge_id,
                )
            )
        if self.company_id is not None:
            found = found.where(_with_company(lambda column: column == self.company_id))
        if words := asked(self.q):
            found = found.where(_named(words))
        elif self.q:
            found = found.where(Project.title.icontains(self.q, autoescape=True))
        return found

    def _order(self) -> Sequence[Any]:
        """What has no first day yet comes last either way."""
        match self.sort:
            case "starts":
                first: Sequence[Any] = (Project.starts_on.is_(None), Project.starts_on)
            case "-starts":
                first = (Project.starts_on.is_(None), Project.starts_on.desc())
            case "-title":
                return func.lower(Project.title).desc(), Project.id.desc()
            case _:
                first = ()
        return (*first, func.lower(Project.title), Project.id)


def _named(words: tuple[str, ...]) -> ColumnElement[bool]:
    """Whether the enclosing `Project`, a company in it or somebody of its faculty is called so."""
    companies = matching_ids(Kind.COMPANY, words, MOST_MATCHES)
    person = (
        select(ProjectFaculty.id)
        .join(ProjectFaculty.person)
        .where(
            ProjectFaculty.project_id == Project.id,
            *(Person.name_key.contains(word, autoescape=True) for word in words),
        )
    )
    return or_(
        Project.id.op("IN")(matching_ids(Kind.PROJECT, words, MOST_MATCHES)),
        _with_company(lambda column: column.op("IN")(companies)),
        person.correlate(Project).exists(),
    )


def _with_company(is_it: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Whether such a company is in the enclosing `Project`, or has seats of it."""
    return or_(
        *(
            exists().where(tie.project_id == Project.id, is_it(tie.company_id))
            for tie in (ProjectCompany, ProjectSeats)
        )
    )


@dataclass(frozen=True, kw_only=True)
class CallSearch:
    """`show`: current (open or ahead) · closed · all on the day."""

    day: date
    show: str = "current"

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def select(self) -> Select[Any]:
        """The latest deadline first."""
        proposals = (
            select(func.count())
            .select_from(Project)
            .where(Project.call_id == ProjectCall.id)
            .correlate(ProjectCall)
            .scalar_subquery()
        )
        found: Select[Any] = select(
            ProjectCall.id,
            ProjectCall.title,
            ProjectCall.kind,
            ProjectCall.opens_on,
            ProjectCall.closes_on,
            proposals.label("proposals"),
        ).order_by(ProjectCall.closes_on.desc(), ProjectCall.id.desc())
        if self.show == "current":
            found = found.where(ProjectCall.closes_on >= self.day)
        elif self.show == "closed":
            found = found.where(ProjectCall.closes_on < self.day)
        return found


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
