"""Half-open spans of calendar days, and the arithmetic of anniversaries."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Period:
    """From `starts_on` up to, not including, `ends_before` (None: open); never empty."""

    starts_on: date
    ends_before: date | None = None

    def __post_init__(self) -> None:
        if self.ends_before is not None and self.ends_before <= self.starts_on:
            raise ValueError("A period has to end after the day it starts.")

    def __contains__(self, day: date) -> bool:
        return runs(self.starts_on, self.ends_before, on=day)

    @property
    def last_day(self) -> date | None:
        return None if self.ends_before is None else self.ends_before - timedelta(days=1)

    def overlaps(self, other: Period) -> bool:
        return (other.ends_before is None or self.starts_on < other.ends_before) and (
            self.ends_before is None or other.starts_on < self.ends_before
        )

    def without(self, gaps: Iterable[Period]) -> list[Period]:
        """What is left of it beside the gaps, in order."""
        left, day = [], self.starts_on
        for gap in sorted(filter(self.overlaps, gaps), key=lambda gap: gap.starts_on):
            if gap.starts_on > day:
                left.append(Period(day, gap.starts_on))
            if gap.ends_before is None:
                return left
            day = max(day, gap.ends_before)
        if self.ends_before is None or day < self.ends_before:
            left.append(Period(day, self.ends_before))
        return left


def runs(starts_on: date | None, ends_before: date | None, *, on: date) -> bool:
    """Whether what has these days runs on a day. Without a first day it has done so ever since;
    what ends on the day it began never did. `days.runs_on` is its SQL twin."""
    return (starts_on is None or starts_on <= on) and (ends_before is None or on < ends_before)


def anniversary(anchor: date, years: int) -> date:
    """The day `years` after the anchor; 29 February becomes 1 March in a common year.

    Raises `ValueError` when that lies beyond the calendar.
    """
    try:
        return anchor.replace(year=anchor.year + years)
    except ValueError:
        if (anchor.month, anchor.day) != (2, 29):
            raise
        return date(anchor.year + years, 3, 1)


def year_up_to(last_day: date) -> Period:
    """The twelve months that end with a day."""
    before = last_day + timedelta(days=1)
    return Period(anniversary(before, -1), before)


def months_after(anchor: date, months: int) -> date:
    """The day `months` after the anchor, clipped to the month's end; always count from the anchor.

    Stepping month by month would turn 31 January into the 28th for good.
    """
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    month += 1
    if anchor.day <= 28:
        return date(year, month, anchor.day)
    return date(year, month, min(anchor.day, monthrange(year, month)[1]))


def in_words(day: date) -> str:
    """`October 1, 2027`: for messages, letters and papers; pages format days themselves."""
    return f"{day:%B} {day.day}, {day.year}"
