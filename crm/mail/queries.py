from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from crm.mail.models import OutgoingMail


def waiting(now: datetime) -> ColumnElement[bool]:
    """Due, and in nobody's hands."""
    return and_(
        OutgoingMail.sent_at.is_(None),
        OutgoingMail.failed_at.is_(None),
        OutgoingMail.due_at <= now,
        or_(OutgoingMail.leased_until.is_(None), OutgoingMail.leased_until <= now),
    )


def anything_waiting(session: Session, *, now: datetime) -> bool:
    """Whether a postman has something to do: a read, which takes no lock."""
    return session.scalar(select(OutgoingMail.id).where(waiting(now)).limit(1)) is not None
