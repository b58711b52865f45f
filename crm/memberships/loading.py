"""Taking over tiers from the programme's file."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.kit.reference import sync
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
    sync(session, Tier, tiers, today=today)
