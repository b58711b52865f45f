"""When a membership counts. Pure: dates in, answers out; every end is exclusive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate

from crm.kit.money import Money
from crm.kit.periods import Period, anniversary, months_after

MOST_YEARS = 10


class Status(StrEnum):
    DRAFT = "draft"
    AWAITING_SIGNATURE = "awaiting signature"
    WITHDRAWN = "withdrawn"
    UPCOMING = "upcoming"
    ACTIVE = "active"
    GRACE = "grace"
    LAPSED = "lapsed"
    TERMINATED = "terminated"


#: The statuses that count in every member total and carry seats and places.
IN_FORCE = frozenset({Status.ACTIVE, Status.GRACE})
#: Not signed by both sides: may still be changed or withdrawn.
UNSIGNED = frozenset({Status.DRAFT, Status.AWAITING_SIGNATURE})
#: Signed and not over: the terms a company has or will have.
STANDING = IN_FORCE | {Status.UPCOMING}
#: Nothing more happens to these.
OVER = frozenset({Status.WITHDRAWN, Status.LAPSED, Status.TERMINATED})


class SeatEntitlement(StrEnum):
    """What a tier gives its company on the council."""

    OWN = "own"
    SHARED = "shared"
    OBSERVER = "observer"
    NONE = "none"


class DuesFrequency(StrEnum):
    YEARLY = "yearly"
    HALF_YEARLY = "half-yearly"
    QUARTERLY = "quarterly"
    IN_ADVANCE = "in-advance"
    BY_HAND = "by-hand"

    @property
    def a_year(self) -> int | None:
        """Instalments a membership year; None when no number of them makes one up: the whole
        term is paid at its start, or each instalment was agreed by itself."""
        return _INSTALMENTS_A_YEAR.get(self)


_INSTALMENTS_A_YEAR = {
    DuesFrequency.YEARLY: 1,
    DuesFrequency.HALF_YEARLY: 2,
    DuesFrequency.QUARTERLY: 4,
}


def status_on(
    day: date,
    *,
    term: Period,
    released_on: date | None = None,
    executed_on: date | None = None,
    withdrawn_on: date | None = None,
    terminated_on: date | None = None,
    interruptions: Iterable[Period] = (),
    succeeded_on: date | None = None,
    grace_days: int = 0,
) -> Status:
    """The standing of a membership on a day: acts first, then dates.

    `term` runs to its end with extensions. `interruptions`: from a termination to the
    reinstatement that took it back. Until both sides have signed it counts nowhere, even if the
    term has begun. After its end it keeps its rights for `grace_days`, or until the company's next
    term takes over (`succeeded_on`), so that a company never has two memberships in force.
    """
    if withdrawn_on is not None and day >= withdrawn_on:
        return Status.WITHDRAWN
    if executed_on is None or day < executed_on:
        released = released_on is not None and day >= released_on
        return Status.AWAITING_SIGNATURE if released else Status.DRAFT
    if terminated_on is not None and day >= terminated_on:
        return Status.TERMINATED
    if any(day in interruption for interruption in interruptions):
        return Status.TERMINATED
    if day < term.starts_on:
        return Status.UPCOMING
    if day in term:
        return Status.ACTIVE
    return (
        Status.GRACE if day < grace_ends_before(term, grace_days, succeeded_on) else Status.LAPSED
    )


def grace_ends_before(term: Period, grace_days: int, succeeded_on: date | None = None) -> date:
    """The first day without rights; the day the term ends itself when there is no grace."""
    end = _end(term)
    after_grace = end + timedelta(days=grace_days)
    return after_grace if succeeded_on is None else max(end, min(after_grace, succeeded_on))


def executed_on(company_signed_on: date | None, programme_signed_on: date | None) -> date | None:
    """The day the agreement was fully executed: the later signature; None while one is missing."""
    if company_signed_on is None or programme_signed_on is None:
        return None
    return max(company_signed_on, programme_signed_on)


def term_of(starts_on: date, years: int) -> Period:
    """The term of so many membership years. Raises `ValueError` outside one to ten years."""
    if not 1 <= years <= MOST_YEARS:
        raise ValueError(f"A term has between 1 and {MOST_YEARS} years.")
    return Period(starts_on, anniversary(starts_on, years))


def extended(term: Period, days: int) -> Period:
    """The term with so many days more. Its membership years stay: the last one is longer."""
    return Period(term.starts_on, _end(term) + timedelta(days=days))


def occupied_before(term: Period, terminated_on: date | None = None) -> date:
    """Where the company is free for another term: the end, or the earlier termination day."""
    end = _end(term)
    return end if terminated_on is None else max(term.starts_on, min(end, terminated_on))


def tiers_in(
    days: Period, tier: int, amended: Sequence[tuple[date, int]] = ()
) -> list[tuple[int, Period]]:
    """The tiers of a term in these days, and from when to when; `amended` in the order in which
    it takes effect. Of two amendments of one day the later act counts.
    """
    end = _end(days)
    turns = [(max(day, days.starts_on), to) for day, to in [(date.min, tier), *amended]]
    untils = [*(day for day, _ in turns[1:]), end]
    return [
        (to, Period(day, min(until, end)))
        for (day, to), until in zip(turns, untils, strict=True)
        if day < min(until, end)
    ]


def most_at_once(stays: Iterable[Period], days: Period) -> int:
    """How many of these stays meet on the busiest of the days."""
    moves = [
        move
        for stay in stays
        if stay.overlaps(days)
        for move in ((max(stay.starts_on, days.starts_on), 1), (_end(stay), -1))
    ]
    # Sorted, who leaves on a day goes before who comes.
    return max(accumulate(step for _, step in sorted(moves)), default=0)


def membership_year_on(day: date, term: Period) -> int | None:
    """Which year of the term as signed a day falls in, from 1; None outside the term."""
    if day not in term:
        return None
    year = day.year - term.starts_on.year
    begun = year + 1 if months_after(term.starts_on, 12 * year) <= day else year
    return min(begun, years_of(term))


def membership_year(term: Period, year: int) -> Period:
    """The days of a membership year of the term as signed, counting from 1.

    A year begins on the due day of its first instalment, so many months after the start; the last
    one ends with the term. So it is the last year of a term from 29 February that has one day more.
    """
    until = _end(term) if year == years_of(term) else months_after(term.starts_on, 12 * year)
    return Period(months_after(term.starts_on, 12 * (year - 1)), until)


def year_on(day: date, term: Period) -> int:
    """Which membership year counts on a day: before the term its first, after it its last."""
    year = membership_year_on(day, term)
    if year is not None:
        return year
    return 1 if day < term.starts_on else years_of(term)


def years_of(term: Period) -> int:
    """How many membership years a term has, as signed."""
    last_day = term.last_day
    assert last_day is not None  # a membership's term always ends
    year = last_day.year - term.starts_on.year
    return year + 1 if anniversary(term.starts_on, year) <= last_day else year


def spans_of(
    starts_on: date, occupied_before: date, interruptions: Iterable[Period] = ()
) -> list[Period]:
    """The days for which a signed term made its company a member, without those of grace.

    None where it was terminated before it began.
    """
    if occupied_before <= starts_on:
        return []
    return Period(starts_on, occupied_before).without(interruptions)


def member_since(spans: Iterable[Period], day: date) -> date | None:
    """Where the unbroken run of membership begun by a day starts; a gap of one day breaks it.

    The spans are those of all terms that both sides signed.
    """
    since: date | None = None
    reached: date | None = None
    for span in sorted(spans, key=lambda span: span.starts_on):
        if span.starts_on > day:
            break
        if reached is None or span.starts_on > reached:
            since = span.starts_on
        reached = _end(span)
    return since


@dataclass(frozen=True, kw_only=True)
class FeeChange:
    """From this day on a membership year costs so much."""

    from_on: date
    fee: Money


def fees_by_year(
    starts_on: date, agreed: Sequence[Money], changes: Sequence[FeeChange] = ()
) -> list[Money]:
    """What each membership year costs: as agreed, or as changed later.

    A year in which the fee changes costs each fee by its days, rounded half up to the minor
    unit. What was changed holds for all later years.
    """
    found = []
    term = Period(starts_on, anniversary(starts_on, len(agreed)))
    for place, fee in enumerate(agreed, start=1):
        found.append(_fee_of(membership_year(term, place), fee, changes))
    return found


def fee_on(day: date, agreed: Money, changes: Sequence[FeeChange]) -> Money:
    """The fee a year that holds on a day; of two changes of one day the later act counts."""
    fee = agreed
    for change in sorted(changes, key=lambda change: change.from_on):
        if change.from_on <= day:
            fee = change.fee
    return fee


def running_fee(
    day: date, term: Period, agreed: Sequence[Money], changes: Sequence[FeeChange]
) -> Money:
    """The fee a year that holds on a day: of the year it counts in, or as changed by then.

    `agreed`: one for each membership year.
    """
    return fee_on(day, agreed[year_on(day, term) - 1], changes)


def _fee_of(year: Period, agreed: Money, changes: Sequence[FeeChange]) -> Money:
    end = _end(year)
    edges = sorted({change.from_on for change in changes if change.from_on in year})
    edges = sorted({year.starts_on, *edges})
    total = (end - year.starts_on).days
    weighted = sum(
        fee_on(edge, agreed, changes).minor * (until - edge).days
        for edge, until in zip(edges, [*edges[1:], end], strict=True)
    )
    return Money((2 * weighted + total) // (2 * total), agreed.currency)


def next_start(previous: Period, grace_days: int, today: date) -> date:
    """Where a renewal begins: at the old end while in time or in grace, else anew today."""
    return _end(previous) if today < grace_ends_before(previous, grace_days) else today


def _end(term: Period) -> date:
    if term.ends_before is None:
        raise ValueError("A membership's term has an end.")
    return term.ends_before
