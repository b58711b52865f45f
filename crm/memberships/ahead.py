"""What of today's memberships holds on a day ahead only if it is renewed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from crm.memberships.models import Membership
from crm.memberships.queries import FOLLOWING, RUNS_BEFORE, in_force_on


def ends_by(session: Session, day: date, *, today: date) -> int:
    """How many terms that run today end before a day ahead, with no next one signed."""
    renewed = exists().where(
        FOLLOWING.company_id == Membership.company_id,
        FOLLOWING.starts_on >= RUNS_BEFORE,
        FOLLOWING.occupied_before > FOLLOWING.starts_on,
        FOLLOWING.company_signed_on <= today,
        FOLLOWING.programme_signed_on <= today,
    )
    ending = select(func.count(Membership.id)).where(
        in_force_on(today), today < RUNS_BEFORE, day >= RUNS_BEFORE, ~renewed
    )
    return session.scalar(ending) or 0
