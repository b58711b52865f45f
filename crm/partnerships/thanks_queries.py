"""Reads of letters of thanks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.kit.errors import NotFound
from crm.partnerships.models import Contribution, ThanksLetter


def of_contribution(session: Session, contribution_id: int) -> Sequence[ThanksLetter]:
    """Those that wait or went out, the latest first."""
    found = select(ThanksLetter).where(
        ThanksLetter.contribution_id == contribution_id, ThanksLetter.dropped_at.is_(None)
    )
    return session.scalars(found.order_by(ThanksLetter.id.desc())).all()


def get(session: Session, letter_id: int) -> ThanksLetter:
    """With its contribution, and that one's company, contact and facility. Raises `NotFound`."""
    of = joinedload(ThanksLetter.contribution)
    found = session.get(
        ThanksLetter,
        letter_id,
        options=[
            of.joinedload(Contribution.company),
            of.joinedload(Contribution.contact),
            of.joinedload(Contribution.facility),
        ],
    )
    if found is None:
        raise NotFound("There is no such letter.")
    return found
