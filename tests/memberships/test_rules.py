"""Status and terms, held against a plain walk through the days."""

from __future__ import annotations

from datetime import date, timedelta
from operator import itemgetter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import rules
from crm.memberships.rules import DuesFrequency, Status

ONE = timedelta(days=1)
START = date(2024, 10, 1)
TERM = Period(START, date(2027, 10, 1))
SIGNED = date(2024, 9, 12)

days = st.dates(date(2000, 1, 1), date(2100, 12, 31))
years = st.integers(1, 10)


def test_the_words_are_those_of_the_trade() -> None:
    assert [status.value for status in Status] == [
        "draft", "awaiting signature", "withdrawn", "upcoming",
        "active", "grace", "lapsed", "terminated",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (date(2024, 7, 31), Status.DRAFT),
        (date(2024, 8, 1), Status.AWAITING_SIGNATURE),
        (SIGNED - ONE, Status.AWAITING_SIGNATURE),
        (SIGNED, Status.UPCOMING),
        (START - ONE, Status.UPCOMING),
        (START, Status.ACTIVE),
        (date(2027, 9, 30), Status.ACTIVE),
        (date(2027, 10, 1), Status.GRACE),
        (date(2027, 11, 29), Status.GRACE),
        (date(2027, 11, 30), Status.LAPSED),
    ],
)
def test_a_quiet_life_edge_by_edge(day: date, status: Status) -> None:
    found = rules.status_on(
        day, term=TERM, released_on=date(2024, 8, 1), executed_on=SIGNED, grace_days=60
    )
    assert found is status


def test_won_is_not_signed_even_after_the_start() -> None:
    late = date(2025, 1, 15)
    told = {
        day: rules.status_on(day, term=TERM, released_on=SIGNED, executed_on=late)
        for day in (START, late - ONE, late)
    }
    assert told == {
        START: Status.AWAITING_SIGNATURE,
        late - ONE: Status.AWAITING_SIGNATURE,
        late: Status.ACTIVE,
    }


def test_withdrawn_and_terminated_count_from_their_day() -> None:
    gone = date(2024, 9, 1)
    assert rules.status_on(gone - ONE, term=TERM, withdrawn_on=gone) is Status.DRAFT
    assert rules.status_on(gone, term=TERM, withdrawn_on=gone) is Status.WITHDRAWN
    ended = date(2025, 5, 5)
    for day, status in ((ended - ONE, Status.ACTIVE), (ended, Status.TERMINATED)):
        found = rules.status_on(day, term=TERM, executed_on=SIGNED, terminated_on=ended)
        assert found is status


def test_the_next_term_ends_the_grace_of_the_last() -> None:
    told = [
        rules.status_on(
            TERM.starts_on.replace(year=2027) + timedelta(days=n),
            term=TERM,
            executed_on=SIGNED,
            grace_days=60,
            succeeded_on=date(2027, 10, 11),
        )
        for n in (9, 10)
    ]
    assert told == [Status.GRACE, Status.LAPSED]


@given(days, years, st.integers(0, 90), st.integers(-400, 4200))
def test_no_day_is_counted_twice_or_lost(start: date, length: int, grace: int, at: int) -> None:
    term = rules.term_of(start, length)
    day = start + timedelta(days=at)
    assert term.ends_before is not None
    status = rules.status_on(day, term=term, executed_on=date(1990, 1, 1), grace_days=grace)
    expected = (
        Status.UPCOMING
        if day < start
        else Status.ACTIVE
        if day < term.ends_before
        else Status.GRACE
        if (day - term.ends_before).days < grace
        else Status.LAPSED
    )
    assert status is expected
    assert (rules.membership_year_on(day, term) is not None) is (status is Status.ACTIVE)


@given(days, years)
def test_membership_years_tile_the_term(start: date, length: int) -> None:
    term = rules.term_of(start, length)
    assert rules.years_of(term) == length
    assert rules.membership_year_on(start, term) == 1
    counted = [
        rules.membership_year_on(start + timedelta(days=n), term)
        for n in range(0, 366 * length, 61)
    ]
    inside = [year for year in counted if year is not None]
    assert inside == sorted(inside)
    assert set(inside) == set(range(1, length + 1))


def test_a_leap_day_anchors_the_years() -> None:
    term = rules.term_of(date(2024, 2, 29), 3)
    assert term.ends_before == date(2027, 3, 1)
    for day, year in (
        (date(2025, 2, 27), 1),
        (date(2025, 2, 28), 2),
        (date(2026, 2, 28), 3),
        (date(2027, 2, 28), 3),
        (date(2027, 3, 1), None),
    ):
        assert rules.membership_year_on(day, term) == year


@given(days, years)
def test_each_membership_year_holds_its_days_and_no_others(start: date, length: int) -> None:
    term = rules.term_of(start, length)
    spans = [rules.membership_year(term, year) for year in range(1, length + 1)]
    assert spans[0].starts_on == start
    assert spans[-1].ends_before == term.ends_before
    for year, span in enumerate(spans, start=1):
        assert span.ends_before in (term.ends_before, *(later.starts_on for later in spans))
        assert span.ends_before is not None
        for day, of in ((span.starts_on, year), (span.ends_before - ONE, year)):
            assert rules.membership_year_on(day, term) == of
        assert (span.ends_before - span.starts_on).days in (365, 366)


@pytest.mark.parametrize("length", [0, -1, 11])
def test_a_term_has_one_to_ten_years(length: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 10"):
        rules.term_of(START, length)


@given(days, years, st.one_of(st.none(), days))
def test_a_term_occupies_its_company_to_the_end_or_the_termination(
    start: date, length: int, terminated: date | None
) -> None:
    term = rules.term_of(start, length)
    free = rules.occupied_before(term, terminated)
    assert term.ends_before is not None
    assert start <= free <= term.ends_before
    if terminated is not None and terminated in term:
        assert free == terminated


@pytest.mark.parametrize(
    ("ours", "theirs", "executed"),
    [
        (None, None, None),
        (SIGNED, None, None),
        (None, SIGNED, None),
        (SIGNED, START, START),
        (START, SIGNED, START),
    ],
)
def test_executed_is_the_later_of_both_signatures(
    ours: date | None, theirs: date | None, executed: date | None
) -> None:
    assert rules.executed_on(ours, theirs) == executed


def test_member_since_runs_over_contiguous_terms_only() -> None:
    first = Period(date(2015, 1, 1), date(2018, 1, 1))
    second = Period(date(2018, 1, 1), date(2021, 1, 1))
    after_a_gap = Period(date(2021, 1, 2), date(2024, 1, 2))
    terms = [after_a_gap, second, first]
    assert rules.member_since(terms, date(2014, 12, 31)) is None
    assert rules.member_since(terms, date(2016, 6, 1)) == date(2015, 1, 1)
    assert rules.member_since(terms, date(2020, 6, 1)) == date(2015, 1, 1)
    assert rules.member_since(terms, date(2022, 6, 1)) == date(2021, 1, 2)


def test_member_since_begins_anew_after_an_interruption() -> None:
    began, ended = date(2015, 1, 1), date(2018, 1, 1)
    stop = Period(date(2016, 3, 1), date(2016, 5, 1))
    spans = [*rules.spans_of(began, ended, [stop]), Period(ended, date(2021, 1, 1))]
    for day, since in (
        (date(2016, 2, 29), began),
        (date(2016, 4, 30), began),
        (date(2016, 5, 1), date(2016, 5, 1)),
        (date(2020, 6, 1), date(2016, 5, 1)),
    ):
        assert rules.member_since(spans, day) == since


def test_who_left_before_the_start_was_no_member() -> None:
    assert rules.spans_of(START, START) == []
    assert rules.spans_of(START, START + ONE, [Period(START, START + ONE)]) == []


@given(days, years, st.integers(0, 90), st.integers(-500, 500))
def test_a_renewal_neither_gives_nor_loses_days(
    start: date, length: int, grace: int, around: int
) -> None:
    previous = rules.term_of(start, length)
    assert previous.ends_before is not None
    today = previous.ends_before + timedelta(days=around)
    begins = rules.next_start(previous, grace, today)
    assert begins == (previous.ends_before if around < grace or around < 0 else today)
    assert begins >= previous.ends_before


def test_each_frequency_knows_its_instalments() -> None:
    assert [frequency.a_year for frequency in DuesFrequency] == [1, 2, 4, None, None]


def test_groups_of_states_do_not_mix() -> None:
    groups = [rules.UNSIGNED, rules.STANDING, rules.OVER]
    assert sum(map(len, groups)) == len(Status) == len(frozenset().union(*groups))
    assert rules.IN_FORCE < rules.STANDING


def test_an_interruption_is_terminated_and_over_on_its_last_day() -> None:
    stop = Period(date(2025, 3, 1), date(2025, 6, 1))
    told = [
        rules.status_on(day, term=TERM, executed_on=SIGNED, interruptions=[stop])
        for day in (stop.starts_on - ONE, stop.starts_on, date(2025, 5, 31), date(2025, 6, 1))
    ]
    assert told == [Status.ACTIVE, Status.TERMINATED, Status.TERMINATED, Status.ACTIVE]


@given(days, years, st.integers(1, 700), st.integers(0, 90), st.integers(-30, 800))
def test_an_extension_moves_the_end_and_nothing_else(
    start: date, length: int, more: int, grace: int, at: int
) -> None:
    term = rules.term_of(start, length)
    longer = rules.extended(term, more)
    assert term.ends_before is not None
    assert longer.ends_before == term.ends_before + timedelta(days=more)
    day = term.ends_before + timedelta(days=at)
    before = day - timedelta(days=more) if at >= more else min(day, term.ends_before - ONE)
    told = {"executed_on": date(1990, 1, 1), "grace_days": grace}
    assert rules.status_on(day, term=longer, **told) is rules.status_on(before, term=term, **told)


money = st.integers(0, 10**11).map(lambda minor: Money(minor, "USD"))


@given(
    days,
    st.lists(money, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 2200), money), max_size=4),
)
def test_fees_by_year_are_those_of_each_day_added_up(
    start: date, agreed: list[Money], changed: list[tuple[int, Money]]
) -> None:
    changes = [
        rules.FeeChange(from_on=start + timedelta(days=after), fee=fee) for after, fee in changed
    ]
    found = rules.fees_by_year(start, agreed, changes)
    assert len(found) == len(agreed)
    for year, (fee, told) in enumerate(zip(agreed, found, strict=True), start=1):
        span = rules.membership_year(rules.term_of(start, len(agreed)), year)
        assert span.ends_before is not None
        length = (span.ends_before - span.starts_on).days
        by_day = sum(
            rules.fee_on(span.starts_on + timedelta(days=n), fee, changes).minor
            for n in range(length)
        )
        assert abs(2 * length * told.minor - 2 * by_day) <= length
    if not changes:
        assert found == agreed


def test_a_change_in_the_middle_of_a_year_is_split_by_its_days() -> None:
    change = rules.FeeChange(from_on=date(2025, 4, 11), fee=Money(73_000, "USD"))
    found = rules.fees_by_year(date(2025, 1, 1), [Money(36_500, "USD")] * 2, [change])
    assert [fee.minor for fee in found] == [100 * 100 + 265 * 200, 73_000]


tiers = st.integers(1, 3)


@given(
    days,
    st.integers(1, 900),
    tiers,
    st.lists(st.tuples(st.integers(-100, 1000), tiers), max_size=4),
)
def test_each_day_of_a_term_is_at_the_tier_last_amended_to(
    start: date, length: int, signed: int, amended: list[tuple[int, int]]
) -> None:
    term = Period(start, start + timedelta(days=length))
    turns = [
        (start + timedelta(days=after), to) for after, to in sorted(amended, key=itemgetter(0))
    ]
    found = rules.tiers_in(term, signed, turns)
    for n in range(length):
        day = start + timedelta(days=n)
        (at,) = [to for to, span in found if day in span]
        assert at == [signed, *(to for from_on, to in turns if from_on <= day)][-1]
    assert all(term.starts_on <= span.starts_on and span.last_day in term for _, span in found)


spans = st.tuples(st.integers(0, 60), st.integers(1, 30)).map(
    lambda told: Period(START + told[0] * ONE, START + (told[0] + told[1]) * ONE)
)


@given(st.lists(spans, max_size=8), spans)
def test_how_many_meet_at_once_is_the_most_of_any_day(stays: list[Period], within: Period) -> None:
    by_day = [
        sum(day in stay for stay in stays)
        for day in (START + n * ONE for n in range(100))
        if day in within
    ]
    assert rules.most_at_once(stays, within) == max(by_day)


def test_the_fee_that_runs_is_that_of_the_year_and_at_the_ends_of_the_nearest() -> None:
    agreed = [Money(minor, "USD") for minor in (100, 200, 300)]
    change = rules.FeeChange(from_on=date(2026, 12, 1), fee=Money(50, "USD"))
    days = (START - 400 * ONE, START, date(2025, 9, 30), date(2025, 10, 1), date(2029, 1, 1))
    assert [rules.running_fee(day, TERM, agreed, []).minor for day in days] == [
        100, 100, 100, 200, 300,
    ]  # fmt: skip
    assert [rules.running_fee(day, TERM, agreed, [change]).minor for day in days] == [
        100, 100, 100, 200, 50,
    ]  # fmt: skip
