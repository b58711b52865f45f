from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from crm.pipeline.rules import days_in_stage, parked_on, stalled_on, weighted

DAY = date(2026, 6, 15)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(st.integers(0, 10**15), st.integers(0, 100))
def test_a_weighted_value_is_the_nearest_whole_minor_unit(minor, probability):
    exact = Fraction(minor * probability, 100)
    assert abs(weighted(minor, probability) - exact) <= Fraction(1, 2)
    assert 0 <= weighted(minor, probability) <= minor
    assert weighted(minor, probability, parked=True) == 0


def test_a_half_goes_up_and_nothing_counts_for_nothing():
    assert weighted(1, 50) == 1
    assert weighted(None, 95) == 0


@given(days, st.one_of(st.none(), days))
def test_parked_until_a_day_is_back_on_it(day, until):
    assert parked_on(day, until) == (until is not None and day < until)


def test_it_stalls_on_the_day_after_the_last_quiet_one():
    def stalled(quiet, **more):
        facts = {
            "stage_since": DAY - timedelta(days=quiet),
            "last_touch_on": None,
            "last_step_on": None,
            "parked_until": None,
            "stalled_after_days": 30,
        }
        return stalled_on(DAY, **{**facts, **more})

    assert not stalled(30)
    assert stalled(31)
    assert not stalled(90, last_touch_on=DAY - timedelta(days=30))
    assert stalled(90, last_touch_on=DAY - timedelta(days=31))
    assert not stalled(90, last_step_on=DAY)
    assert stalled(90, last_step_on=DAY - timedelta(days=1))
    assert not stalled(90, parked_until=DAY + timedelta(days=1))
    assert stalled(90, parked_until=DAY)


@given(days, days, st.one_of(st.none(), days), st.integers(1, 366))
def test_a_later_contact_never_makes_it_stall(day, since, touched, after):
    def stalled(touch):
        return stalled_on(
            day,
            stage_since=since,
            last_touch_on=touch,
            last_step_on=None,
            parked_until=None,
            stalled_after_days=after,
        )

    if not stalled(None):
        assert not stalled(touched)
    assert stalled(None) == (days_in_stage(day, since) > after)
