"""The check of who pays for projects, and of how far they say they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.projects.models import Project, ProjectStage
from crm.projects.people_models import ProjectCompany
from crm.projects.rules import OWNING, Source
from crm.reports.checks.check import Check, Fault, Outcome


def projects(session: Session, day: date) -> Outcome:
    """No constraint can count the hosts of what dues pay for: two of them come in one by one."""
    count = session.scalar(select(func.count()).select_from(Project)) or 0
    faults = (*_owned(session), *_elsewhere(session))
    return Outcome(count=count, of="projects", faults=faults)


def _owned(session: Session) -> Iterator[Fault]:
    owners = func.count(ProjectCompany.company_id.distinct())
    found = (
        select(Project.id, Project.title)
        .join(ProjectCompany, ProjectCompany.project_id == Project.id)
        .where(Project.source == Source.DUES_POOL, ProjectCompany.role.in_(OWNING))
        .group_by(Project.id)
        .having(owners == 1)
        .order_by(Project.id)
    )
    for id_, title in session.execute(found):
        says = "Dues pay for it, and one company alone is its host or sponsor."
        yield Fault(about=("project", id_), label=title, says=says)


def _elsewhere(session: Session) -> Iterator[Fault]:
    last = (
        select(ProjectStage.stage)
        .where(ProjectStage.project_id == Project.id)
        .order_by(ProjectStage.on.desc(), ProjectStage.id.desc())
        .limit(1)
        .correlate(Project)
        .scalar_subquery()
    )
    found = select(Project.id, Project.title, Project.stage, last)
    differs = found.where(last.is_distinct_from(Project.stage)).order_by(Project.id)
    for id_, title, says, meant in session.execute(differs):
        told = f"It says that it is {says}; its last step says {meant or 'nothing'}."
        yield Fault(about=("project", id_), label=title, says=told)


CHECKS = (
    Check(
        name="Projects",
        proves="Dues pay for no project of one company alone, and each project is as far as its "
        "last step says.",
        look=projects,
    ),
)
