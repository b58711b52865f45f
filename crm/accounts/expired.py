"""What was good for a while only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from crm.accounts.models import AccountToken, RateCount, UserSession


def clear(session: Session, *, now: datetime) -> None:
    """Drop sessions, links and counts that have run out; none of them is journalled."""
    for kind in (UserSession, AccountToken, RateCount):
        session.execute(delete(kind).where(kind.expires_at < now))
