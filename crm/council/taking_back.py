"""Undoing a naming made by mistake: whoever it put aside sits again."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import chain, rules, writing
from crm.council.models import Holding
from crm.council.rules import LetterKind, Return
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.kit.periods import in_words


class AlreadyBegun(RuleBroken):
    """A naming that has taken effect is ended, not taken back."""


def take_back(session: Session, holding: Holding, *, by: Actor, now: datetime, today: date) -> int:
    """Undo a naming made by mistake, before its holder has sat for a whole day.

    Whoever handed the seat over to them keeps it, as if they had not, and the alternate whom it
    promoted is that again. Letters
    about it that wait are stopped; how many had gone out already: they stay.
    """
    known = chain.held(session, holding.seat_id)
    back = chain.among(known, holding)
    if holding.starts_on < today:
        raise AlreadyBegun(
            f"This naming took effect on {in_words(holding.starts_on)}. End it instead."
        )
    again, restored = rules.returning(known, back), rules.restoring(known, back)
    chain.note(session, "naming taken back", holding, by=by, now=now)
    went_out = writing.take_back(session, holding, by=by, now=now)
    hands_to = again.hands_to if again is not None else None
    for follower in session.scalars(select(Holding).where(Holding.closed_id == holding.id)):
        carries_on = hands_to is not None and follower.id == hands_to.id
        follower.closed_id = back.closed_id if carries_on else None
        follower.closed_ends_before = holding.closed_ends_before if carries_on else None
        follower.closed_end_reason = holding.closed_end_reason if carries_on else None
    for later in session.scalars(select(Holding).where(Holding.promoted_id == holding.id)):
        later.promoted_id = later.promoted_ends_before = later.promoted_end_reason = None
    session.flush()
    session.delete(holding)
    session.flush()
    if restored is not None:
        _reopen(session, restored, holding.promoted_ends_before, holding.promoted_end_reason)
    if again is None:
        return went_out
    reopened = _reopen(session, again, holding.closed_ends_before, holding.closed_end_reason)
    if hands_to is not None:
        reopened.end_reason = holding.end_reason
        session.flush()
    went_out += writing.take_back(session, reopened, LetterKind.HANDOVER, by=by, now=now)
    if hands_to is not None:
        on = hands_to.period.starts_on
        writing.draft(session, LetterKind.HANDOVER, reopened, on=on, now=now, today=today)
    return went_out


def _reopen(
    session: Session, again: Return, ends_before: date | None, reason: str | None
) -> Holding:
    """Let it go on. The reason of its end stands only where that is as before."""
    reopened = session.get_one(Holding, again.reopens.id)
    reopened.ends_before = again.ends_before
    reopened.end_reason = reason if again.ends_before == ends_before else None
    session.flush()
    return reopened
