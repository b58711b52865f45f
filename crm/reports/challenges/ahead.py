"""What lies ahead for a challenge: meetings of the groups that work on it, courses and recruiting
events. Events of the programme join them here, as one more SELECT of the same columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    Date,
    Select,
    String,
    Subquery,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
)

from crm.council.meeting_models import Meeting
from crm.council.models import Body
from crm.projects import queries as projects
from crm.projects.models import Project, ProjectChallenge
from crm.projects.rules import OVER, ProjectKind
from crm.working_groups.models import WorkingGroupChallenge

MEETING, PROJECT = "meeting", "project"
GATHERINGS = (ProjectKind.COURSE, ProjectKind.TRAINING, ProjectKind.RECRUITING)


@dataclass(frozen=True, kw_only=True)
class AheadSearch:
    """What begins on a day or later, for one challenge; the soonest first."""

    day: date
    challenge_id: int

    def select(self) -> Select[Any]:
        """what, id, day, title, whose (the group, or the kind of project)."""
        lines = ahead(self.day)
        found: Select[Any] = select(lines).where(lines.c.challenge_id == self.challenge_id)
        return found.order_by(lines.c.day, lines.c.what, lines.c.id)


def ahead(day: date) -> Subquery:
    """Each once for every challenge it is for."""
    meetings = (
        select(
            literal(MEETING).label("what"),
            Meeting.id.label("id"),
            type_coerce(func.date(Meeting.starts_local), Date).label("day"),
            Meeting.title.label("title"),
            Body.name.label("whose"),
            WorkingGroupChallenge.challenge_id.label("challenge_id"),
        )
        .join(Meeting.body)
        .join(WorkingGroupChallenge, WorkingGroupChallenge.group_id == Meeting.body_id)
        .where(
            Meeting.starts_local >= datetime.combine(day, time.min),
            or_(Meeting.cancelled_on.is_(None), Meeting.cancelled_on > day),
        )
    )
    gatherings = (
        select(
            literal(PROJECT),
            Project.id,
            Project.starts_on,
            Project.title,
            type_coerce(Project.kind, String),
            ProjectChallenge.challenge_id,
        )
        .join(ProjectChallenge, ProjectChallenge.project_id == Project.id)
        .where(
            Project.kind.in_(GATHERINGS),
            Project.starts_on >= day,
            projects.stage_on(day).not_in(OVER),
        )
    )
    return union_all(meetings, gatherings).subquery("ahead")
