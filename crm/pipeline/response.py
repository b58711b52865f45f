"""The response clock: by when an inquiry should have its answer, in working days. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

_SATURDAY = 5
_SOON = timedelta(hours=8)


@dataclass(frozen=True)
class Clock:
    """`text` for people; `state` is fresh, soon, late or done."""

    text: str
    state: str


def due_by(received: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The same time of day, so many working days later; what comes at a weekend counts from Monday.

    Monday to Friday in the programme's zone; holidays are not known here.
    """
    local = received.astimezone(zone)
    if local.weekday() >= _SATURDAY:
        monday = local.date() + timedelta(days=7 - local.weekday())
        local = datetime.combine(monday, time(), zone)
    while days:
        local += timedelta(days=1)
        if local.weekday() < _SATURDAY:
            days -= 1
    return local


def clock(due: datetime, *, now: datetime, ended_at: datetime | None) -> Clock:
    """How long is left, by how much it is late, or how it ended."""
    if ended_at is not None:
        return Clock("in time" if ended_at <= due else f"{_span(ended_at - due)} late", "done")
    if now > due:
        return Clock(f"{_span(now - due)} late", "late")
    return Clock(f"{_span(due - now)} left", "soon" if due - now <= _SOON else "fresh")


def _span(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"
