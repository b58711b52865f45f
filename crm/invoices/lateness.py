"""How late something is, and what is done about it. Pure: days in, answers out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Age(StrEnum):
    """How long what is owed has been late. The value stands in the address bar."""

    NOT_DUE = "not-due"
    TO_30 = "1-30"
    TO_60 = "31-60"
    TO_90 = "61-90"
    OVER_90 = "over-90"

    @property
    def words(self) -> str:
        return _AGE_WORDS[self]


_AGE_WORDS = {
    Age.NOT_DUE: "Not yet due",
    Age.TO_30: "1–30 days",
    Age.TO_60: "31–60 days",
    Age.TO_90: "61–90 days",
    Age.OVER_90: "Over 90 days",
}
#: Everything that should have been paid by now.
OVERDUE = (Age.TO_30, Age.TO_60, Age.TO_90, Age.OVER_90)
#: The most days late of each age.
AGE_ENDS = ((Age.NOT_DUE, 0), (Age.TO_30, 30), (Age.TO_60, 60), (Age.TO_90, 90))


def days_late(day: date, due_on: date) -> int:
    """On the due day itself nothing is late yet: 0, as on every day before."""
    return max(0, (day - due_on).days)


def age_on(day: date, due_on: date) -> Age:
    late = days_late(day, due_on)
    return next((age for age, end in AGE_ENDS if late <= end), Age.OVER_90)


@dataclass(frozen=True)
class Step:
    """The next rung of the ladder of reminders, and the day from which it may be taken."""

    number: int
    ready_on: date


def next_step(
    due_on: date, ladder: Sequence[int], *, last: int = 0, last_on: date | None = None
) -> Step | None:
    """What follows on the last reminder of an invoice; None when the ladder has no more.

    `ladder` holds the days late of each step. No step is left out: where reminders began late, the
    next one waits as long after the one before as the ladder has between the two.
    """
    if last >= len(ladder):
        return None
    ready_on = due_on + timedelta(days=ladder[last])
    if last and last_on is not None:
        ready_on = max(ready_on, last_on + timedelta(days=ladder[last] - ladder[last - 1]))
    return Step(last + 1, ready_on)


class Tone(StrEnum):
    """How a reminder speaks: the first is friendly, the last one of several is final."""

    FRIENDLY = "friendly"
    FIRM = "firm"
    FINAL = "final"


def tone_of(step: int, steps: int) -> Tone:
    if step == 1:
        return Tone.FRIENDLY
    return Tone.FINAL if step >= steps else Tone.FIRM
