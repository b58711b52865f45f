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


def challenges(session: Session) -> Sequence[Challenge]:
    """Those one can choose today, by number."""
    wanted = select(Challenge).where(Challenge.retired_on.is_(None))
    return session.scalars(wanted.order_by(Challenge.number, Challenge.id)).all()
