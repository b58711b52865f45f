"""The lists of projects and of calls: what they may be asked for, and their statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from crm.people.models import Person
from crm.projects import queries
from crm.projects.models import Project, ProjectCall, ProjectChallenge, ProjectMilestone
from crm.projects.people_models import ProjectCompany, ProjectFaculty, ProjectSeats
from crm.projects.rules import OVER, ProjectKind, Stage
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked

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
            .where(ProjectMilestone.project_id == Project.id, queries.overdue(self.day))
            .correlate(Project)
            .scalar_subquery()
        )
        taken = (
            select(func.coalesce(func.sum(ProjectSeats.seats), 0))
            .where(ProjectSeats.project_id == Project.id)
            .correlate(Project)
            .scalar_subquery()
        )
        stage = Project.stage if self.as_of is None else queries.stage_on(self.as_of)
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
