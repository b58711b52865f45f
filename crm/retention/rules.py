"""Where a term stands on its way to renewal. Pure: dates in, answers out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.kit.periods import anniversary

LOOK_BACK = timedelta(days=730)
"""A term that lapsed longer ago is history."""
AHEAD = (540, 365, 270, 180, 90, 30)
"""Days before the end at which a term moves on to the next column of the board."""


class GoalState(StrEnum):
    OPEN = "open"
    REACHED = "reached"
    GIVEN_UP = "given up"


class ReviewKind(StrEnum):
    ANNUAL = "annual review"
    EXIT = "exit interview"


class Lane(StrEnum):
    """A column of the renewals board; the value stands in the address bar."""

    D540 = "540"
    D365 = "365"
    D270 = "270"
    D180 = "180"
    D90 = "90"
    D30 = "30"
    GRACE = "grace"
    LAPSED = "lapsed"


def is_new(starts_on: date, day: date) -> bool:
    """Whether a member may still be shown around: in the first year of its term, or before."""
    return day < anniversary(starts_on, 1)


def lane_on(day: date, *, ends_before: date, grace_ends_before: date) -> Lane | None:
    """The column of a term without a signed successor; None: too early, or long over.

    A term stands under the last mark it has passed: with 540 to 366 days to go under 540.
    """
    if day >= grace_ends_before:
        return Lane.LAPSED if day < grace_ends_before + LOOK_BACK else None
    if day >= ends_before:
        return Lane.GRACE
    left = (ends_before - day).days
    passed = [mark for mark in AHEAD if left <= mark]
    return Lane(str(passed[-1])) if passed else None


class NoticeKind(StrEnum):
    """To whom: each gets one for a term."""

    CHAMPION = "champion"
    BILLING = "billing"


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """`name` empty: an address of a department."""

    name: str
    email: str


def notice_key(membership_id: int, kind: NoticeKind) -> str:
    """One a term and kind, however often it is pressed."""
    return f"renewal-notice:{membership_id}:{kind.value}"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A signed term that has run out, and where its company's next signed one began."""

    started_on: date
    ended_on: date
    grace_ends_before: date
    next_starts_on: date | None
    fee_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Terms and their fees a year: all that ended, and what came of them."""

    ended: int = 0
    in_time: int = 0
    after_gap: int = 0
    left: int = 0
    open: int = 0
    """Still in grace: nobody knows yet."""

    @property
    def decided(self) -> int:
        return self.ended - self.open

    @property
    def renewal_rate(self) -> int | None:
        """Percent of what is decided that was renewed, in time or after a gap."""
        renewed = self.in_time + self.after_gap
        return round(100 * renewed / self.decided) if self.decided else None

    @property
    def attrition_rate(self) -> int | None:
        rate = self.renewal_rate
        return None if rate is None else 100 - rate


@dataclass(frozen=True, kw_only=True)
class CohortRow:
    """The terms of one year of start, in one currency; `fees` in minor units."""

    year: int
    currency: str
    terms: Outcome
    fees: Outcome


def cohorts(terms: Iterable[Ended], day: date) -> list[CohortRow]:
    """What came of the terms that had ended by a day, by the year they had started in."""
    groups: dict[tuple[int, str], list[Ended]] = {}
    for term in terms:
        if term.ended_on <= day:
            groups.setdefault((term.started_on.year, term.currency), []).append(term)
    return [
        CohortRow(
            year=year,
            currency=currency,
            terms=_outcome([(term, 1) for term in group], day),
            fees=_outcome([(term, term.fee_minor) for term in group], day),
        )
        for (year, currency), group in sorted(groups.items())
    ]


def terms_by_year(rows: Iterable[CohortRow]) -> dict[int, Outcome]:
    """How many terms, whatever they were paid in."""
    found: dict[int, Outcome] = {}
    for row in rows:
        known = found.get(row.year, Outcome())
        found[row.year] = Outcome(
            **{name: count + getattr(row.terms, name) for name, count in asdict(known).items()}
        )
    return found


def _outcome(weighted: Sequence[tuple[Ended, int]], day: date) -> Outcome:
    found = {"in_time": 0, "after_gap": 0, "left": 0, "open": 0}
    for term, weight in weighted:
        found[_fate(term, day)] += weight
    return Outcome(ended=sum(weight for _, weight in weighted), **found)


def _fate(term: Ended, day: date) -> str:
    following = term.next_starts_on
    if following is not None and following <= term.ended_on:
        return "in_time"
    if following is not None:
        return "after_gap"
    return "open" if day < term.grace_ends_before else "left"
