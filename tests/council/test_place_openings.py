"""Stepping in for who has left, the groups of a smaller tier, and until when a group closes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council import place_rules as rules
from crm.council.place_rules import Entitlement, Opening, PlaceRole, Taken, TooEarly
from crm.kit.periods import Period
from tests.council.test_place_rules import COMPANY, GROUP, day, taken

ONE = Entitlement(groups=None, places=1)


def opening(known: list[Taken], *left: int, most: int = 2) -> Opening | None:
    return rules.opening_for(known, Period(day(10)), most, left)


def test_a_colleague_takes_the_lowest_place_of_who_has_left():
    ann, bo = taken(1), taken(2, slot=2)
    assert opening([ann, bo], 2) == Opening(slot=2, instead_of=bo)
    assert opening([ann, bo], 1, 2) == Opening(slot=1, instead_of=ann)
    assert opening([ann, bo]) is None


def test_a_free_place_is_taken_first():
    assert opening([taken(1)], 1) == Opening(slot=2)
    assert opening([taken(1)], 1, most=1) == Opening(slot=1, instead_of=taken(1))


def test_nobody_steps_in_before_the_place_is_a_day_old_or_where_somebody_follows():
    assert opening([taken(1, starts=10)], 1, most=1) is None
    assert opening([taken(1, starts=20)], 1, most=1) is None
    assert opening([taken(1, ends=20), taken(3, starts=30)], 1, most=1) is None
    assert opening([taken(1), taken(2, slot=2)], 2, most=1) is None  # beyond their places


def test_of_a_group_that_closes_the_place_is_looked_for_until_then():
    later = taken(2, starts=40)
    asked = {"body_id": GROUP, "person_id": 1, "company_id": COMPANY, "entitled": ONE}
    assert rules.joining([later], days=Period(day(10), day(40)), **asked).slot == 1
    with pytest.raises(rules.PlacesUsedUp):
        rules.joining([later], days=Period(day(10)), **asked)


comings = st.lists(
    st.tuples(
        st.integers(1, 9), st.integers(0, 40), st.one_of(st.none(), st.integers(1, 30)),
        st.frozensets(st.integers(1, 9), max_size=5),
    ),
    max_size=25,
)  # fmt: skip


@given(comings, st.integers(1, 3))
def test_whoever_steps_in_no_place_is_had_twice_on_a_day(told, most):
    known: list[Taken] = []
    for number, (person, on, stays, left) in enumerate(told, 1):
        days = Period(day(on), None if stays is None else day(on + stays))
        found = rules.opening_for(known, days, most, left - {person})
        if found is None:
            continue
        if found.instead_of is not None:
            place = found.instead_of
            assert place.person_id in left
            assert place.slot == found.slot
            ended = replace(place, period=Period(place.period.starts_on, day(on)))
            known[known.index(place)] = ended
        known.append(
            Taken(
                id=number, body_id=GROUP, person_id=person, company_id=COMPANY, slot=found.slot,
                role=PlaceRole.MEMBER, period=days,
            )
        )  # fmt: skip
    for number in range(80):
        slots = [one.slot for one in known if day(number) in one.period]
        assert len(slots) == len(set(slots)) <= most


def test_the_groups_of_a_company_rank_by_its_first_day_there():
    chair = taken(1, starts=8, body_id=2, role=PlaceRole.CHAIR)  # a member there since day 1
    places = [
        taken(1, starts=1, ends=8, body_id=2), chair, taken(2, starts=5, body_id=3),
        taken(3, starts=5, body_id=4), taken(4, starts=0, ends=9, body_id=5),
        taken(5, starts=0, body_id=2, company_id=8), taken(6, company_id=None, slot=None),
    ]  # fmt: skip
    ranks = rules.ranked(places, day(10))
    assert ranks == {(COMPANY, 2): 1, (COMPANY, 3): 2, (COMPANY, 4): 3, (8, 2): 1}
    assert rules.ranked(places, day(8))[COMPANY, 5] == 1


spans = st.lists(
    st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(1, 30))), max_size=8
)


@given(spans, st.integers(0, 80), st.integers(0, 60))
def test_closing_takes_no_day_away_that_somebody_has_had(told, on, now):
    known = [
        taken(n, starts=starts, ends=None if stays is None else starts + stays)
        for n, (starts, stays) in enumerate(told, 1)
    ]
    begun = [one.period for one in known if one.period.starts_on <= day(now)]
    over = [one for one in begun if one.ends_before is not None and one.ends_before <= day(now)]
    starts, ends = [one.starts_on for one in begun], [one.ends_before for one in over]
    try:
        rules.closing(known, day(on), today=day(now))
    except TooEarly:
        assert any(start >= day(on) for start in starts) or any(end > day(on) for end in ends)
    else:
        assert all(start < day(on) for start in starts)
        assert all(end <= day(on) for end in ends)


def test_a_group_is_open_up_to_its_first_day_without():
    assert rules.is_open(day(9), closed_on=day(10))
    assert not rules.is_open(day(10), closed_on=day(10))
    assert not rules.is_open(day(11), closed_on=day(10))
    assert rules.is_open(day(11), closed_on=None)
