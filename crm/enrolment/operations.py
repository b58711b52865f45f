"""What changes a term together with its dues and its seat, in one act."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council import operations as council
from crm.council.rules import SeatKind
from crm.invoices import operations as invoices
from crm.kit.actors import Actor
from crm.memberships import drafting
from crm.memberships import operations as memberships
from crm.memberships.drafting import NewMembership as NewMembership
from crm.memberships.models import Membership
from crm.memberships.rules import SeatEntitlement


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
    if membership.tier.seat is not SeatEntitlement.NONE:
        council.grant(session, membership.company_id, SeatKind(membership.tier.seat), now=now)
    memberships.note(session, membership, "started", by=by, now=now)
    return membership
