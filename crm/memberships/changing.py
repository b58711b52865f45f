"""What changes a term that was signed: extended, amended, reinstated. Each appends a row.

What has dues to follow is called through `enrolment`, which sees both.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.money import Money, told
from crm.kit.periods import Period, in_words
from crm.memberships import drafting, places, promises, queries, rules
from crm.memberships.drafting import UnfitTerm
from crm.memberships.models import Amendment, Extension, Interruption, Membership, Tier
from crm.memberships.operations import WrongMoment, note
from crm.memberships.places import TierClosed
from crm.memberships.rules import OVER, STANDING, UNSIGNED

MOST_DAYS = 730
"""A longer extension is a renewal."""


def extend(
    session: Session,
    membership: Membership,
    *,
    days: int,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> Extension:
    """So many days more, from the end it has. Fees stay as they are.

    Raises `WrongMoment` unless the term stands or is in grace, `Overlap` where the company's next
    term begins before the new end, `TierClosed` where others have the tier's places in those days.
    """
    lock(session, membership)
    status = queries.statuses_on(session, [membership], today)[membership.id]
    if status not in STANDING:
        raise WrongMoment(f"This membership is {status}: only one that stands is extended.")
    if membership.terminated_on is not None:
        raise WrongMoment("Its termination is set already. Reinstate it first.")
    if not 1 <= days <= MOST_DAYS:
        raise UnfitTerm(f"Extend it by 1 to {MOST_DAYS} days; more is a renewal.", field="days")
    longer = rules.extended(membership.running, days)
    assert longer.ends_before is not None  # a membership's term always ends
    added = Period(membership.runs_before, longer.ends_before)
    drafting.refuse_overlap(session, membership.company, added, but=membership.id)
    places.check_more_days(session, membership, added)
    extension = Extension(
        membership_id=membership.id,
        days=days,
        reason=reason,
        extended_on=today,
        by_name=by.name,
    )
    session.add(extension)
    membership.extended_before = membership.occupied_before = longer.ends_before
    drafting.write(session, membership)
    note(session, membership, "extended", by=by, now=now)
    return extension


def amend(
    session: Session,
    membership: Membership,
    *,
    from_on: date,
    tier: Tier,
    fee: Money | None,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> Amendment:
    """From a day of the term on another tier, another fee a year, or both; without a fee, the
    fees stay as they were.

    What was signed stays as it was signed. Raises `WrongMoment` or `UnfitTerm`.
    """
    lock(session, membership)
    check_amendment(session, membership, from_on=from_on, tier=tier, fee=fee, today=today)
    amendment = Amendment(
        membership_id=membership.id,
        from_on=from_on,
        tier_id=tier.id,
        fee_minor=None if fee is None else fee.minor,
        reason=reason,
        amended_on=today,
        by_name=by.name,
    )
    before = queries.amendments_of(session, membership.id)
    session.add(amendment)
    session.flush()
    if tier.id != (before[-1].tier_id if before else membership.tier_id):
        promises.promise(session, membership.id, tier.id, amendment.id)
    note(session, membership, "amended", by=by, now=now)
    return amendment


def check_amendment(
    session: Session,
    membership: Membership,
    *,
    from_on: date,
    tier: Tier,
    fee: Money | None,
    today: date,
) -> None:
    """Raise `WrongMoment`, `UnfitTerm` or `TierClosed` where `amend` would. Writes nothing."""
    status = membership.status_on(today)
    if status in UNSIGNED:
        raise WrongMoment("It is not signed by both sides yet: edit the draft instead.")
    if status in OVER or membership.terminated_on is not None:
        raise WrongMoment("A membership that has ended, or is about to, is not amended.")
    if from_on not in membership.term:
        raise UnfitTerm(
            f"Choose a day of the term, {in_words(membership.starts_on)} to "
            f"{in_words(membership.term.last_day or membership.starts_on)}.",
            field="from_on",
        )
    before = queries.amendments_of(session, membership.id)
    if before and from_on < before[-1].from_on:
        raise UnfitTerm(
            f"It was amended from {in_words(before[-1].from_on)} on: choose that day or a later "
            "one.",
            field="from_on",
        )
    if fee is not None and fee.currency != membership.currency:
        raise UnfitTerm(f"The fee of this term is in {membership.currency}.", field="fee")
    if fee is not None and fee.minor < 0:
        raise UnfitTerm("A fee cannot be negative.", field="fee")
    was_tier = before[-1].tier_id if before else membership.tier_id
    if tier.id != was_tier:
        if tier.retired_on is not None:
            raise TierClosed(f"The tier {tier.name} is no longer offered.", field="tier")
        offered = session.get_one(Tier, tier.id, with_for_update={"of": Tier})
        left = Period(from_on, membership.runs_before)
        places.check_place(session, offered, membership.company_id, left)
    elif fee is None:
        raise UnfitTerm("Nothing changes: choose another tier, or write another fee.")
    elif _costs(session, membership, before, from_on) == {fee}:
        raise UnfitTerm(f"Nothing changes: it costs {told(fee)} at that tier already.")


def reinstate(
    session: Session,
    membership: Membership,
    *,
    on: date,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Take a termination back from a day on: the days between stay without membership.

    `on` the very day of the termination, or before it has come: as if it had never been set.
    Raises `WrongMoment`, `UnfitTerm`, `Overlap` where the company has begun another term, or
    `TierClosed` where others have taken its place.
    """
    lock(session, membership)
    terminated_on = membership.terminated_on
    if terminated_on is None:
        raise WrongMoment("This membership is not terminated.")
    if on < terminated_on:
        on = terminated_on
    if on > max(today, terminated_on):
        raise UnfitTerm("Choose today or a day before it.", field="reinstated_on")
    if on >= rules.grace_ends_before(membership.running, membership.grace_days):
        raise UnfitTerm(
            f"The term ended by itself before {in_words(membership.runs_before)}. Start a new one.",
            field="reinstated_on",
        )
    if membership.occupied_before < membership.runs_before:
        again = Period(membership.occupied_before, membership.runs_before)
        drafting.refuse_overlap(session, membership.company, again, but=membership.id)
        if on < membership.runs_before:
            back = Period(max(on, membership.occupied_before), membership.runs_before)
            places.check_more_days(session, membership, back)
    if on > terminated_on:
        session.add(
            Interruption(
                membership_id=membership.id,
                terminated_on=terminated_on,
                termination_reason=membership.termination_reason,
                reinstated_on=on,
                reinstatement_reason=reason,
                by_name=by.name,
            )
        )
    membership.terminated_on = membership.termination_reason = None
    membership.occupied_before = membership.runs_before
    drafting.write(session, membership)
    session.expire(membership, ["interruptions"])
    note(session, membership, "reinstated", by=by, now=now)


def _costs(
    session: Session, membership: Membership, before: Sequence[Amendment], from_on: date
) -> set[Money]:
    """What a year costs from a day of the term on: several fees, where they rise as agreed."""
    changes = queries.fee_changes(membership, before)
    if changes:
        return {changes[-1].fee}
    year = rules.membership_year_on(from_on, membership.term)
    assert year is not None  # a day of the term
    return set(queries.agreed_fees(session, membership)[year - 1 :])
