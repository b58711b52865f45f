"""Rows of the search as board and table draw them: what stands where, as text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from crm.kit.money import Money
from crm.pipeline.queries import ModeStages
from crm.pipeline.rules import days_in_stage, parked_on, stalled_on
from crm.pipeline.search import PipelineSearch, StageTotal, Steps
from crm.web.filters import day, money
from crm.web.here import here, initials

Column = tuple[int, str, int, str, str, str, list[tuple[Any, ...]], str]


def columns(
    mode: ModeStages,
    totals: Sequence[StageTotal],
    cards: Iterable[Row[Any]],
    steps: Mapping[int, Steps],
    search: PipelineSearch,
) -> list[Column]:
    by_stage: dict[int, list[StageTotal]] = defaultdict(list)
    for total in totals:
        by_stage[total.stage_id].append(total)
    shown: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in cards:
        shown[row.stage_id].append(_card(row, steps.get(row.id), search))
    found: list[Column] = []
    for stage in mode.stages:
        there = by_stage[stage.id]
        count = sum(total.count for total in there)
        more = ""
        if count > len(shown[stage.id]):
            more = here(display="table", mode=mode.key, stage=stage.id)
        found.append(
            (
                stage.id,
                stage.name,
                stage.probability,
                f"{count:,}",
                sums((total.currency, total.value_minor) for total in there),
                sums((total.currency, total.weighted_minor) for total in there),
                shown[stage.id],
                more,
            )
        )
    return found


def sums(parts: Iterable[tuple[str, int]]) -> str:
    """One sum for each currency, side by side: they are never added up. Nothing is empty."""
    by_currency: dict[str, int] = defaultdict(int)
    for currency, minor in parts:
        by_currency[currency] += minor
    return " · ".join(
        money(Money(minor, currency)) for currency, minor in sorted(by_currency.items()) if minor
    )


@dataclass(frozen=True, kw_only=True)
class Line:
    """An opportunity as a row of the table."""

    id: int
    company: str
    mode: str
    stage: str
    marks: tuple[tuple[str, str], ...]
    """Kind and text of each marker."""
    value: str
    weighted: str
    owner: str
    step: str
    step_on: str
    days: str
    expected_on: str


def line(row: Row[Any], search: PipelineSearch, steps: Steps | None, *, reasons: bool) -> Line:
    """`reasons`: whether the viewer may know why something was lost."""
    ended = row.won_on is not None or row.lost_on is not None
    return Line(
        id=row.id,
        company=row.company,
        mode=row.mode,
        stage=row.stage,
        marks=tuple(_marks(row, search, steps, reasons=reasons)),
        value=_amount(row.value_minor, row.currency),
        weighted="" if ended else _amount(row.weighted_minor or None, row.currency),
        owner=row.owner or "",
        step=steps.title if steps else "",
        step_on=day(steps.due_on) if steps else "",
        days="" if ended else str(days_in_stage(search.today, row.stage_since)),
        expected_on=day(row.expected_on),
    )


def _card(row: Sequence[Any], steps: Steps | None, search: PipelineSearch) -> tuple[Any, ...]:
    """There are 120 on a board: its cells are read by place, which is quicker than by name."""
    id_, company, minor, currency, owner, since, parked_until, touched_on, _ = row
    said_stalled = said_parked = ""
    if parked_on(search.today, parked_until):
        said_parked = _parked(parked_until)
    elif _is_stalled(search, since, touched_on, steps):
        said_stalled = _stalled(days_in_stage(search.today, since))
    return (
        id_,
        company,
        _amount(minor, currency),
        initials(owner or ""),
        owner or "",
        steps.title if steps else "",
        day(steps.due_on) if steps else "",
        said_stalled,
        said_parked,
    )


def _marks(
    row: Row[Any], search: PipelineSearch, steps: Steps | None, *, reasons: bool
) -> Iterator[tuple[str, str]]:
    if row.won_on is not None:
        yield "won", f"Won {day(row.won_on)}"
    elif row.lost_on is not None:
        why = f": {row.lost_reason}" if reasons else ""
        yield "lost", f"Lost {day(row.lost_on)}{why}"
    elif parked_on(search.today, row.parked_until):
        yield "parked", _parked(row.parked_until)
    elif _is_stalled(search, row.stage_since, row.touched_on, steps):
        yield "stalled", _stalled(days_in_stage(search.today, row.stage_since))


def _is_stalled(
    search: PipelineSearch, since: date, touched_on: date | None, steps: Steps | None
) -> bool:
    """Of one that is open and not parked."""
    return stalled_on(
        search.today,
        stage_since=since,
        last_touch_on=touched_on,
        last_step_on=steps.last_on if steps else None,
        parked_until=None,
        stalled_after_days=search.stalled_after,
    )


def _parked(until: date) -> str:
    return f"Parked until {day(until)}"


def _stalled(days: int) -> str:
    return f"Stalled, {days} days here"


@lru_cache(maxsize=4096)
def _amount(minor: int | None, currency: str) -> str:
    return "" if minor is None else money(Money(minor, currency))
