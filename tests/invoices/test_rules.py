from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.invoices.rules import schedule
from crm.kit.money import Money, plain
from crm.kit.periods import months_after

starts = st.dates(date(2000, 1, 1), date(2100, 12, 31))
fees = st.lists(st.builds(Money, st.integers(0, 10**11), st.just("USD")), min_size=1, max_size=10)
a_years = st.sampled_from([1, 2, 4, None])


def test_the_remainder_of_a_year_goes_to_its_first_instalments() -> None:
    planned = schedule(date(2025, 1, 31), [Money(10_003, "USD")] * 2, a_year=4)
    assert [(i.number, i.due_on.isoformat(), plain(i.amount)) for i in planned] == [
        (1, "2025-01-31", "25.01"),
        (2, "2025-04-30", "25.01"),
        (3, "2025-07-31", "25.01"),
        (4, "2025-10-31", "25.00"),
        (5, "2026-01-31", "25.01"),
        (6, "2026-04-30", "25.01"),
        (7, "2026-07-31", "25.01"),
        (8, "2026-10-31", "25.00"),
    ]
    assert [i.membership_year for i in planned] == [1] * 4 + [2] * 4


def test_yearly_from_a_leap_day_is_clipped_and_comes_back() -> None:
    planned = schedule(date(2024, 2, 29), [Money(1, "USD")] * 5, a_year=1)
    assert [i.due_on.isoformat() for i in planned] == [
        "2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29",
    ]  # fmt: skip


def test_in_advance_is_one_instalment_told_by_year() -> None:
    (only,) = schedule(date(2025, 1, 1), [Money(5, "USD"), Money(7, "USD")], a_year=None)
    assert only.amount == Money(12, "USD")
    assert only.due_on == date(2025, 1, 1)
    assert only.allocation == ((1, Money(5, "USD")), (2, Money(7, "USD")))


@given(starts, fees, a_years)
def test_every_year_and_the_term_sum_exactly(
    start: date, yearly: list[Money], a_year: int | None
) -> None:
    planned = schedule(start, yearly, a_year=a_year)
    assert sum(i.amount.minor for i in planned) == sum(fee.minor for fee in yearly)
    by_year = dict.fromkeys(range(1, len(yearly) + 1), 0)
    for instalment in planned:
        assert sum(part.minor for _, part in instalment.allocation) == instalment.amount.minor
        for year, part in instalment.allocation:
            by_year[year] += part.minor
    assert list(by_year.values()) == [fee.minor for fee in yearly]
    assert [i.number for i in planned] == list(range(1, len(planned) + 1))
    assert len(planned) == (1 if a_year is None else a_year * len(yearly))


@given(starts, fees, st.sampled_from([1, 2, 4]))
def test_due_days_count_from_the_anchor(start: date, yearly: list[Money], a_year: int) -> None:
    planned = schedule(start, yearly, a_year=a_year)
    step = 12 // a_year
    assert [i.due_on for i in planned] == [
        months_after(start, k * step) for k in range(len(planned))
    ]


def test_a_term_without_years_has_no_schedule() -> None:
    with pytest.raises(ValueError, match="at least one"):
        schedule(date(2025, 1, 1), [], a_year=1)
