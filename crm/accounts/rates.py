"""Counting what happens within a window: sign-ins that failed, posts from one address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, case, delete, update
from sqlalchemy.dialects import postgresql, sqlite

from crm.accounts.models import RateCount


class Count(NamedTuple):
    times: int
    ends_at: datetime


def count_up(
    connection: Connection, key: str, *, now: datetime, window: timedelta, by: int = 1
) -> Count:
    """One more within the key's window, which begins with the first. One statement, no race."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = insert(RateCount).values(key=key, count=by, expires_at=now + window)
    over = RateCount.expires_at <= now
    counted = new.on_conflict_do_update(
        index_elements=[RateCount.key],
        set_={
            "count": case((over, by), else_=RateCount.count + by),
            "expires_at": case((over, new.excluded.expires_at), else_=RateCount.expires_at),
        },
    ).returning(RateCount.count, RateCount.expires_at)
    return Count(*connection.execute(counted).one())


def count_down(connection: Connection, key: str) -> None:
    """Take one back: it turned out not to count."""
    connection.execute(
        update(RateCount)
        .where(RateCount.key == key, RateCount.count > 0)
        .values(count=RateCount.count - 1)
    )


def forget(connection: Connection, key: str) -> None:
    connection.execute(delete(RateCount).where(RateCount.key == key))
