from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.invoices import rules
from crm.invoices.rules import BilledTooMuch, Standing, UnevenSchedule, schedule
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


def standing_of(planned: list[rules.PlannedInstalment], billed: set[int]) -> list[Standing]:
    return [
        Standing(
            number=part.number,
            due_on=part.due_on,
            shares={year: amount.minor for year, amount in part.allocation},
            billed=part.number in billed,
        )
        for part in planned
    ]


@given(
    starts,
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), min_size=1, max_size=6),
    a_years,
    st.sets(st.integers(1, 24)),
    st.integers(0, 2200),
)
def test_after_reposting_each_year_sums_to_its_new_fee(
    start: date,
    costs: list[tuple[int, int]],
    a_year: int | None,
    billed: set[int],
    after: int,
) -> None:
    was = [Money(old, "USD") for old, _ in costs]
    now = [Money(old + more, "USD") for old, more in costs]
    planned = schedule(start, was, a_year=a_year)
    standing = standing_of(planned, billed)
    from_on = start + timedelta(days=after)
    done = rules.repost(
        standing,
        now,
        from_on=from_on,
        due_days=rules.due_days(start, len(was), a_year or 1),
        last_number=len(planned),
    )
    by_number = {line.number: line for line in standing}
    assert all(not by_number[n].billed and by_number[n].due_on >= from_on for n in done.reverse)
    by_year = dict.fromkeys(range(1, len(was) + 1), 0)
    for line in standing:
        if line.number not in done.reverse:
            for year, minor in line.shares.items():
                by_year[year] += minor
    for part in done.post:
        assert part.due_on >= from_on
        assert part.amount.minor == sum(amount.minor for _, amount in part.allocation)
        for year, amount in part.allocation:
            by_year[year] += amount.minor
    assert list(by_year.values()) == [fee.minor for fee in now]
    numbers = [part.number for part in done.post]
    assert numbers == list(range(len(planned) + 1, len(planned) + 1 + len(numbers)))
    if was == now:
        assert not done.reverse
        assert not done.post


def test_what_is_billed_is_not_taken_back_by_an_amendment() -> None:
    start = date(2026, 1, 1)
    planned = schedule(start, [Money(400, "USD")] * 2, a_year=4)
    with pytest.raises(BilledTooMuch, match=r"year 1, which now costs USD 2\.00"):
        rules.repost(
            standing_of(planned, {1, 2, 3}),
            [Money(200, "USD"), Money(400, "USD")],
            from_on=date(2026, 2, 1),
            due_days=rules.due_days(start, 2, 4),
            last_number=8,
        )


@given(starts, fees, st.lists(st.integers(1, 10**9), min_size=1, max_size=12))
def test_by_hand_pays_the_years_in_their_order(
    start: date, yearly: list[Money], cuts: list[int]
) -> None:
    total = sum(fee.minor for fee in yearly)
    edges = sorted({cut % total for cut in cuts} - {0}) if total else []
    if not total:
        return
    amounts = [b - a for a, b in zip([0, *edges], [*edges, total], strict=True)]
    parts = [(start + timedelta(days=90 * n), Money(m, "USD")) for n, m in enumerate(amounts)]
    planned = rules.by_hand(parts, yearly)
    assert [(p.due_on, p.amount) for p in planned] == parts
    by_year = dict.fromkeys(range(1, len(yearly) + 1), 0)
    order = []
    for part in planned:
        for year, amount in part.allocation:
            by_year[year] += amount.minor
            order.append(year)
    assert list(by_year.values()) == [fee.minor for fee in yearly]
    assert order == sorted(order)


def test_by_hand_has_to_sum_to_the_fees() -> None:
    with pytest.raises(UnevenSchedule, match=r"sum to USD 90\.00.* USD 10\.00 is missing"):
        rules.by_hand([(date(2026, 1, 1), Money(9_000, "USD"))], [Money(10_000, "USD")])
    with pytest.raises(UnevenSchedule, match=r"1\.00 is too much"):
        rules.by_hand([(date(2026, 1, 1), Money(10_100, "USD"))], [Money(10_000, "USD")])


@pytest.mark.parametrize(("net", "points", "tax"), [(10_000, 825, 825), (1, 5000, 1), (1, 4999, 0)])
def test_tax_is_rounded_half_up(net: int, points: int, tax: int) -> None:
    assert rules.tax_of(Money(net, "USD"), points) == Money(tax, "USD")


def test_the_earliest_part_is_settled_first():
    assert rules.earliest_first([100, 50, 7], 0) == [0, 0, 0]
    assert rules.earliest_first([100, 50, 7], 120) == [100, 20, 0]
    assert rules.earliest_first([100, 50, 7], 157) == [100, 50, 7]
