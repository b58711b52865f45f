"""Which stage may follow, what a value stands on, and when a day alarms."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from crm.kit.money import Money
from crm.partnerships import rules
from crm.partnerships.rules import (
    AHEAD,
    HELD,
    OVER,
    Alarm,
    Basis,
    Days,
    FacilityStage,
    Given,
    Kind,
    Stage,
    Valuation,
    Valuer,
)
from tests.conftest import TODAY

DAYS = st.none() | st.dates(date(2020, 1, 1), date(2032, 1, 1))
ANY_DAYS = st.builds(Days, loan_ends_on=DAYS, licence_ends_on=DAYS, disposal_on=DAYS)
VALUATIONS = st.builds(
    Valuation,
    basis=st.sampled_from(Basis),
    amount=st.none() | st.builds(Money, st.integers(-5, 5), st.just("USD")),
    valuer=st.none() | st.sampled_from(Valuer),
    valued_by=st.sampled_from([None, "", "Their controller"]),
    valued_on=DAYS,
)


@given(st.data(), st.sampled_from(Given))
def test_every_way_leads_forward_and_comes_to_an_end(data, way):
    path = [Stage.OFFERED]
    while following := rules.may_become(path[-1], given=way):
        path.append(data.draw(st.sampled_from(following)))
    assert path[-1] in OVER
    assert len(path) == len(set(path))
    order = list(Stage)
    assert all(order.index(a) < order.index(b) for a, b in pairwise(path))
    assert way is Given.LOAN or Stage.RETURNED not in path


@given(ANY_DAYS, *[st.dates(date(2020, 1, 1), date(2032, 1, 1))] * 3)
def test_a_day_fits_between_those_beside_it_and_nothing_is_over_before_its_offer(days, on, a, b):
    first, last = sorted((a, b))
    between = ends = True
    try:
        rules.refuse_between(on, first, last)
    except rules.WrongDay:
        between = False
    try:
        rules.refuse_ends(days, offered_on=on)
    except rules.WrongDay:
        ends = False
    assert between == (first <= on <= last)
    over = [day for day in (days.loan_ends_on, days.licence_ends_on) if day is not None]
    assert ends == all(on <= day for day in over)


def test_the_usual_way_of_a_loan():
    usual = [Stage.OFFERED, Stage.ACCEPTED, Stage.DELIVERED, Stage.IN_USE, Stage.RETURNED]
    assert all(b in rules.may_become(a, given=Given.LOAN) for a, b in pairwise(usual))
    assert Stage.IN_USE not in rules.may_become(Stage.OFFERED, given=Given.LOAN)


@given(st.sampled_from(Stage))
def test_only_what_ends_without_a_return_needs_a_reason(stage):
    assert rules.needs_reason(stage) == (stage is Stage.ENDED)


@pytest.mark.parametrize(
    ("before", "after", "needed"),
    [
        (FacilityStage.PLANNING, FacilityStage.BUILDING, False),
        (FacilityStage.PLANNING, FacilityStage.OPERATION, False),
        (FacilityStage.OPERATION, FacilityStage.BUILDING, True),
        (FacilityStage.OPERATION, FacilityStage.CLOSED, True),
        (FacilityStage.CLOSED, FacilityStage.PLANNING, True),
    ],
)
def test_a_facility_goes_back_or_closes_with_a_reason(before, after, needed):
    assert rules.facility_needs_reason(before, after) == needed


@given(st.sampled_from(Kind), st.sampled_from(Given), VALUATIONS)
def test_what_is_taken_has_a_basis_that_fits_and_is_somebody_s_word(kind, way, valuation):
    with suppress(rules.WrongValuation):
        rules.refuse_valuation(kind, way, valuation)
        _holds(kind, way, valuation)


def _holds(kind, way, valuation):
    assert valuation.basis in rules.bases(kind, way)
    if kind is Kind.SERVICES:
        assert valuation.amount is None
    else:
        assert valuation.amount is not None
        assert valuation.amount.minor > 0
        assert valuation.valued_by
        assert valuation.valued_on
        assert valuation.valuer is Valuer.APPRAISER or valuation.basis is not Basis.APPRAISAL


@given(st.sampled_from(Kind), st.sampled_from(Given), st.sampled_from(Basis))
def test_a_basis_fits_one_way_of_giving(kind, way, basis):
    assume(basis in rules.bases(kind, way))
    assert (kind is Kind.MONEY) == (basis is Basis.FACE)
    assert (kind is Kind.SERVICES) == (basis is Basis.NOT_COUNTABLE)
    assert basis is not Basis.LEASE or way is Given.LOAN
    assert way is Given.GIFT or kind in (Kind.EQUIPMENT, Kind.SOFTWARE)


@given(st.sampled_from(Kind), st.sampled_from(Given), ANY_DAYS)
def test_days_fit_how_it_is_given(kind, way, days):
    fits = (
        bool(rules.bases(kind, way))
        and (days.loan_ends_on is None or way is Given.LOAN)
        and (days.disposal_on is None or way is Given.GIFT)
    )
    if fits:
        rules.refuse_kind(kind, way, days)
    else:
        with pytest.raises(rules.WrongKind):
            rules.refuse_kind(kind, way, days)


@given(st.sampled_from(Stage), ANY_DAYS, st.integers(0, 2000))
def test_an_alarm_once_begun_stays_until_it_is_dealt_with(stage, days, later):
    now = rules.alarms(TODAY, stage, days)
    assert [on for _, on in now] == sorted(on for _, on in now)
    assert set(now) <= set(rules.alarms(TODAY + timedelta(days=later), stage, days))
    assert not now or stage in HELD


@pytest.mark.parametrize(("ahead", "seen"), [(-1, True), (0, True), (90, True), (91, False)])
@pytest.mark.parametrize(
    ("alarm", "name"),
    [
        (Alarm.LOAN, "loan_ends_on"),
        (Alarm.LICENCE, "licence_ends_on"),
        (Alarm.DISPOSAL, "disposal_on"),
    ],
)
def test_it_alarms_a_quarter_ahead(alarm, name, ahead, seen):
    on = TODAY + timedelta(days=ahead)
    assert AHEAD.days == 90
    found = rules.alarms(TODAY, Stage.IN_USE, Days(**{name: on}))
    assert list(found) == ([(alarm, on)] if seen else [])


@given(st.none() | st.dates(), st.dates())
def test_what_was_accepted_counts_for_good(accepted_on, day):
    counted = rules.counts(day, accepted_on=accepted_on)
    assert counted == (accepted_on is not None and day >= accepted_on)
