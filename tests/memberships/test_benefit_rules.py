"""Membership years, what they entitle to, and what is left: on random terms, for every day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.periods import Period
from crm.memberships import rules
from crm.memberships.benefit_rules import (
    Otherwise,
    Promise,
    Tally,
    benefit_years,
    entitled,
    tally,
)
from crm.memberships.rules import IN_FORCE

A_DAY = timedelta(days=1)
STARTS = st.dates(date(2019, 1, 1), date(2028, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2023, 3, 1), date(2024, 2, 28), date(2023, 12, 31)]
)


def years_of(start: date, years: int, **more):
    term = rules.term_of(start, years)
    more.setdefault("runs_before", term.ends_before)
    return benefit_years(term, **more)


def number_on(day: date, found) -> int | None:
    [number] = [year.number for year in found if day in year] or [None]
    return number


@given(
    start=STARTS,
    years=st.integers(1, 3),
    longer=st.integers(0, 400) | st.just(0),
    grace=st.sampled_from([0, 1, 30, 60]),
    ended_after=st.none() | st.integers(0, 1200),
    stopped=st.none() | st.tuples(st.integers(1, 900), st.integers(1, 90)),
    next_after=st.none() | st.integers(0, 90),
)
def test_each_day_in_force_is_in_one_year_and_no_other_day_is(
    start, years, longer, grace, ended_after, stopped, next_after
) -> None:
    term = rules.term_of(start, years)
    runs_before = term.ends_before + timedelta(days=longer)
    stops = (
        []
        if stopped is None
        else [
            Period(
                start + timedelta(days=stopped[0]), start + timedelta(days=stopped[0] + stopped[1])
            )
        ]
    )
    facts = {
        "terminated_on": None if ended_after is None else start + timedelta(days=ended_after),
        "interruptions": stops,
        "grace_days": grace,
        "succeeded_on": None if next_after is None else runs_before + timedelta(days=next_after),
    }
    found = benefit_years(term, runs_before=runs_before, **facts)
    assert [year.number for year in found] == list(range(1, len(found) + 1))
    day, until = start - A_DAY, runs_before + timedelta(days=100)
    while day < until:
        status = rules.status_on(
            day, term=Period(start, runs_before), executed_on=start - A_DAY, **facts
        )
        hits = [year for year in found if day in year]
        assert len(hits) == (1 if status in IN_FORCE else 0), (day, status)
        day += A_DAY


@pytest.mark.parametrize(
    ("start", "day", "number"),
    [
        (date(2023, 10, 1), date(2023, 9, 30), None),
        (date(2023, 10, 1), date(2023, 10, 1), 1),
        (date(2023, 10, 1), date(2024, 9, 30), 1),
        (date(2023, 10, 1), date(2024, 10, 1), 2),
        (date(2023, 10, 1), date(2026, 9, 30), 3),
        (date(2023, 10, 1), date(2026, 10, 1), None),
        # From 29 February: years begin on the 28th where there is no 29th, and the term ends on
        # 28 February, the day before its anniversary on 1 March.
        (date(2024, 2, 29), date(2025, 2, 27), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 2),
        (date(2024, 2, 29), date(2026, 2, 28), 3),
        (date(2024, 2, 29), date(2027, 2, 28), 3),
        (date(2024, 2, 29), date(2027, 3, 1), None),
    ],
)
def test_years_turn_on_the_anniversary(start, day, number) -> None:
    assert number_on(day, years_of(start, 3)) == number


def test_an_extension_and_grace_belong_to_the_last_year() -> None:
    end = date(2026, 10, 1)
    found = years_of(date(2023, 10, 1), 3, runs_before=date(2027, 1, 1), grace_days=60)
    assert [number_on(day, found) for day in (end, date(2026, 12, 31), date(2027, 3, 1))] == [3] * 3
    assert number_on(date(2027, 3, 2), found) is None
    assert found[-1].days == Period(date(2025, 10, 1), date(2027, 1, 1))


def test_the_next_term_takes_grace_over() -> None:
    end = date(2026, 10, 1)
    found = years_of(date(2023, 10, 1), 3, grace_days=60, succeeded_on=end)
    assert number_on(end, found) is None
    assert number_on(end - A_DAY, found) == 3


def test_a_termination_cuts_the_year_and_leaves_none_after_it() -> None:
    found = years_of(date(2023, 10, 1), 3, terminated_on=date(2025, 1, 15), grace_days=60)
    assert [year.days for year in found] == [
        Period(date(2023, 10, 1), date(2024, 10, 1)),
        Period(date(2024, 10, 1), date(2025, 1, 15)),
    ]
    assert number_on(date(2025, 1, 15), found) is None
    assert years_of(date(2023, 10, 1), 3, terminated_on=date(2023, 10, 1)) == []


PLACES, TALKS = 1, 2
START = date(2025, 10, 1)


def given_on(day: date, *promises: Promise, benefit: int = PLACES, number: int = 1) -> int | None:
    return entitled(years_of(START, 3)[number - 1], promises, benefit, day)


def test_what_was_promised_holds_in_each_year() -> None:
    signed = Promise(from_on=START, a_year={PLACES: 4, TALKS: None})
    for number in (1, 2, 3):
        assert given_on(START, signed, number=number) == 4
        assert given_on(date(2030, 1, 1), signed, benefit=TALKS, number=number) is None
    assert given_on(START, signed, benefit=99) == 0
    assert given_on(START) == 0


def test_a_better_tier_counts_from_its_day_on_for_the_whole_year() -> None:
    signed = Promise(from_on=START, a_year={PLACES: 4})
    better = Promise(from_on=date(2026, 3, 1), a_year={PLACES: 8, TALKS: None})
    assert given_on(date(2026, 2, 28), signed, better) == 4
    assert given_on(date(2026, 3, 1), signed, better) == 8
    assert given_on(date(2026, 3, 1), signed, better, benefit=TALKS) is None
    assert given_on(date(2026, 3, 1), signed, better, number=2) == 8


def test_a_lesser_tier_takes_nothing_from_the_year_in_which_it_begins() -> None:
    signed = Promise(from_on=START, a_year={PLACES: 4, TALKS: None})
    lesser = Promise(from_on=date(2026, 3, 1), a_year={PLACES: 1})
    assert given_on(date(2026, 9, 30), signed, lesser) == 4
    assert given_on(date(2026, 9, 30), signed, lesser, benefit=TALKS) is None
    assert given_on(date(2026, 10, 1), signed, lesser, number=2) == 1
    assert given_on(date(2026, 10, 1), signed, lesser, benefit=TALKS, number=2) == 0


def test_of_two_amendments_of_one_day_the_later_act_counts() -> None:
    signed = Promise(from_on=START, a_year={PLACES: 1})
    first = Promise(from_on=START, a_year={PLACES: 9})
    then = Promise(from_on=START, a_year={PLACES: 3})
    assert given_on(START, signed, first, then) == 3


USES = st.lists(st.tuples(st.dates(START, date(2028, 9, 30)), st.integers(1, 9)), max_size=20)


@given(uses=USES, a_year=st.none() | st.integers(0, 40), day=st.dates(START, date(2028, 12, 1)))
def test_used_and_left_make_up_what_was_given(uses, a_year, day) -> None:
    found = years_of(START, 3, grace_days=60)
    tallies = [tally(a_year, [use for use in uses if use[0] in year], day) for year in found]
    assert sum(t.used + t.ahead for t in tallies) == sum(number for _, number in uses)
    assert sum(t.used for t in tallies) == sum(number for on, number in uses if on <= day)
    for told in tallies:
        if a_year is None:
            assert (told.left, told.over) == (None, 0)
        else:
            assert told.used + told.ahead + told.left - told.over == a_year
            assert 0 in (told.left, told.over)


def test_what_is_dated_ahead_leaves_less_already() -> None:
    told = tally(4, [(date(2026, 5, 1), 1), (date(2026, 6, 16), 2)], date(2026, 6, 15))
    assert told == Tally(entitled=4, used=1, ahead=2)
    assert (told.left, told.over) == (1, 0)


def test_what_was_agreed_otherwise_counts_from_its_year_on_and_the_last_word_of_all() -> None:
    signed = Promise(from_on=START, a_year={PLACES: 4})
    years = years_of(START, 3)

    def told(*words: Otherwise) -> list[int | None]:
        return [entitled(year, [signed], PLACES, START, words) for year in years]

    assert told(Otherwise(from_year=2, a_year=9)) == [4, 9, 9]
    assert told(Otherwise(from_year=1, a_year=None)) == [None] * 3
    two = Otherwise(from_year=1, a_year=6), Otherwise(from_year=3, a_year=0)
    assert told(*two) == [6, 6, 0]
    assert told(*two, Otherwise(from_year=2, a_year=1)) == [6, 1, 1]
