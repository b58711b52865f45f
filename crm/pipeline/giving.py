"""A contribution with the opportunity it came from: the ledger of one floor, the pipeline of this.

The ledger knows nothing of the pipeline: what touches both is done here.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words
from crm.partnerships import contributions
from crm.partnerships.contributions import NewContribution, TheirsAlready
from crm.partnerships.models import Contribution
from crm.pipeline import giving_queries
from crm.pipeline.giving_models import OpportunityContribution
from crm.pipeline.models import Opportunity


class ForeignOpportunity(RuleBroken):
    """A contribution came from an opportunity of its own company, with the factories."""


def offer(
    session: Session,
    company_id: int,
    draft: NewContribution,
    *,
    opportunity_id: int | None,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Contribution:
    """What `contributions.offer` does; it may name where it came from. Raises
    `ForeignOpportunity`."""
    made = contributions.offer(session, company_id, draft, on=on, by=by, now=now, today=today)
    if opportunity_id is not None:
        name_opportunity(session, made, opportunity_id, seen=None, by=by, now=now)
    return made


def name_opportunity(
    session: Session,
    contribution: Contribution,
    opportunity_id: int | None,
    *,
    seen: int | None,
    by: Actor,
    now: datetime,
) -> None:
    """Where it came from; None: from none on record. `seen`: the one that was read, by its id.

    Raises `Stale` where it is another by now, or `ForeignOpportunity`.
    """
    db.lock(session, contribution)
    before = giving_queries.came_from(session, contribution.id)
    offered = giving_queries.opportunities_of(session, contribution.company_id)
    named = next((one for one in offered if one.id == opportunity_id), None)
    if (before and before.id) != seen:
        raise Stale(
            "where it came from",
            theirs={"Opportunity": _opened(before)},
            yours={"Opportunity": _opened(named)},
        )
    if opportunity_id is not None and named is None:
        raise ForeignOpportunity(
            "This opportunity is of another company, or not with the factories.", field="company"
        )
    link = session.get(OpportunityContribution, contribution.id)
    if link is not None:
        session.delete(link)
        session.flush()
    if named is not None:
        session.add(
            OpportunityContribution(
                contribution_id=contribution.id,
                opportunity_id=named.id,
                company_id=contribution.company_id,
            )
        )
    session.flush()
    contributions.note(
        session,
        contribution,
        "origin named",
        changes={"came_from": (_opened(before), _opened(named))},
        by=by,
        now=now,
    )


def correct_company(
    session: Session,
    contribution: Contribution,
    company_id: int,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """What `contributions.correct_company` does, unless it came from an opportunity: that stays
    its company's."""
    db.lock(session, contribution)
    if giving_queries.came_from(session, contribution.id) is not None:
        raise TheirsAlready(
            f"It names an opportunity of {contribution.company.name}: take that out first.",
            field="company",
        )
    contributions.correct_company(
        session, contribution, company_id, version=version, by=by, now=now
    )


def _opened(opportunity: Opportunity | None) -> str:
    return f"opened on {in_words(opportunity.opened_on)}" if opportunity else ""
