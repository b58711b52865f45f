"""What a membership year entitles to, and what is left of it. Pure; every end is exclusive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.kit.periods import Period
from crm.memberships import rules

UNLIMITED = None
"""How many a year of what is given as often as it is asked for."""


class UsedBy(StrEnum):
    """Which records use a benefit."""

    RECORD = "record"
    TRAINING_SEATS = "training-seats"
    COURSE_PLACES = "course-places"
    RECRUITING_EVENTS = "recruiting-events"
    STUDENT_PROJECTS = "student-projects"


@dataclass(frozen=True, kw_only=True)
class BenefitYear:
    """A membership year, and the days whose uses count in it.

    A year runs from one anniversary of the term's start to the day before the next. The days of
    an extension, and after it those of grace, belong to the last year and bring nothing more.
    """

    number: int
    days: Period
    """As people are told it: with an extension, without grace, to the day of a termination."""
    counted_before: date
    interruptions: tuple[Period, ...] = ()

    def __contains__(self, day: date) -> bool:
        return self.days.starts_on <= day < self.counted_before and not any(
            day in stop for stop in self.interruptions
        )


@dataclass(frozen=True, kw_only=True)
class Promise:
    """How many a year of each benefit, by its id, from a day of the term on."""

    from_on: date
    a_year: Mapping[int, int | None]


@dataclass(frozen=True, kw_only=True)
class Otherwise:
    """How many a year of one benefit, from a membership year on, whatever the tier gives."""

    from_year: int
    a_year: int | None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """`entitled` None: without limit. `ahead`: dated after the day that was asked for."""

    entitled: int | None
    used: int
    ahead: int

    @property
    def left(self) -> int | None:
        """None: as many as are asked for."""
        if self.entitled is None:
            return None
        return max(0, self.entitled - self.used - self.ahead)

    @property
    def is_unused(self) -> bool:
        """Given, and neither used nor kept ahead."""
        return self.entitled != 0 and self.used + self.ahead == 0

    @property
    def over(self) -> int:
        return 0 if self.entitled is None else max(0, self.used + self.ahead - self.entitled)


def benefit_years(
    term: Period,
    *,
    runs_before: date,
    terminated_on: date | None = None,
    interruptions: Sequence[Period] = (),
    grace_days: int = 0,
    succeeded_on: date | None = None,
) -> list[BenefitYear]:
    """The membership years of a signed term, in order; none of one terminated before it began.

    `succeeded_on`: where the company's next signed term starts, which takes the days of grace
    over. A termination cuts the year it falls in: what the year gave is not cut with it.
    """
    running = Period(term.starts_on, runs_before)
    over = rules.grace_ends_before(running, grace_days, succeeded_on)
    if terminated_on is not None:
        over = min(over, terminated_on)
    found = []
    for number in range(1, rules.years_of(term) + 1):
        days = rules.membership_year(term, number)
        assert days.ends_before is not None  # a membership's term always ends
        if days.starts_on >= over:
            break
        last = number == rules.years_of(term)
        ends_before = runs_before if last else days.ends_before
        found.append(
            BenefitYear(
                number=number,
                days=Period(days.starts_on, min(ends_before, over)),
                counted_before=over if last else min(days.ends_before, over),
                interruptions=tuple(interruptions),
            )
        )
    return found


def entitled(
    year: BenefitYear,
    promises: Sequence[Promise],
    benefit_id: int,
    day: date,
    otherwise: Sequence[Otherwise] = (),
) -> int | None:
    """How many the year gives, as it stands on a day. None: without limit.

    Where the tier was amended within the year, the best that was promised on one of its days up to
    then holds for the whole of it: nothing is counted pro rata, and nothing is taken away.
    `promises` in the order in which they take effect, the first from the start of the term;
    `otherwise` in the order in which it was agreed on this benefit: the last word counts.
    """
    agreed = [word for word in otherwise if word.from_year <= year.number]
    if agreed:
        return agreed[-1].a_year
    until = min(max(day, year.days.starts_on) + timedelta(days=1), year.counted_before)
    amended = [(promise.from_on, place) for place, promise in enumerate(promises[1:], 1)]
    holding = rules.tiers_in(Period(year.days.starts_on, until), 0, amended)
    numbers = [promises[place].a_year.get(benefit_id, 0) for place, _ in holding if promises]
    return UNLIMITED if UNLIMITED in numbers else max(filter(None, numbers), default=0)


def tally(entitled: int | None, uses: Iterable[tuple[date, int]], day: date) -> Tally:
    """`uses`: the days of the year on which some were used or will be, and how many."""
    used = ahead = 0
    for on, number in uses:
        if on <= day:
            used += number
        else:
            ahead += number
    return Tally(entitled=entitled, used=used, ahead=ahead)
