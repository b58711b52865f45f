"""Taking over bodies, and the seats that have a title, from the programme's file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council.models import Body, Seat
from crm.council.rules import COUNCIL, ELECTED, BodyKind, SeatKind
from crm.kit.reference import sync
from crm.memberships.rules import SeatEntitlement
from crm.programme.rules import ProgrammeFile


def load(session: Session, file: ProgrammeFile, *, now: datetime, today: date) -> None:
    """Working groups stay as they are: they are not the file's."""
    bodies = sync(
        session,
        Body,
        [{"key": body.key, "name": body.name, "kind": BodyKind(body.kind)} for body in file.bodies],
        today=today,
        within=Body.kind != BodyKind.GROUP,
    )
    for body, facts in zip(bodies, file.bodies, strict=True):
        if body.key == COUNCIL:
            shared = any(tier.council == SeatEntitlement.SHARED for tier in file.tiers)
            _seat(session, body, [ELECTED] if shared else [], SeatKind.SHARED, now, today)
        else:
            titles = [f"Seat {number}" for number in range(1, facts.seats + 1)]
            _seat(session, body, titles, SeatKind.OWN, now, today)


def _seat(
    session: Session,
    body: Body,
    titles: Sequence[str],
    kind: SeatKind,
    now: datetime,
    today: date,
) -> None:
    """Give the body the seats of these titles; one the file no longer has is retired."""
    found = select(Seat).where(Seat.body_id == body.id, Seat.company_id.is_(None))
    known = {seat.title: seat for seat in session.scalars(found)}
    for title in titles:
        seat = known.pop(title, None)
        if seat is None:
            session.add(Seat(body_id=body.id, title=title, kind=kind, created_at=now))
        else:
            seat.retired_on = None
    for seat in known.values():
        seat.retired_on = seat.retired_on or today
    session.flush()
