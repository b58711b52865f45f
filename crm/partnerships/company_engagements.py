"""What a company takes part in and gives, as parts of its page's statements. No value in them.

Beside others of the page: what, id, text, more, starts_on, ends_before; of its timeline: what, id,
on, title, text, by, by_id, confidential.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Date, Select, String, cast, false, literal, null, select

from crm.partnerships.facility_models import Facility, Participation
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import OVER


def participations(company_id: BindParameter[int]) -> Select[Any]:
    """The facility, and in what; those that go on first."""
    part = Participation
    return (
        select(  # type: ignore[return-value]
            literal("participation"),
            part.facility_id,
            Facility.name,
            cast(part.kind, String),
            part.starts_on,
            part.ends_before,
        )
        .join(part.facility)
        .where(part.company_id == company_id)
        .order_by(part.ends_before.is_not(None), part.starts_on.desc(), part.id)
    )


def contributions(company_id: BindParameter[int]) -> Select[Any]:
    """What it is, its stage, and since when; what is over last."""
    given, step = Contribution, ContributionStep
    last = (
        select(step.id)
        .where(step.contribution_id == given.id, step.struck_at.is_(None))
        .order_by(step.on.desc(), step.id.desc())
        .limit(1)
        .correlate(given)
        .scalar_subquery()
    )
    return (
        select(  # type: ignore[return-value]
            literal("contribution"),
            given.id,
            given.title,
            cast(step.stage, String),
            step.on,
            cast(null(), Date),
        )
        .join(step, step.id == last)
        .where(given.company_id == company_id)
        .order_by(step.stage.in_(OVER), given.id.desc())
    )


def steps(company_id: BindParameter[int]) -> Select[Any]:
    """That a contribution came to a stage, the latest first; what was struck did not happen."""
    step = ContributionStep
    return (
        select(  # type: ignore[return-value]
            literal("contribution"),
            step.contribution_id,
            step.on,
            cast(step.stage, String),
            Contribution.title,
            step.by_name,
            literal(0),
            false(),
        )
        .join(Contribution, Contribution.id == step.contribution_id)
        .where(Contribution.company_id == company_id, step.struck_at.is_(None))
        .order_by(step.on.desc(), step.id.desc())
    )
