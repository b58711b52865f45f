"""Projects by grand challenge: stage on the day, who leads them, and the companies in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.kit.days import day_before
from crm.programme.models import Challenge
from crm.projects import part_queries, queries
from crm.projects.models import Project, ProjectChallenge
from crm.reports.columns import Column, Kind, Report, Row

NONE = "No challenge named"
COLUMNS = (
    Column("Challenge", share=2),
    Column("Project", share=2),
    Column("Kind", share=1.2),
    Column("Stage", share=0.9),
    Column("Led by", share=1.4),
    Column("Companies", share=2.2),
    Column("Paid from", share=0.9),
    Column("Starts on", Kind.DAY, 1),
    Column("id", Kind.ID, printed=False),
    Column("Last day", Kind.DAY, 1, printed=False),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    """No sums: a project of two challenges would be counted twice."""
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By challenge and title, a project under each of its own; later proposals are not there."""
    found = session.execute(_projects(day)).all()
    ids = {row.id for row in found}
    leads, involved = queries.leads_of(session, ids, day), part_queries.involved_in(session, ids)
    return [
        (
            row.challenge or NONE,
            row.title,
            row.kind,
            row.stage,
            ", ".join(leads.get(row.id, ())),
            ", ".join(f"{one.name} ({one.part})" for one in involved.get(row.id, ())),
            row.source,
            row.starts_on,
            row.id,
            day_before(row.ends_before),
        )
        for row in found
    ]


@lru_cache(maxsize=64)
def _projects(day: date) -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Project.id,
            Challenge.name.label("challenge"),
            Project.title,
            Project.kind,
            queries.stage_on(day).label("stage"),
            Project.source,
            Project.starts_on,
            Project.ends_before,
        )
        .outerjoin(ProjectChallenge, ProjectChallenge.project_id == Project.id)
        .outerjoin(Challenge, Challenge.id == ProjectChallenge.challenge_id)
        .where(queries.stage_on(day).is_not(None))
    )
    return found.order_by(
        Challenge.number.is_(None), Challenge.number, func.lower(Project.title), Project.id
    )


REPORT = Report(
    name="projects-by-challenge",
    title="Projects by challenge",
    about="What is researched, taught and tried for each grand challenge, by whom, with whom.",
    needs=P.PROJECTS_READ,
    columns=columns,
    rows=rows,
    group_by="Challenge",
    note="A project that works on several challenges stands under each of them.",
)
