"""What a company took part in and got of projects in a period, line by line. No sum in it.

Columns: day, kind, title, people, challenge, outcome, url, id.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)

from crm.kit.periods import Period
from crm.people.models import Person
from crm.programme.models import Challenge
from crm.projects.models import Project, ProjectChallenge, ProjectStage
from crm.projects.people_models import (
    ProjectCompany,
    ProjectFaculty,
    ProjectOutput,
    ProjectSeats,
)
from crm.projects.rules import OUTSIDE_THE_OFFICE, FacultyRole, Stage

CAME_ABOUT = frozenset({Stage.SELECTED, Stage.RUNNING, Stage.FINISHED})
BEGAN = func.coalesce(
    Project.starts_on,
    select(func.min(ProjectStage.on))
    .where(ProjectStage.project_id == Project.id, ProjectStage.stage == Stage.SELECTED)
    .correlate(Project)
    .scalar_subquery(),
    select(func.min(ProjectStage.on))
    .where(ProjectStage.project_id == Project.id)
    .correlate(Project)
    .scalar_subquery(),
)
"""Its first day; while none is written, the day on which it was selected."""
ENDED = func.coalesce(
    Project.ends_before,
    select(func.max(ProjectStage.on))
    .where(ProjectStage.project_id == Project.id, ProjectStage.stage == Stage.FINISHED)
    .where(Project.stage == Stage.FINISHED)
    .correlate(Project)
    .scalar_subquery(),
)
"""The first day after it; while none is written, the day on which it was finished."""
LEADS = (
    select(func.aggregate_strings(Person.name, ", "))
    .join(ProjectFaculty, ProjectFaculty.person_id == Person.id)
    .where(ProjectFaculty.project_id == Project.id, ProjectFaculty.role == FacultyRole.LEAD)
    .correlate(Project)
    .scalar_subquery()
)
CHALLENGES = (
    select(func.aggregate_strings(Challenge.name, ", "))
    .join(ProjectChallenge, ProjectChallenge.challenge_id == Challenge.id)
    .where(ProjectChallenge.project_id == Project.id)
    .correlate(Project)
    .scalar_subquery()
)
PAGE = literal("/office/projects/") + cast(Project.id, String)


def lines(company_id: int, period: Period) -> CompoundSelect[Any]:
    """Projects it is in that run in the period, once for each role, on their first day in it; seats
    it took then; and what came of its projects then, as far as members read it."""
    return union_all(
        _ties(company_id, period), _seats(company_id, period), _outputs(company_id, period)
    )


def _ties(company_id: int, period: Period) -> Select[Any]:
    tie, begins = ProjectCompany, literal(period.starts_on, Date)
    goes_on = or_(ENDED.is_(None), period.starts_on < ENDED)
    return (
        select(
            case((begins > BEGAN, begins), else_=BEGAN).label("day"),
            (cast(Project.kind, String) + ", " + cast(tie.role, String)).label("kind"),
            Project.title.label("title"),
            LEADS.label("people"),
            CHALLENGES.label("challenge"),
            cast(Project.stage, String).label("outcome"),
            PAGE.label("url"),
            Project.id.label("id"),
        )
        .join(tie, tie.project_id == Project.id)
        .where(
            tie.company_id == company_id,
            Project.stage.in_(CAME_ABOUT),
            goes_on,
            _before(BEGAN, period),
        )
    )


def _seats(company_id: int, period: Period) -> Select[Any]:
    seats = ProjectSeats
    number = cast(seats.seats, String) + case((seats.seats == 1, " seat"), else_=" seats")
    return (
        select(
            seats.taken_on,
            cast(Project.kind, String),
            Project.title,
            LEADS,
            CHALLENGES,
            number,
            PAGE,
            Project.id,
        )
        .join(seats, seats.project_id == Project.id)
        .where(seats.company_id == company_id, seats.taken_on >= period.starts_on)
        .where(_before(seats.taken_on, period))
    )


def _outputs(company_id: int, period: Period) -> Select[Any]:
    output = ProjectOutput
    in_it = exists().where(
        ProjectCompany.project_id == Project.id, ProjectCompany.company_id == company_id
    )
    return (
        select(
            output.came_on,
            literal("Output"),
            output.title,
            LEADS,
            CHALLENGES,
            output.link,
            PAGE,
            output.id,
        )
        .join(output, output.project_id == Project.id)
        .where(
            in_it,
            output.readers.in_(OUTSIDE_THE_OFFICE),
            output.came_on >= period.starts_on,
            _before(output.came_on, period),
        )
    )


def _before(day: Any, period: Period) -> Any:
    """Whether a day lies before the period's end."""
    return and_(True) if period.ends_before is None else day < period.ends_before
