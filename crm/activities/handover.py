"""The open tasks of somebody who leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from crm.activities.models import Task
from crm.journal.bulk import set_column
from crm.kit.actors import Actor


def open_tasks(session: Session, user_id: int) -> int:
    """How many this user has yet to do."""
    return session.scalar(select(func.count()).select_from(Task).where(_open(user_id))) or 0


def hand_over(session: Session, user_id: int, to: int, *, by: Actor, now: datetime) -> int:
    """Give them all to another user; what is done stays with who did it."""
    return set_column(
        session,
        Task.owner_id,
        to,
        where=_open(user_id),
        parent=("company", Task.company_id),
        by=by,
        now=now,
    )


def _open(user_id: int) -> ColumnElement[bool]:
    return and_(Task.owner_id == user_id, Task.done_on.is_(None), Task.dropped_on.is_(None))
