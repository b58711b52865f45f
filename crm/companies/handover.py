"""The companies of somebody who leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.journal.bulk import set_column
from crm.kit.actors import Actor


def owned(session: Session, user_id: int) -> int:
    """How many this user is the relationship manager of."""
    found = select(func.count()).select_from(Company).where(Company.owner_id == user_id)
    return session.scalar(found) or 0


def hand_over(session: Session, user_id: int, to: int, *, by: Actor, now: datetime) -> int:
    """Make another user the relationship manager of all of them."""
    mine = Company.owner_id == user_id
    return set_column(session, Company.owner_id, to, where=mine, by=by, now=now)
