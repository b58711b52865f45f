"""Reads of which contributions came from which opportunities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.kit.money import Money
from crm.partnerships.models import Contribution
from crm.partnerships.queries import stage_on
from crm.partnerships.rules import Stage
from crm.pipeline import queries
from crm.pipeline.giving_models import OpportunityContribution
from crm.pipeline.models import Opportunity

FACTORIES = "factories"
"""The key of the mode, in the programme's file, whose opportunities lead to contributions."""


def opportunities_of(session: Session, company_id: int) -> Sequence[Opportunity]:
    """Those of a company with the factories, open ones first."""
    found = queries.of_company(session, company_id)
    return [opportunity for opportunity in found if opportunity.mode.key == FACTORIES]


def came_from(session: Session, contribution_id: int) -> Opportunity | None:
    """With its stage; None: from none on record."""
    found = (
        select(Opportunity)
        .join(OpportunityContribution, OpportunityContribution.opportunity_id == Opportunity.id)
        .where(OpportunityContribution.contribution_id == contribution_id)
        .options(joinedload(Opportunity.stage))
    )
    return session.scalars(found).one_or_none()


@dataclass(frozen=True, kw_only=True)
class Led:
    """A contribution to which an opportunity led; `value` is for who may see money."""

    id: int
    title: str
    stage: Stage | None
    value: Money | None


def contributions_of(session: Session, opportunity_id: int, day: date) -> Sequence[Led]:
    """In the stage of the day, the latest first. One SELECT."""
    found = (
        select(Contribution, stage_on(day))
        .join(OpportunityContribution, OpportunityContribution.contribution_id == Contribution.id)
        .where(OpportunityContribution.opportunity_id == opportunity_id)
        .order_by(Contribution.id.desc())
    )
    return [
        Led(id=one.id, title=one.title, stage=stage, value=one.amount)
        for one, stage in session.execute(found)
    ]
