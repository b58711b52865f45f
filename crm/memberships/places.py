"""The places of a tier that takes only so many members at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from crm.kit.errors import RuleBroken
from crm.kit.periods import Period
from crm.memberships import queries, rules
from crm.memberships.models import Amendment, Interruption, Membership, Tier


class TierClosed(RuleBroken):
    """The tier is retired, or has as many members as it may."""


def check_place(session: Session, tier: Tier, company_id: int, days: Period) -> None:
    """Raise `TierClosed` if others have all places of the tier on one of these days.

    The caller has locked the tier's row, so that two cannot both take the last place.
    """
    if not _has_place(session, tier, company_id, days):
        raise TierClosed(
            f"The tier {tier.name} closes at {tier.closes_at} members, and has them. Choose "
            "another tier.",
            field="tier",
        )


def check_more_days(session: Session, membership: Membership, days: Period) -> None:
    """Raise `TierClosed` if a signed term cannot have these days too, at the tiers it then has.

    Keeps others from the places of those tiers until the transaction ends.
    """
    amended = [(a.from_on, a.tier_id) for a in queries.amendments_of(session, membership.id)]
    # Always in the same order: two who lock several never wait for each other.
    spans = sorted(
        rules.tiers_in(days, membership.tier_id, amended),
        key=lambda span: (span[0], span[1].starts_on),
    )
    for tier_id, span in spans:
        tier = session.get_one(Tier, tier_id, with_for_update={"of": Tier})
        if not _has_place(session, tier, membership.company_id, span):
            raise TierClosed(
                f"The tier {tier.name} closes at {tier.closes_at} members, and others have its "
                "places in the days that this would add. Amend it to another tier first, or start "
                "a new membership."
            )


def _has_place(session: Session, tier: Tier, company_id: int, days: Period) -> bool:
    if tier.closes_at is None:
        return True
    return rules.most_at_once(_stays(session, tier.id, company_id, days), days) < tier.closes_at


def _stays(session: Session, tier_id: int, but: int, days: Period) -> Iterable[Period]:
    """When companies but one are at a tier, of terms that reach into these days.

    Won is not signed: only terms that both sides have signed take a place, also those amended
    into the tier; and none while it is interrupted.
    """
    terms = session.execute(
        select(
            Membership.id, Membership.tier_id, Membership.starts_on, Membership.occupied_before
        ).where(
            or_(
                Membership.tier_id == tier_id,
                exists().where(
                    Amendment.membership_id == Membership.id, Amendment.tier_id == tier_id
                ),
            ),
            Membership.company_id != but,
            Membership.company_signed_on.is_not(None),
            Membership.programme_signed_on.is_not(None),
            Membership.starts_on < days.ends_before,
            Membership.occupied_before > days.starts_on,
            Membership.occupied_before > Membership.starts_on,
        )
    ).all()
    ids = [term.id for term in terms]
    amended: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for id_, from_on, to in session.execute(
        select(Amendment.membership_id, Amendment.from_on, Amendment.tier_id)
        .where(Amendment.membership_id.in_(ids))
        .order_by(Amendment.from_on, Amendment.id)
    ):
        amended[id_].append((from_on, to))
    away: dict[int, list[Period]] = defaultdict(list)
    for stop in session.scalars(select(Interruption).where(Interruption.membership_id.in_(ids))):
        away[stop.membership_id].append(stop.period)
    for id_, tier, starts_on, occupied_before in terms:
        whole = Period(starts_on, occupied_before)
        for to, span in rules.tiers_in(whole, tier, amended[id_]):
            if to == tier_id:
                yield from span.without(away[id_])
