"""Who may change what is a body's, and who lets its letters out."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council import place_queries
from crm.council.models import Body
from crm.council.place_rules import PlaceRole
from crm.council.rules import BodyKind

LEADING = frozenset({PlaceRole.CHAIR, PlaceRole.CO_CHAIR})


def may_edit(session: Session, viewer: Viewer, body: Body, day: date) -> bool:
    """Directors and staff what is of every body; faculty what is of a working group they chair."""
    return viewer.may(P.COUNCIL_EDIT) or _leads(session, viewer, body, day)


def may_release(session: Session, viewer: Viewer, body: Body, day: date) -> bool:
    """Whoever releases all letters, and who chairs a working group those to its people: its
    mailings, and the invitations to its meetings, their changes and cancellations."""
    return viewer.may(P.MAIL_RELEASE) or _leads(session, viewer, body, day)


def _leads(session: Session, viewer: Viewer, body: Body, day: date) -> bool:
    """Whether theirs is a chair's or co-chair's place, and they sit on it on that day: who has left
    the company, or whose company is no member, leads no more."""
    if body.kind is not BodyKind.GROUP or not viewer.may(P.GROUPS_EDIT):
        return False
    return any(
        member.user_id == viewer.id and member.role in LEADING and member.gap is None
        for member in place_queries.members_on(session, day, body_id=body.id)
    )
