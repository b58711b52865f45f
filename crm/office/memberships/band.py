"""All terms of a company on one time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Protocol

from crm.kit.periods import Period
from crm.memberships.rules import Status, spans_of
from crm.web.filters import day as shown

A_DAY = timedelta(days=1)
MOST_YEARS = 12
MOST_LABELS = 6


class Drawn(Protocol):
    """A term as it is drawn: up to where it stopped, or will stop, occupying its company."""

    @property
    def tier(self) -> str: ...
    @property
    def starts_on(self) -> date: ...
    @property
    def occupied_before(self) -> date: ...
    @property
    def interruptions(self) -> Sequence[Period]: ...
    @property
    def status(self) -> Status: ...


@dataclass(frozen=True)
class Band:
    """All the company's terms over the years: percentages of the span shown. `gaps` in words."""

    row: tuple[str, str, list[tuple[float, float, str, str]]]
    years: list[str]
    today: float | None
    gaps: list[str]


def band(label: str, url: str, terms: Sequence[Drawn], today: date) -> Band | None:
    """Gaps stay visible; whole calendar years, at most twelve of them. None: nothing to draw."""
    drawn = sorted(
        (
            term
            for term in terms
            if term.status is not Status.WITHDRAWN and term.starts_on < term.occupied_before
        ),
        key=lambda term: term.starts_on,
    )
    if not drawn:
        return None
    last = max(_last_day(term) for term in drawn).year
    first = max(drawn[0].starts_on.year, last - MOST_YEARS + 1)
    begin, end = date(first, 1, 1), date(last + 1, 1, 1)
    days = (end - begin).days

    def at(day: date) -> float:
        return round(100 * min(max((day - begin).days, 0), days) / days, 2)

    spans = [
        (
            at(span.starts_on),
            round(at(span.last_day + A_DAY) - at(span.starts_on), 2),
            term.status.value,
            f"{term.tier}: {shown(span.starts_on)} to {shown(span.last_day)}, {term.status}",
        )
        for term in drawn
        for span in _spans(term)
    ]
    now = at(today) if today in Period(begin, end) else None
    step = -(-(last - first + 1) // MOST_LABELS)
    years = [str(year) if (year - first) % step == 0 else "" for year in range(first, last + 1)]
    return Band((label, url, spans), years, now, _gaps(drawn))


def _last_day(term: Drawn) -> date:
    return term.occupied_before - A_DAY


@dataclass(frozen=True)
class _Span:
    starts_on: date
    last_day: date


def _spans(term: Drawn) -> list[_Span]:
    """The days of a term without those for which it was terminated, until it was reinstated."""
    return [
        _Span(span.starts_on, span.last_day)
        for span in spans_of(term.starts_on, term.occupied_before, term.interruptions)
        if span.last_day is not None
    ]


def _gaps(drawn: Sequence[Drawn]) -> list[str]:
    spans = [span for term in drawn for span in _spans(term)]
    return [
        f"No membership from {shown(before.last_day + A_DAY)} to {shown(after.starts_on - A_DAY)}."
        for before, after in pairwise(spans)
        if before.last_day + A_DAY < after.starts_on
    ]
