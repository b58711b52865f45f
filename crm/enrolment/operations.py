"""What changes a term together with its dues and its seat, in one act."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council import operations as council
from crm.council.rules import SeatKind
from crm.invoices import schedules
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.db import renew as renew_version
from crm.kit.errors import Stale
from crm.kit.money import Money, told
from crm.kit.periods import in_words
from crm.memberships import changing, drafting, rules
from crm.memberships import operations as memberships
from crm.memberships import queries as term_queries
from crm.memberships.drafting import NewMembership as NewMembership
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import UNSIGNED, SeatEntitlement, Status, years_of


def start(
    session: Session,
    draft: NewMembership,
    *,
    released_on: date | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> Membership:
    """A new term, its dues schedule and its company's council seat.

    `released_on` is given by a win: a yes in writing releases for signature. Raises `UnfitTerm`,
    `TierClosed` or `Overlap`, whose `field` names the draft's field concerned.
    """
    membership = drafting.draft(session, draft, released_on=released_on, now=now, today=today)
    schedules.plan_dues(session, membership, draft.by_hand)
    _grant_seat(session, membership, now=now)
    memberships.note(session, membership, "started", by=by, now=now)
    return membership


def revise(
    session: Session,
    membership: Membership,
    draft: NewMembership,
    *,
    version: int,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Change an unsigned term, its schedule and its seat; a director releases it again.

    `version` is that of the row the editor saw: raises `Stale` if it has changed since.
    """
    if membership.status_on(today) not in UNSIGNED or (
        membership.company_signed_on or membership.programme_signed_on
    ):
        raise memberships.WrongMoment("What a side has signed is not edited. Withdraw it instead.")
    if version != membership.version:
        raise Stale("this membership", theirs=_told(membership), yours=_asked(draft))
    drafting.revise(session, membership, draft)
    schedules.replan_dues(session, membership, draft.by_hand)
    renew_version(session, membership, seen=version)
    _grant_seat(session, membership, now=now)
    memberships.note(session, membership, "revised", by=by, now=now)


def renew(
    session: Session,
    previous: Membership,
    draft: NewMembership,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Membership:
    """The next term of a company: where the old one ends, while it runs or is in grace; after that
    on the day the draft says, and the gap stays visible.

    Raises `WrongMoment` where there is nothing to renew, else what `start` raises.
    """
    lock(session, previous)
    status = term_queries.statuses_on(session, [previous], today)[previous.id]
    if previous.executed_on is None or previous.withdrawn_on is not None:
        raise memberships.WrongMoment("Only a term that both sides have signed is renewed.")
    if status is Status.TERMINATED or previous.terminated_on is not None:
        raise memberships.WrongMoment("It was terminated: start a new membership instead.")
    free = rules.next_start(previous.running, previous.grace_days, today)
    starts_on = free if free == previous.runs_before else max(draft.starts_on, previous.runs_before)
    renewed = start(session, replace(draft, starts_on=starts_on), by=by, now=now, today=today)
    memberships.note(session, previous, "renewed", by=by, now=now)
    return renewed


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
) -> None:
    """Another tier, another fee (None: they stay as they were), or both from a day on.

    Dues that this changes and that are not billed yet are reversed and posted anew, and the seat
    becomes what the new tier gives. Raises `BilledTooMuch` and what `changing.amend` raises.
    """
    changing.amend(
        session, membership, from_on=from_on, tier=tier, fee=fee, reason=reason,
        by=by, now=now, today=today,
    )  # fmt: skip
    schedules.repost_dues(
        session, membership, from_on=from_on, reason=f"Amended: {reason}"[:500], by=by, today=today
    )
    if tier.seat is not SeatEntitlement.NONE:
        council.grant(session, membership.company_id, SeatKind(tier.seat), now=now)


def terminate(
    session: Session,
    membership: Membership,
    *,
    on: date,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """End a signed term early: dues that fall due from that day on and are not billed go with it.

    What is billed stays owed until a director credits it.
    """
    lock(session, membership)
    moved_later = membership.terminated_on is not None and on > membership.terminated_on
    memberships.terminate(session, membership, on=on, reason=reason, by=by, now=now, today=today)
    if moved_later:
        schedules.restore_dues(session, membership, today=today)
    schedules.release_dues(
        session, membership, from_on=on, reason=f"Terminated: {reason}"[:500], by=by, today=today
    )


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
    """Take a termination back, and owe again what had gone with it."""
    changing.reinstate(session, membership, on=on, reason=reason, by=by, now=now, today=today)
    schedules.restore_dues(session, membership, today=today)


def _grant_seat(session: Session, membership: Membership, *, now: datetime) -> None:
    if membership.tier.seat is not SeatEntitlement.NONE:
        council.grant(session, membership.company_id, SeatKind(membership.tier.seat), now=now)


def _told(membership: Membership) -> dict[str, str]:
    m = membership
    return {
        "Starts on": in_words(m.starts_on),
        "Years": str(years_of(m.term)),
        "Fee of the first year": told(m.fee),
        "Dues fall due": m.dues_frequency.value,
        "Agreement number": m.agreement_number or "",
    }


def _asked(draft: NewMembership) -> dict[str, str]:
    fee = (draft.year_fees or (draft.fee,))[0]
    return {
        "Starts on": in_words(draft.starts_on),
        "Years": str(draft.years),
        "Fee of the first year": told(fee),
        "Dues fall due": draft.frequency.value,
        "Agreement number": draft.agreement_number or "",
    }
