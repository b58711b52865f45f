"""The chain of a seat's holdings, locked, and what every act on it writes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import rules
from crm.council.models import Holding, Seat
from crm.council.rules import Held, HoldingRole
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import NotFound


def held(session: Session, seat_id: int) -> list[Held]:
    """The seat's holdings, locked: whoever acts on it next waits and then sees this act."""
    session.execute(select(Seat.id).where(Seat.id == seat_id).with_for_update())
    found = select(Holding).where(Holding.seat_id == seat_id).order_by(Holding.starts_on)
    return [
        Held(
            id=holding.id,
            person_id=holding.person_id,
            role=holding.role,
            period=holding.period,
            closed_id=holding.closed_id,
            closed_ends_before=holding.closed_ends_before,
            promoted_id=holding.promoted_id,
            promoted_ends_before=holding.promoted_ends_before,
        )
        for holding in session.scalars(found.execution_options(populate_existing=True))
    ]


def among(known: list[Held], holding: Holding) -> Held:
    found = next((held for held in known if held.id == holding.id), None)
    if found is None:
        raise NotFound("Somebody has taken this naming back just now.")
    return found


def write(session: Session, holding: Holding, role: HoldingRole) -> None:
    """Flush what was changed, then the new row: the database must see the old holding closed."""
    try:
        with session.begin_nested():
            session.flush()
            session.add(holding)
            session.flush()
    except IntegrityError as error:
        if "ex_holding_one_" not in str(error.orig):
            raise
        raise rules.SeatTaken(
            f"Someone else named a {role} for that time just now. Look at the seat again.",
            field="starts_on",
        ) from None


def note(session: Session, act: str, holding: Holding, *, by: Actor, now: datetime) -> None:
    """With the role that the act was about: not every act changes it."""
    journal.note(
        session,
        act,
        kind="holding",
        record_id=holding.id,
        parent=("seat", holding.seat_id),
        changes={"role": (None, holding.role)},
        by=by,
        now=now,
    )
