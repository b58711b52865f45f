"""Taking over tiers and benefits from the programme's file."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.reference import sync
from crm.memberships import promises
from crm.memberships.benefit_models import Benefit, TierBenefit
from crm.memberships.benefit_rules import UsedBy
from crm.memberships.models import Tier
from crm.memberships.rules import SeatEntitlement
from crm.programme.rules import ProgrammeFile


def load(session: Session, file: ProgrammeFile, *, today: date) -> None:
    """Past memberships copied what they were promised: a changed tier leaves them alone."""
    tiers = [
        {
            "key": tier.key,
            "name": tier.name,
            "position": position,
            "founding": tier.key == file.founding.tier,
            "fee_minor": tier.fee.minor,
            "currency": tier.fee.currency,
            "years": tier.years,
            "seat": SeatEntitlement(tier.council),
            "votes": tier.votes,
            "group_count": tier.groups,
            "group_places": tier.places,
            "closes_at": tier.closes_at,
            "headcount_under": tier.headcount_under,
            "by_invitation": tier.by_invitation,
        }
        for position, tier in enumerate(file.tiers, 1)
    ]
    listed = sync(session, Tier, tiers, today=today)
    _benefits(session, file, {tier.key: tier.id for tier in listed}, today=today)
    promises.catch_up(session)


def _benefits(
    session: Session, file: ProgrammeFile, tier_ids: dict[str, int], *, today: date
) -> None:
    """What the file offers now; a tier that is retired goes on giving what it gave."""
    benefits = [
        {
            "key": benefit.key,
            "name": benefit.name,
            "unit": benefit.unit,
            "units": benefit.units,
            "about": benefit.about,
            "used_by": UsedBy(benefit.used_by),
            "position": position,
        }
        for position, benefit in enumerate(file.benefits, 1)
    ]
    ids = {row.key: row.id for row in sync(session, Benefit, benefits, today=today)}
    wanted = {
        (tier_ids[tier.key], ids[key]): a_year
        for tier in file.tiers
        for key, a_year in tier.benefits.items()
        if a_year != 0
    }
    of_these = select(TierBenefit).where(TierBenefit.tier_id.in_(tier_ids.values()))
    known = {(row.tier_id, row.benefit_id): row for row in session.scalars(of_these)}
    for place, a_year in wanted.items():
        row = known.pop(place, None)
        if row is None:
            session.add(TierBenefit(tier_id=place[0], benefit_id=place[1], a_year=a_year))
        elif row.a_year != a_year:
            row.a_year = a_year
    for gone in known.values():
        session.delete(gone)
    session.flush()
