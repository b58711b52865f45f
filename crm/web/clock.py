"""The only room that looks at the clock. The programme's day is `programme.today()`."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
