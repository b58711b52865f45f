"""Who may change the meetings of a body."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.meeting_queries import person_of_user
from crm.council.models import Body
from crm.council.participants import Part, participants_on
from crm.council.rules import BodyKind

CHAIRS = frozenset({Part.CHAIR, Part.CO_CHAIR})


def may_edit(session: Session, viewer: Viewer, body: Body, day: date) -> bool:
    """Directors and staff those of every body; faculty those of a working group they chair."""
    if viewer.may(P.COUNCIL_EDIT):
        return True
    if body.kind is not BodyKind.GROUP or not viewer.may(P.GROUPS_EDIT):
        return False
    person_id = person_of_user(session, viewer.id)
    return person_id is not None and any(
        one.person_id == person_id and one.part in CHAIRS
        for one in participants_on(session, body, day)
    )
