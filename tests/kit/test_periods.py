from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.periods import Period, anniversary, months_after

days = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def test_three_years_from_a_leap_day_end_before_the_first_of_march() -> None:
    assert anniversary(date(2024, 2, 29), 3) == date(2027, 3, 1)
    assert anniversary(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_months_are_counted_from_the_anchor_and_clipped() -> None:
    anchor = date(2025, 1, 31)
    assert [months_after(anchor, k) for k in (1, 2, 3)] == [
        date(2025, 2, 28),
        date(2025, 3, 31),
        date(2025, 4, 30),
    ]
    assert months_after(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert months_after(anchor, -2) == date(2024, 11, 30)


@given(days, st.integers(1, 10))
def test_an_anniversary_is_the_same_day_or_the_first_of_march(anchor: date, years: int) -> None:
    end = anniversary(anchor, years)
    assert end.year == anchor.year + years
    assert (end.month, end.day) == (anchor.month, anchor.day) or (
        (anchor.month, anchor.day) == (2, 29) and (end.month, end.day) == (3, 1)
    )


@given(days, st.integers(-240, 240))
def test_months_after_never_leaves_the_month(anchor: date, months: int) -> None:
    day = months_after(anchor, months)
    assert (day.year * 12 + day.month) - (anchor.year * 12 + anchor.month) == months
    assert day.day == anchor.day or (day.day < anchor.day and (day + timedelta(days=1)).day == 1)


def test_the_calendar_has_an_end() -> None:
    with pytest.raises(ValueError, match="year"):
        anniversary(date(9998, 2, 3), 2)


@pytest.mark.parametrize("length", [0, -1])
def test_a_period_is_never_empty(length: int) -> None:
    start = date(2025, 5, 5)
    with pytest.raises(ValueError, match="after"):
        Period(start, start + timedelta(days=length))


@given(days, st.integers(1, 900), days, st.integers(1, 900))
def test_overlap_means_a_day_in_both(a: date, long: int, b: date, short: int) -> None:
    one = Period(a, a + timedelta(days=long))
    other = Period(b, b + timedelta(days=short))
    shared = (max(a, b)) in one and (max(a, b)) in other
    assert one.overlaps(other) is other.overlaps(one) is shared
    assert one.last_day is not None
    assert one.last_day in one
    assert one.ends_before not in one


def test_an_open_period_has_no_last_day() -> None:
    lasting = Period(date(2025, 1, 1))
    assert lasting.last_day is None
    assert date(2300, 1, 1) in lasting
    assert lasting.overlaps(Period(date(2200, 1, 1)))
    assert not lasting.overlaps(Period(date(2024, 1, 1), date(2025, 1, 1)))


@given(st.integers(1, 60), st.lists(st.tuples(st.integers(-20, 70), st.integers(1, 30))))
def test_what_is_left_beside_gaps_are_the_days_in_none(
    length: int, told: list[tuple[int, int]]
) -> None:
    start = date(2025, 5, 5)
    days = [start + timedelta(days=n) for n in range(-25, 110)]
    whole = Period(start, start + timedelta(days=length))
    gaps = [
        Period(start + timedelta(days=at), start + timedelta(days=at + long)) for at, long in told
    ]
    left = whole.without(gaps)
    kept = [day for span in left for day in days if day in span]
    assert kept == [day for day in days if day in whole and not any(day in gap for gap in gaps)]
    assert Period(start).without(gaps)[-1].ends_before is None
