"""Who may change what is a body's, and who lets its letters out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council import place_queries
from crm.council.models import Body
from crm.council.place_rules import LEADING
from crm.council.rules import BodyKind


def may_edit(session: Session, viewer: Viewer, body: Body, day: date) -> bool:
    """Directors and staff what is of every body; faculty what is of a working group they chair."""
    return viewer.may(P.COUNCIL_EDIT) or _leads(session, viewer, body, day)


def may_release(session: Session, viewer: Viewer, body: Body, day: date) -> bool:
    """Whoever releases all letters, and who chairs a working group those to its people: its
    mailings, and the invitations to its meetings, their changes and cancellations."""
    return viewer.may(P.MAIL_RELEASE) or _leads(session, viewer, body, day)


@dataclass(frozen=True)
class Reserved:
    """The ids of a group's places that are not for its own chairs to end, or to take back."""

    to_end: frozenset[int] = frozenset()
    to_take_back: frozenset[int] = frozenset()


def reserved_places(session: Session, viewer: Viewer, body_id: int) -> Reserved:
    """What directors and staff alone do, who give the roles in a group: end the place of a chair
    or co-chair, or take it back; or take back another role on a place, which would give back the
    one before."""
    if viewer.may(P.COUNCIL_EDIT):
        return Reserved()
    places = place_queries.roles_in(session, body_id)
    leading = frozenset(place.id for place in places if place.role in LEADING)
    return Reserved(leading, leading | {place.id for place in places if place.follows})


def _leads(session: Session, viewer: Viewer, body: Body, day: date) -> bool:
    """Whether theirs is a chair's or co-chair's place, and they sit on it on that day: who has left
    the company, or whose company is no member, leads no more."""
    if body.kind is not BodyKind.GROUP or not viewer.may(P.GROUPS_EDIT):
        return False
    return any(
        member.user_id == viewer.id and member.role in LEADING and member.gap is None
        for member in place_queries.members_on(session, day, body_id=body.id)
    )
