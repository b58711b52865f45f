"""Places by tier: the rules, tried on any sequence of comings and goings, and replayed by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council import place_rules as rules
from crm.council.place_rules import Entitlement, Gap, PlaceRole, Taken
from crm.kit.periods import Period

DAY0 = date(2026, 1, 1)
GROUP, COMPANY = 1, 7


def day(number: int) -> date:
    return DAY0 + timedelta(days=number)


def taken(person: int, *, starts: int = 0, ends: int | None = None, **more: object) -> Taken:
    values = {
        "id": person, "body_id": GROUP, "company_id": COMPANY, "slot": 1,
        "role": PlaceRole.MEMBER, **more,
    }  # fmt: skip
    period = Period(day(starts), None if ends is None else day(ends))
    return Taken(person_id=person, period=period, **values)  # type: ignore[arg-type]


def join(
    known: list[Taken], person: int, entitled: Entitlement | None, **more: object
) -> int | None:
    asked = {"body_id": GROUP, "company_id": COMPANY, "days": Period(day(10)), **more}
    opening = rules.joining(known, person_id=person, entitled=entitled, **asked)  # type: ignore[arg-type]
    assert opening.instead_of is None
    return opening.slot


TWO_BY_TWO = Entitlement(groups=2, places=2)


def test_the_lowest_free_place_is_taken():
    assert join([], 1, TWO_BY_TWO) == 1
    assert join([taken(2)], 1, TWO_BY_TWO) == 2
    assert join([taken(2, ends=10), taken(3, slot=2)], 1, TWO_BY_TWO) == 1


def test_more_than_the_places_of_the_tier_are_refused():
    with pytest.raises(rules.PlacesUsedUp, match="2 places"):
        join([taken(2), taken(3, slot=2)], 1, TWO_BY_TWO)
    with pytest.raises(rules.PlacesUsedUp):  # the second begins later: one day is enough
        join([taken(2), taken(3, slot=2, starts=20)], 1, TWO_BY_TWO)


def test_more_groups_than_the_tier_gives_are_refused():
    others = [taken(2, body_id=2), taken(3, body_id=3)]
    with pytest.raises(rules.GroupsUsedUp, match="2 working groups"):
        join(others, 1, TWO_BY_TWO)
    assert join(others, 1, Entitlement(groups=None, places=1)) == 1
    assert join([taken(2, body_id=2), taken(3, body_id=2, slot=2)], 1, TWO_BY_TWO) == 1


def test_groups_that_do_not_meet_on_a_day_count_as_one():
    others = [taken(2, body_id=2, ends=20), taken(3, body_id=3, starts=20)]
    assert rules.groups_at_once(others, Period(day(10))) == 1
    assert join(others, 1, TWO_BY_TWO) == 1


def test_without_places_by_the_term_nobody_comes_in():
    assert rules.check_entitled(TWO_BY_TWO, DAY0) is TWO_BY_TWO
    for entitled in (None, Entitlement(groups=0, places=0)):
        with pytest.raises(rules.NotEntitled, match="January 1, 2026"):
            rules.check_entitled(entitled, DAY0)
        with pytest.raises(rules.NotEntitled):
            join([], 1, entitled)
    assert join([], 1, None, company_id=None) is None


def test_a_person_is_in_a_group_once_at_a_time():
    with pytest.raises(rules.AlreadyIn):
        join([taken(1)], 1, TWO_BY_TWO)
    with pytest.raises(rules.AlreadyIn):
        join([taken(1, starts=40)], 1, TWO_BY_TWO)
    assert join([taken(1, ends=10)], 1, TWO_BY_TWO) == 1


def test_a_group_has_one_chair_at_a_time():
    chair = taken(1, role=PlaceRole.CHAIR, ends=30)
    with pytest.raises(rules.ChairTaken):
        rules.check_chair([chair], GROUP, Period(day(29)))
    rules.check_chair([chair], GROUP, Period(day(30)))
    rules.check_chair([chair], GROUP, Period(day(0)), but=1)
    rules.check_chair([chair], 2, Period(day(0)))


def test_a_place_ends_after_it_began_and_before_it_ended():
    assert rules.ending(Period(day(3)), day(4)) == Period(day(3), day(4))
    for period in (Period(day(3)), Period(day(0), day(2))):
        with pytest.raises(rules.TooEarly):
            rules.ending(period, day(3))


def test_why_nobody_sits_on_a_place():
    def gap(slot: int | None = 1, **more: object) -> Gap | None:
        told = {"company_id": COMPANY, "here": True, "entitled": TWO_BY_TWO, **more}
        return rules.gap(slot=slot, **told)  # type: ignore[arg-type]

    assert gap() is None
    assert gap(here=False) is Gap.LEFT
    assert gap(entitled=None) is Gap.LAPSED
    assert gap(3) is Gap.BEYOND
    assert gap(None, company_id=None, entitled=None) is None
    assert gap(None, company_id=None, entitled=None, here=False) is Gap.ELSEWHERE
    assert gap(nth=2) is None
    assert gap(nth=3) is Gap.BEYOND
    assert gap(nth=9, entitled=Entitlement(groups=None, places=1)) is None
    assert gap(nth=3, here=False) is Gap.LEFT


acts = st.lists(
    st.tuples(
        st.integers(1, 4),  # group
        st.integers(1, 2),  # company
        st.integers(1, 12),  # person, of the company person % 2 + 1 or not: rules do not ask
        st.integers(0, 60),  # on
        st.one_of(st.none(), st.integers(1, 40)),  # days until they leave
    ),
    max_size=30,
)


@given(acts, st.integers(1, 3), st.one_of(st.none(), st.integers(1, 3)))
def test_on_no_day_a_company_has_more_than_its_tier_gives(told, most, groups):
    """Whatever is taken and refused: replayed day by day, no limit is passed."""
    entitled = Entitlement(groups=groups, places=most)
    known: list[Taken] = []
    for number, (group, company, person, on, stays) in enumerate(told, 1):
        try:
            slot = rules.joining(
                known, body_id=group, person_id=person, company_id=company, entitled=entitled,
                days=Period(day(on)),
            ).slot  # fmt: skip
        except (rules.AlreadyIn, rules.GroupsUsedUp, rules.PlacesUsedUp):
            continue
        period = Period(day(on), None if stays is None else day(on + stays))
        known.append(
            Taken(
                id=number, body_id=group, person_id=person, company_id=company, slot=slot,
                role=PlaceRole.MEMBER, period=period,
            )
        )  # fmt: skip
    for number in range(105):
        sitting = [one for one in known if day(number) in one.period]
        assert len({(one.body_id, one.person_id) for one in sitting}) == len(sitting)
        for company in (1, 2):
            theirs = [one for one in sitting if one.company_id == company]
            assert groups is None or len({one.body_id for one in theirs}) <= groups
            for group in range(1, 5):
                slots = [one.slot for one in theirs if one.body_id == group]
                assert len(slots) == len(set(slots)) <= most
                assert all(1 <= slot <= most for slot in slots)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 40), st.integers(1, 30)), max_size=12))
def test_the_lowest_free_number_is_free_on_every_day(told):
    known = [taken(n, slot=s, starts=a, ends=a + n_) for n, (s, a, n_) in enumerate(told, 1)]
    days = Period(day(10), day(30))
    slot = rules.free_slot(known, days, 3)
    free = [
        number
        for number in range(1, 4)
        if not any(
            one.slot == number and day(d) in one.period for one in known for d in range(10, 30)
        )
    ]
    assert slot == (free[0] if free else None)
