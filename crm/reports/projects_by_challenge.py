"""Projects by grand challenge: stage on the day, who leads them, and the companies in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.programme.models import Challenge
from crm.projects import queries
from crm.projects.models import Project, ProjectChallenge
from crm.projects.people_models import ProjectCompany
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
)


def columns(viewer: Viewer) -> Sequence[Column]:
    """No sums: a project of two challenges would be counted twice."""
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By challenge and title, a project under each of its own; later proposals are not there."""
    found = session.execute(_projects(day)).all()
    ids = {row.id for row in found}
    leads, involved = queries.leads_of(session, ids, day), _companies(session, ids)
    return [
        (
            row.challenge or NONE,
            row.title,
            row.kind,
            row.stage,
            ", ".join(leads.get(row.id, ())),
            ", ".join(involved.get(row.id, ())),
            row.source,
            row.starts_on,
            row.id,
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
        )
        .outerjoin(ProjectChallenge, ProjectChallenge.project_id == Project.id)
        .outerjoin(Challenge, Challenge.id == ProjectChallenge.challenge_id)
        .where(queries.stage_on(day).is_not(None))
    )
    return found.order_by(
        Challenge.number.is_(None), Challenge.number, func.lower(Project.title), Project.id
    )


def _companies(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    """`Halvorsen Bearings AS (host)`, by project."""
    found = (
        select(ProjectCompany.project_id, Company.name, ProjectCompany.role)
        .join(ProjectCompany.company)
        .where(ProjectCompany.project_id.in_(ids))
        .order_by(ProjectCompany.role, Company.name_key, ProjectCompany.id)
    )
    named: dict[int, list[str]] = defaultdict(list)
    for project_id, name, role in session.execute(found):
        named[project_id].append(f"{name} ({role})")
    return named


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
