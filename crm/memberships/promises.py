"""Keeping what a term was promised when it was signed, or amended to another tier."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.memberships import queries
from crm.memberships.benefit_models import Benefit, PromisedBenefit, TierBenefit
from crm.memberships.models import Amendment, Membership


def promise(
    session: Session, membership_id: int, tier_id: int, amendment_id: int | None = None
) -> None:
    """Copy what the tier gives today: from now on it holds for this term, whatever it gives later.

    `amendment_id`: what brought the term to the tier; None: its agreement did.
    """
    given = select(TierBenefit.benefit_id, TierBenefit.a_year).where(TierBenefit.tier_id == tier_id)
    a_year = {row.benefit_id: row.a_year for row in session.execute(given)}
    offered = select(Benefit.id).where(Benefit.retired_on.is_(None)).order_by(Benefit.id)
    session.add_all(
        PromisedBenefit(
            membership_id=membership_id,
            amendment_id=amendment_id,
            benefit_id=benefit_id,
            a_year=a_year.get(benefit_id, 0),
        )
        for benefit_id in session.scalars(offered)
    )
    session.flush()


def catch_up(session: Session) -> None:
    """Signed terms of which nothing was kept are promised what their tiers give now.

    They were signed before the programme's file named any benefits. Done once for each of them.
    """
    kept = select(PromisedBenefit.id).where(PromisedBenefit.membership_id == Membership.id)
    found = select(Membership.id, Membership.tier_id).where(
        Membership.company_signed_on.is_not(None),
        Membership.programme_signed_on.is_not(None),
        ~kept.exists(),
    )
    for id_, tier_id in session.execute(found.order_by(Membership.id)).all():
        promise(session, id_, tier_id)
        for amendment in tier_changes(tier_id, queries.amendments_of(session, id_)):
            promise(session, id_, amendment.tier_id, amendment.id)


def tier_changes(tier_id: int, amendments: Sequence[Amendment]) -> list[Amendment]:
    """Those that bring the term to another tier than it had."""
    found = []
    for amendment in amendments:
        if amendment.tier_id != tier_id:
            found.append(amendment)
            tier_id = amendment.tier_id
    return found
