"""Seats pass from hand to hand: no day with two, no day lost by a handover."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council import rules
from crm.council.rules import Held, HoldingRole
from crm.kit.errors import RuleBroken
from crm.kit.periods import Period

REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE
START = date(2025, 1, 1)
ANNA, BEN, CARO = 1, 2, 3


def held(id: int, person: int, role: HoldingRole, start: date, end: date | None = None) -> Held:
    return Held(id, person, role, Period(start, end))


def test_the_first_holder_stays_until_someone_follows() -> None:
    assert rules.naming([], REP, ANNA, START) == Period(START)


def test_a_held_seat_is_handed_over_not_named_again() -> None:
    seat = [held(1, ANNA, REP, START)]
    with pytest.raises(rules.SeatTaken, match="Hand the seat over") as refused:
        rules.naming(seat, REP, BEN, date(2025, 6, 1))
    assert refused.value.field == "starts_on"
    assert rules.naming(seat, ALT, BEN, date(2025, 6, 1)) == Period(date(2025, 6, 1))


def test_a_handover_leaves_no_day_between() -> None:
    on = date(2025, 6, 1)
    act = rules.handing_over([held(1, ANNA, REP, START)], REP, BEN, on)
    assert act.closes is not None
    assert act.closes.id == 1
    assert act.opens == Period(on)


def test_a_successor_dated_ahead_bounds_the_one_named_before() -> None:
    ahead = date(2026, 1, 1)
    seat = [held(1, ANNA, REP, START, ahead), held(2, BEN, REP, ahead)]
    act = rules.handing_over(seat, REP, CARO, date(2025, 6, 1))
    assert act.opens == Period(date(2025, 6, 1), ahead)
    assert rules.held_on(ahead, seat, REP) == seat[1]
    assert rules.held_on(ahead - timedelta(days=1), seat, REP) == seat[0]


def test_one_person_does_not_sit_twice_on_a_seat() -> None:
    seat = [held(1, ANNA, REP, START), held(2, BEN, ALT, START)]
    with pytest.raises(rules.AlreadyHolds):
        rules.handing_over(seat, REP, BEN, date(2025, 6, 1))
    with pytest.raises(rules.AlreadyHolds, match="representative already"):
        rules.handing_over(seat, REP, ANNA, date(2025, 6, 1))


def test_a_handover_needs_someone_to_hand_over_and_a_day_they_held() -> None:
    with pytest.raises(rules.NothingToHandOver):
        rules.handing_over([], REP, BEN, START)
    with pytest.raises(rules.TooEarly, match="Take that naming back"):
        rules.handing_over([held(1, ANNA, REP, START)], REP, BEN, START)


def test_a_holding_ends_after_it_began_and_once() -> None:
    present = held(1, ANNA, REP, START, date(2025, 9, 1))
    assert rules.ending(present, date(2025, 3, 1)) == Period(START, date(2025, 3, 1))
    for day in (START, date(2025, 9, 1)):
        with pytest.raises(rules.TooEarly):
            rules.ending(present, day)


acts = st.lists(
    st.tuples(
        st.sampled_from(["name", "hand over", "end", "take back"]),
        st.sampled_from(list(HoldingRole)),
        st.integers(1, 4),
        st.integers(0, 60),
    ),
    max_size=25,
)


@given(acts)
def test_whatever_is_done_no_role_and_no_person_is_doubled(
    plan: list[tuple[str, HoldingRole, int, int]],
) -> None:
    seat: dict[int, Held] = {}
    for n, (act, role, person, offset) in enumerate(plan):
        on = START + timedelta(days=offset)
        try:
            if act == "name":
                seat[n] = Held(n, person, role, rules.naming(seat.values(), role, person, on))
            elif act == "hand over":
                handover = rules.handing_over(seat.values(), role, person, on)
                assert handover.closes is not None
                old = handover.closes
                seat[old.id] = replace(old, period=Period(old.period.starts_on, on))
                seat[n] = Held(n, person, role, handover.opens, old.id, old.period.ends_before)
            elif (present := rules.held_on(on, seat.values(), role)) is not None:
                if act == "take back":
                    again = rules.returning(seat.values(), present)
                    del seat[present.id]
                    if again is not None:
                        since = again.reopens.period.starts_on
                        sits = Period(since, again.ends_before)
                        seat[again.reopens.id] = replace(again.reopens, period=sits)
                    continue
                seat[present.id] = replace(present, period=rules.ending(present, on))
        except RuleBroken:
            continue
    for offset in range(-1, 62):
        day = START + timedelta(days=offset)
        there = [h for h in seat.values() if day in h.period]
        assert len({h.role for h in there}) == len(there)
        assert len({h.person_id for h in there}) == len(there)


@given(acts, st.sampled_from(list(HoldingRole)), st.integers(1, 4), st.integers(0, 60))
def test_a_handover_taken_back_at_once_leaves_all_as_it_was(
    plan: list[tuple[str, HoldingRole, int, int]], role: HoldingRole, person: int, offset: int
) -> None:
    seat: list[Held] = []
    for n, (_, its, who, days) in enumerate(plan):
        try:
            on = START + timedelta(days=days)
            seat.append(Held(n, who, its, rules.naming(seat, its, who, on)))
        except RuleBroken:
            continue
    try:
        act = rules.handing_over(seat, role, person, START + timedelta(days=offset))
    except RuleBroken:
        return
    old = act.closes
    assert old is not None
    on = act.opens.starts_on
    closed = replace(old, period=Period(old.period.starts_on, on))
    new = Held(len(plan), person, role, act.opens, old.id, old.period.ends_before)
    rest = [held for held in seat if held is not old]
    again = rules.returning([*rest, closed, new], new)
    assert again is not None
    assert (again.reopens.id, again.ends_before) == (old.id, old.period.ends_before)
    assert again.hands_to is None
