"""What changes a term together with its dues and its seat, in one act."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council import operations as council
from crm.council.rules import SeatKind
from crm.invoices import operations as invoices
from crm.kit.actors import Actor
from crm.kit.errors import Stale
from crm.kit.money import plain
from crm.kit.periods import in_words
from crm.memberships import drafting
from crm.memberships import operations as memberships
from crm.memberships.drafting import NewMembership as NewMembership
from crm.memberships.models import Membership
from crm.memberships.rules import UNSIGNED, SeatEntitlement, years_of


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
    invoices.plan_dues(session, membership)
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
    invoices.replan_dues(session, membership)
    _grant_seat(session, membership, now=now)
    memberships.note(session, membership, "revised", by=by, now=now)


def _grant_seat(session: Session, membership: Membership, *, now: datetime) -> None:
    if membership.tier.seat is not SeatEntitlement.NONE:
        council.grant(session, membership.company_id, SeatKind(membership.tier.seat), now=now)


def _told(membership: Membership) -> dict[str, str]:
    m = membership
    return {
        "Starts on": in_words(m.starts_on),
        "Years": str(years_of(m.term)),
        "Fee": f"{plain(m.fee)} {m.currency}",
        "Dues fall due": m.dues_frequency.value,
        "Agreement number": m.agreement_number or "",
    }


def _asked(draft: NewMembership) -> dict[str, str]:
    return {
        "Starts on": in_words(draft.starts_on),
        "Years": str(draft.years),
        "Fee": f"{plain(draft.fee)} {draft.fee.currency}",
        "Dues fall due": draft.frequency.value,
        "Agreement number": draft.agreement_number or "",
    }
