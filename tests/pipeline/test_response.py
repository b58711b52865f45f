"""The response clock counts working days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from crm.pipeline.response import clock, due_by

ZONE = ZoneInfo("America/New_York")


def local(day: int, hour: int = 0, month: int = 6) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (local(15, 10), local(17, 10)),  # Monday → Wednesday
        (local(18, 16), local(22, 16)),  # Thursday → Monday
        (local(19, 9), local(23, 9)),  # Friday → Tuesday
        (local(20, 9), local(24)),  # Saturday counts from Monday's beginning
        (local(21, 23), local(24)),
        (datetime(2026, 6, 15, 3, tzinfo=UTC), local(17)),  # still Sunday in New York
    ],
)
def test_an_answer_is_due_two_working_days_later(received, due):
    assert due_by(received, 2, ZONE) == due


def test_the_time_of_day_holds_across_a_change_of_the_clocks():
    assert due_by(local(6, 10, month=3), 1, ZONE).hour == 10


@pytest.mark.parametrize(
    ("left", "text", "state"),
    [
        (timedelta(days=2), "2 days left", "fresh"),
        (timedelta(hours=30), "30 h left", "fresh"),
        (timedelta(hours=8), "8 h left", "soon"),
        (timedelta(minutes=5), "5 min left", "soon"),
        (timedelta(0), "0 min left", "soon"),
        (timedelta(minutes=-61), "1 h late", "late"),
    ],
)
def test_the_clock_says_how_long_is_left(left, text, state):
    now = local(15, 12)
    shown = clock(now + left, now=now, ended_at=None)
    assert (shown.text, shown.state) == (text, state)


def test_an_answer_stops_it():
    due = local(15, 12)
    assert clock(due, now=local(20), ended_at=due).text == "in time"
    late = clock(due, now=local(20), ended_at=due + timedelta(hours=3))
    assert (late.text, late.state) == ("3 h late", "done")
