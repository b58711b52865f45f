"""Seats pass from hand to hand: no day with two, no day lost by a handover."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council import rules
from crm.council.rules import Held, HoldingRole, Taking
from crm.kit.errors import RuleBroken
from crm.kit.periods import Period

REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE
START = date(2025, 1, 1)
ANNA, BEN, CARO = 1, 2, 3


def held(id: int, person: int, role: HoldingRole, start: date, end: date | None = None) -> Held:
    return Held(id, person, role, Period(start, end))


def test_the_first_holder_stays_until_someone_follows() -> None:
    assert rules.naming([], REP, ANNA, START) == Taking(Period(START))


def test_a_held_seat_is_handed_over_not_named_again() -> None:
    seat = [held(1, ANNA, REP, START)]
    with pytest.raises(rules.SeatTaken, match="Hand the seat over") as refused:
        rules.naming(seat, REP, BEN, date(2025, 6, 1))
    assert refused.value.field == "starts_on"
    assert rules.naming(seat, ALT, BEN, date(2025, 6, 1)) == Taking(Period(date(2025, 6, 1)))


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
    with pytest.raises(rules.AlreadyHolds, match="hand over as representative first"):
        rules.handing_over(seat, ALT, ANNA, date(2025, 6, 1))
    with pytest.raises(rules.AlreadyHolds, match="representative already"):
        rules.handing_over(seat, REP, ANNA, date(2025, 6, 1))


def test_the_alternate_who_takes_over_is_promoted() -> None:
    on = date(2025, 6, 1)
    seat = [held(1, ANNA, REP, START), held(2, BEN, ALT, START)]
    act = rules.handing_over(seat, REP, BEN, on)
    assert (act.opens, act.closes, act.promotes) == (Period(on), seat[0], seat[1])
    assert rules.naming(seat[1:], REP, BEN, on).promotes == seat[1]


@pytest.mark.parametrize("since", [date(2025, 6, 1), date(2025, 8, 1)])
def test_who_is_to_be_the_alternate_later_is_not_promoted(since: date) -> None:
    seat = [held(1, ANNA, REP, START), held(2, BEN, ALT, since)]
    with pytest.raises(rules.AlreadyHolds, match="Take that naming back first"):
        rules.handing_over(seat, REP, BEN, date(2025, 6, 1))


def test_a_handover_needs_someone_to_hand_over_and_a_day_they_held() -> None:
    with pytest.raises(rules.NothingToHandOver):
        rules.handing_over([], REP, BEN, START)
    with pytest.raises(rules.TooEarly, match="Take that naming back"):
        rules.handing_over([held(1, ANNA, REP, START)], REP, BEN, START)


def test_a_holding_ends_after_it_began_and_once() -> None:
    present = held(1, ANNA, REP, START, date(2025, 9, 1))
    before = date(2025, 2, 1)
    assert rules.ending([], present, date(2025, 3, 1), before) == Period(START, date(2025, 3, 1))
    for day in (START, date(2025, 9, 1)):
        with pytest.raises(rules.TooEarly):
            rules.ending([], present, day, before)


def test_until_it_comes_an_end_is_moved_or_taken_back() -> None:
    ends = date(2025, 9, 1)
    present, eve = held(1, ANNA, REP, START, ends), ends - timedelta(days=1)
    for on in (date(2025, 12, 1), None):
        assert rules.ending([present], present, on, eve) == Period(START, on)
        with pytest.raises(rules.EndedAlready, match="Name them again"):
            rules.ending([present], present, on, ends)


@pytest.mark.parametrize(("person", "role"), [(BEN, REP), (ANNA, ALT)])
def test_an_end_is_not_moved_over_who_is_named_by_then(person: int, role: HoldingRole) -> None:
    ends, later = date(2025, 9, 1), date(2025, 10, 1)
    present, other = held(1, ANNA, REP, START, ends), held(2, person, role, later)
    known = [present, other]
    assert rules.ending(known, present, later, START) == Period(START, later)
    for on in (later + timedelta(days=1), None):
        with pytest.raises(rules.SeatTaken, match="October 1, 2025"):
            rules.ending(known, present, on, START)


@dataclass
class Book:
    """The holdings of a seat by number, changed by what the rules say."""

    seat: dict[int, Held] = field(default_factory=dict)

    def take(self, n: int, act: Taking, role: HoldingRole, person: int) -> Held:
        on, closes, promotes = act.opens.starts_on, act.closes, act.promotes
        for ended in (closes, promotes):
            if ended is not None:
                self._runs(ended, on)
        self.seat[n] = new = Held(n, person, role, act.opens)
        if closes is not None:
            new = replace(new, closed_id=closes.id, closed_ends_before=closes.period.ends_before)
        if promotes is not None:
            until = promotes.period.ends_before
            new = replace(new, promoted_id=promotes.id, promoted_ends_before=until)
        self.seat[n] = new
        return new

    def take_back(self, back: Held) -> None:
        known = list(self.seat.values())
        found = rules.returning(known, back), rules.restoring(known, back)
        del self.seat[back.id]
        for again in found:
            if again is not None:
                self._runs(again.reopens, again.ends_before)

    def _runs(self, held: Held, ends_before: date | None) -> None:
        period = Period(held.period.starts_on, ends_before)
        self.seat[held.id] = replace(self.seat[held.id], period=period)

    def do(self, plan: list[tuple[str, HoldingRole, int, int]]) -> None:
        for n, (act, role, person, offset) in enumerate(plan):
            on, known = START + timedelta(days=offset), list(self.seat.values())
            present = rules.held_on(on, known, role)
            try:
                if act == "name":
                    self.take(n, rules.naming(known, role, person, on), role, person)
                elif act == "hand over":
                    self.take(n, rules.handing_over(known, role, person, on), role, person)
                elif act == "take back" and present is not None:
                    self.take_back(present)
                elif act == "stay" and known:
                    last = known[-1]
                    self._runs(last, rules.ending(known, last, None, START).ends_before)
                elif act == "move" and known:
                    last = known[-1]
                    self._runs(last, rules.ending(known, last, on, START).ends_before)
                elif present is not None:
                    self._runs(present, rules.ending(known, present, on, START).ends_before)
            except RuleBroken:
                continue


acts = st.lists(
    st.tuples(
        st.sampled_from(["name", "name", "hand over", "end", "move", "stay", "take back"]),
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
    book = Book()
    book.do(plan)
    for offset in range(-1, 62):
        day = START + timedelta(days=offset)
        there = [h for h in book.seat.values() if day in h.period]
        assert len({h.role for h in there}) == len(there)
        assert len({h.person_id for h in there}) == len(there)


@given(acts, st.sampled_from(list(HoldingRole)), st.integers(1, 4), st.integers(0, 60))
def test_what_is_taken_back_at_once_leaves_all_as_it_was(
    plan: list[tuple[str, HoldingRole, int, int]], role: HoldingRole, person: int, offset: int
) -> None:
    book, on = Book(), START + timedelta(days=offset)
    book.do(plan)
    before = dict(book.seat)
    known = list(before.values())
    takes = rules.naming if rules.held_on(on, known, role) is None else rules.handing_over
    try:
        act = takes(known, role, person, on)
    except RuleBroken:
        return
    book.take_back(book.take(len(plan), act, role, person))
    assert book.seat == before
