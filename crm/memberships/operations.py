"""The acts in a membership's life: released, signed, withdrawn, terminated.

A start, which brings dues and a seat with it, is `enrolment.operations.start`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import Period, in_words
from crm.memberships import drafting, places, promises, queries, rules
from crm.memberships.drafting import UnfitTerm
from crm.memberships.models import Membership, Tier
from crm.memberships.places import TierClosed
from crm.memberships.rules import STANDING, UNSIGNED, Status


class Side(StrEnum):
    """Who signs an agreement."""

    COMPANY = "company"
    PROGRAMME = "programme"


class WrongMoment(RuleBroken):
    """The act does not fit the membership's standing."""


def release(
    session: Session,
    membership: Membership,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """The director approves a draft: it goes out for signature.

    `version` is that of the terms they read: raises `Stale` if those have changed since.
    """
    if version is not None and version != membership.version:
        raise Stale("the terms of this draft", theirs={}, yours={})
    if membership.status_on(today) is not Status.DRAFT:
        raise WrongMoment("Only a draft is released for signature.")
    membership.released_on = today
    session.flush()
    note(session, membership, "released", by=by, now=now)


def sign(
    session: Session,
    membership: Membership,
    side: Side,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Record the day on which one side signed; with both it is fully executed and immutable.

    Until then a day recorded by mistake is corrected by recording it again.
    """
    lock(session, membership)
    match membership.status_on(today):
        case Status.AWAITING_SIGNATURE:
            pass
        case Status.DRAFT:
            raise WrongMoment("A director releases this draft before anyone signs it.")
        case _ if membership.executed_on is not None:
            raise WrongMoment("Both sides have signed: the agreement is fully executed.")
        case status:
            raise WrongMoment(f"This membership is {status}; there is nothing to sign.")
    drafting.check_signed_on(on, today, field="signed_on")
    other = membership.programme_signed_on if side is Side.COMPANY else membership.company_signed_on
    if other is not None:
        _take_place(session, membership)
        promises.promise(session, membership.id, membership.tier_id)
        # With the second signature in one statement: after it the database takes nothing more.
        membership.grace_days, membership.grace_votes = queries.grace(session)
    if side is Side.COMPANY:
        membership.company_signed_on = on
    else:
        membership.programme_signed_on = on
    session.flush()
    note(session, membership, f"signed by the {side}", by=by, now=now)


def _take_place(session: Session, membership: Membership) -> None:
    """The last place of a tier that closes goes to whoever has both signatures first."""
    tier = session.get_one(Tier, membership.tier_id, with_for_update={"of": Tier})
    try:
        places.check_place(session, tier, membership.company_id, membership.term)
    except TierClosed as closed:
        raise TierClosed(f"{closed} Edit the draft, or withdraw it.") from None


def withdraw(
    session: Session,
    membership: Membership,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Before both have signed: the term frees its time, its schedule counts for nothing."""
    if membership.status_on(today) not in UNSIGNED:
        raise WrongMoment("Only a membership that both sides have not signed yet can be withdrawn.")
    membership.withdrawn_on, membership.withdrawal_reason = today, reason
    membership.predecessor_id = None  # the old term may be renewed by another
    session.flush()
    note(session, membership, "withdrawn", by=by, now=now)


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
    """End a signed term early; `on` is the first day on which the company is no member.

    A day ahead may be moved until it comes. Raises `WrongMoment` or `UnfitTerm`; where it is moved
    later, `Overlap` or `TierClosed`.
    """
    status = queries.statuses_on(session, [membership], today)[membership.id]
    if status in UNSIGNED:
        raise WrongMoment("Not signed by both sides yet: withdraw it instead.")
    if status not in STANDING:
        raise WrongMoment(f"This membership is {status} already.")
    assert membership.executed_on is not None  # otherwise it would be unsigned
    if on < membership.executed_on:
        raise UnfitTerm(
            f"It cannot end before it was signed, on {in_words(membership.executed_on)}.",
            field="terminated_on",
        )
    ends_by_itself = rules.grace_ends_before(membership.running, membership.grace_days)
    if on >= ends_by_itself:
        raise UnfitTerm(
            f"It ends by itself on {in_words(ends_by_itself)}. Choose an earlier day.",
            field="terminated_on",
        )
    occupied = rules.occupied_before(membership.running, on)
    if occupied > membership.occupied_before:
        freed = Period(membership.occupied_before, occupied)
        drafting.refuse_overlap(session, membership.company, freed, but=membership.id)
        places.check_more_days(session, membership, freed)
    membership.terminated_on, membership.termination_reason = on, reason
    membership.occupied_before = occupied
    drafting.write(session, membership)
    note(session, membership, "terminated", by=by, now=now)


def note(session: Session, membership: Membership, act: str, *, by: Actor, now: datetime) -> None:
    """Say in the trade's verb what was done to a membership."""
    journal.note(
        session,
        act,
        kind="membership",
        record_id=membership.id,
        parent=("company", membership.company_id),
        by=by,
        now=now,
    )
