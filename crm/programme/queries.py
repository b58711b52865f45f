"""Reading what the programme's file said when it was last loaded."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.errors import NotFound
from crm.programme.models import Challenge, Programme


def get(session: Session) -> Programme:
    """The programme this installation serves."""
    programme = session.scalars(select(Programme)).first()
    if programme is None:
        raise NotFound("No programme is loaded yet: run `flask programme load`.")
    return programme


def every_challenge(session: Session) -> list[tuple[int, str, bool]]:
    """Id, name, and whether one can choose it today: retired ones, too, by number."""
    wanted = select(Challenge.id, Challenge.name, Challenge.retired_on)
    found = session.execute(wanted.order_by(Challenge.number, Challenge.id))
    return [(id_, name, retired_on is None) for id_, name, retired_on in found]


def find_challenge(session: Session, key: str) -> Challenge:
    """Raises `NotFound`."""
    found = session.scalars(select(Challenge).where(Challenge.key == key)).one_or_none()
    if found is None:
        raise NotFound("There is no such challenge.")
    return found


def challenges(session: Session) -> Sequence[Challenge]:
    """Those one can choose today, by number."""
    wanted = select(Challenge).where(Challenge.retired_on.is_(None))
    return session.scalars(wanted.order_by(Challenge.number, Challenge.id)).all()
