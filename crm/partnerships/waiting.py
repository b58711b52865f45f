"""Letters of thanks that wait for somebody to release them, across all contributions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.partnerships.models import Contribution, ThanksLetter


def letters(session: Session, *, most: int) -> Sequence[ThanksLetter]:
    """The oldest first, each with its contribution and company. One SELECT."""
    found = select(ThanksLetter).where(
        ThanksLetter.released_at.is_(None), ThanksLetter.dropped_at.is_(None)
    )
    of = joinedload(ThanksLetter.contribution)
    return session.scalars(
        found.options(of.joinedload(Contribution.company)).order_by(ThanksLetter.id).limit(most)
    ).all()
