"""Words of the pipeline that need no database."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Channel(StrEnum):
    """How an inquiry reached us."""

    JOIN = "interest form"
    CONTACT = "contact form"
    BY_HAND = "by hand"


class Outcome(StrEnum):
    """What triage made of an inquiry. Spam is filed, never dropped."""

    ACCEPTED = "accepted"
    ATTACHED = "attached"
    ANSWERED = "answered"
    SPAM = "spam"


class Move(StrEnum):
    """What happened to an opportunity's stage."""

    OPENED = "opened"
    MOVED = "moved"
    PARKED = "parked"
    UNPARKED = "unparked"
    WON = "won"
    LOST = "lost"
    REOPENED = "reopened"


#: After these an opportunity is over, until it is reopened.
ENDS = frozenset({Move.WON, Move.LOST})


def weighted(minor: int | None, probability: int, *, parked: bool = False) -> int:
    """What a value counts for at a stage's chance, in minor units; parked counts for nothing.

    Rounded to the nearest minor unit, a half up, for each opportunity by itself: a column's
    weighted total is the sum of what its cards say.
    """
    if minor is None or parked:
        return 0
    return (minor * probability + 50) // 100


def parked_on(day: date, parked_until: date | None) -> bool:
    """On the day it is parked until, it is back."""
    return parked_until is not None and day < parked_until


def days_in_stage(day: date, stage_since: date) -> int:
    return max(0, (day - stage_since).days)


def stalled_on(
    day: date,
    *,
    stage_since: date,
    last_touch_on: date | None,
    last_step_on: date | None,
    parked_until: date | None,
    stalled_after_days: int,
) -> bool:
    """Whether nothing happened for more than so many days, and nothing is going to.

    What counts: a move, a contact with the company, an open next step due on the day or later
    (`last_step_on` is the latest one). A parked one never stalls before it is back.
    """
    if parked_on(day, parked_until):
        return False
    if last_step_on is not None and last_step_on >= day:
        return False
    last = stage_since if last_touch_on is None else max(stage_since, last_touch_on)
    return (day - last).days > stalled_after_days
