"""Since when a company has been a member without a gap: the SQL twin of the rule."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from sqlalchemy import ScalarSelect, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from crm.memberships.models import Interruption, Membership

BEGUN, EARLIER = aliased(Membership), aliased(Membership)
REINSTATED, AWAY = aliased(Interruption), aliased(Interruption)


def of_membership(session: Session, membership_id: int, day: date) -> date | None:
    """Since when this membership's company has been a member without a gap."""
    return session.scalar(select(member_since(day)).where(Membership.id == membership_id))


@lru_cache(maxsize=64)
def member_since(day: date) -> ScalarSelect[date]:
    """The SQL twin of `rules.member_since` for the company of the enclosing `Membership`."""
    begun, earlier, back = BEGUN, EARLIER, REINSTATED
    away = exists().where(
        AWAY.membership_id == begun.id,
        AWAY.terminated_on <= begun.starts_on,
        AWAY.reinstated_on > begun.starts_on,
    )
    away_at_its_end = exists().where(
        AWAY.membership_id == earlier.id,
        AWAY.terminated_on < earlier.occupied_before,
        AWAY.reinstated_on >= earlier.occupied_before,
    )
    away_again = exists().where(
        AWAY.membership_id == begun.id,
        AWAY.terminated_on <= back.reinstated_on,
        AWAY.reinstated_on > back.reinstated_on,
    )
    follows_on = exists().where(
        earlier.company_id == begun.company_id,
        earlier.company_signed_on.is_not(None),
        earlier.programme_signed_on.is_not(None),
        earlier.starts_on < begun.starts_on,
        earlier.occupied_before == begun.starts_on,
        ~away_at_its_end,
    )
    came_back = and_(
        back.reinstated_on > begun.starts_on,
        back.reinstated_on < begun.occupied_before,
        back.reinstated_on <= day,
        ~away_again,
    )
    return (
        select(
            func.max(case((came_back, back.reinstated_on), (~away & ~follows_on, begun.starts_on)))
        )
        .select_from(begun)
        .outerjoin(back, back.membership_id == begun.id)
        .where(
            begun.company_id == Membership.company_id,
            begun.company_signed_on.is_not(None),
            begun.programme_signed_on.is_not(None),
            begun.starts_on <= day,
            begun.occupied_before > begun.starts_on,
        )
        .correlate(Membership)
        .scalar_subquery()
    )
