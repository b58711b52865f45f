"""When a company's champion is at risk, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from crm.kit.periods import Period

MISSED = 2
"""So many meetings in a row, and somebody should ask."""
VACANT = timedelta(days=30)


class Risk(StrEnum):
    LEFT = "has left the company"
    BOUNCED = "letters to them come back"
    MISSED = "missed the last meetings"
    VACANT = "vacant for more than 30 days"


def risks(
    day: date, *, left: bool, bounced: bool, missed: int, vacant_since: date | None
) -> tuple[Risk, ...]:
    """Why to act, the gravest first. `left`, `bounced` and `missed` are of who holds the seat."""
    found = (
        (Risk.LEFT, left),
        (Risk.BOUNCED, bounced and not left),
        (Risk.MISSED, missed >= MISSED and not left),
        (Risk.VACANT, vacant_since is not None and day - vacant_since > VACANT),
    )
    return tuple(risk for risk, holds in found if holds)


def vacant_since(day: date, stands_since: date, spoken: Iterable[Period]) -> date | None:
    """The first day from which on nobody has spoken for the seat; None if somebody does on `day`.

    `spoken`: when somebody held it and belonged to its company, in any order.
    """
    since = stands_since
    for period in spoken:
        if day in period:
            return None
        if period.ends_before is not None and period.ends_before <= day:
            since = max(since, period.ends_before)
    return min(since, day)


def together(one: Period, other: Period) -> Period | None:
    """The days that both have."""
    starts_on = max(one.starts_on, other.starts_on)
    ends = [end for end in (one.ends_before, other.ends_before) if end is not None]
    ends_before = min(ends, default=None)
    if ends_before is not None and ends_before <= starts_on:
        return None
    return Period(starts_on, ends_before)
