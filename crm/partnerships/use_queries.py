"""Reads of which projects use which contributions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from crm.companies.models import Company
from crm.kit.errors import NotFound
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import OVER, Stage
from crm.partnerships.use_models import ContributionUse
from crm.projects.models import Project
from crm.projects.rules import CHOSEN

CAME = aliased(ContributionStep)
OVER_ON = (
    select(func.min(CAME.on))
    .where(
        CAME.contribution_id == ContributionUse.contribution_id,
        CAME.stage.in_(OVER),
        CAME.struck_at.is_(None),
    )
    .correlate(ContributionUse)
    .scalar_subquery()
)
_USE = ContributionUse
UNTIL = case(
    (OVER_ON.is_(None), _USE.ends_before),
    (or_(_USE.ends_before.is_(None), _USE.ends_before > OVER_ON), OVER_ON),
    else_=_USE.ends_before,
)
"""The SQL twin of `rules.used_until`."""


def of_contribution(session: Session, contribution_id: int) -> Sequence[Row[Any]]:
    """Those that go on first, then the latest."""
    return session.execute(_uses().where(_USE.contribution_id == contribution_id)).all()


def in_project(session: Session, project_id: int) -> Sequence[Row[Any]]:
    """Those that go on first, then the latest."""
    return session.execute(_uses().where(_USE.project_id == project_id)).all()


def _uses() -> Select[Any]:
    return (
        select(
            _USE.id,
            _USE.contribution_id,
            Contribution.title.label("contribution"),
            Contribution.company_id,
            Company.name.label("company"),
            _USE.project_id,
            Project.title.label("project"),
            Project.kind,
            _USE.starts_on,
            UNTIL.label("until"),
            _USE.note,
        )
        .join(_USE.contribution)
        .join(Contribution.company)
        .join(_USE.project)
        .order_by(UNTIL.is_not(None), _USE.starts_on.desc(), _USE.id.desc())
    )


def get(session: Session, use_id: int) -> ContributionUse:
    """With its contribution and project. Raises `NotFound`."""
    found = session.get(
        ContributionUse,
        use_id,
        options=[joinedload(_USE.contribution), joinedload(_USE.project)],
    )
    if found is None:
        raise NotFound("There is no such use.")
    return found


def projects_that_may(session: Session) -> Sequence[Row[int, str]]:
    """Id and title of what may use something, running ones first."""
    return session.execute(
        select(Project.id, Project.title)
        .where(Project.stage.in_(CHOSEN))
        .order_by(Project.stage.desc(), func.lower(Project.title), Project.id)
    ).all()


def what_may_be_used(session: Session) -> Sequence[Row[int, str, str]]:
    """Id, title and company of what was delivered; what is over since is there for its past."""
    delivered = and_(
        CAME.contribution_id == Contribution.id,
        CAME.stage == Stage.DELIVERED,
        CAME.struck_at.is_(None),
    )
    return session.execute(
        select(Contribution.id, Contribution.title, Company.name)
        .join(Contribution.company)
        .join(CAME, delivered)
        .order_by(func.lower(Contribution.title), Contribution.id)
    ).all()
