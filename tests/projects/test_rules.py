"""What may follow a stage, whose project it is, initials, seats: without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.errors import RuleBroken
from crm.projects import rules
from crm.projects.rules import (
    FOLLOWS,
    OVER,
    OWNING,
    WITH_SEATS,
    CallStatus,
    CompanyRole,
    ProjectKind,
    Source,
    Stage,
)

stages = st.sampled_from(Stage)
ties = st.sets(st.tuples(st.integers(1, 4), st.sampled_from(CompanyRole)), max_size=6)


@given(before=stages, after=stages, reason=st.none() | st.just("Agreed"))
def test_only_what_follows_is_let_through_and_says_why_where_it_must(before, after, reason):
    fits = after in FOLLOWS[before]
    said = reason is not None or not rules.needs_reason(before, after)
    try:
        rules.check_step(before, after, reason=reason)
    except rules.NoSuchStep:
        assert not fits
    except RuleBroken:
        assert fits
        assert not said
    else:
        assert fits
        assert said


@given(on=st.dates(), closes_on=st.dates())
def test_nothing_is_selected_up_to_the_deadline(on, closes_on):
    takes = rules.call_status_on(on, opens_on=min(on, closes_on), closes_on=closes_on)
    try:
        rules.check_deadline(on, closes_on=closes_on)
    except rules.TooEarly:
        assert takes is CallStatus.OPEN
    else:
        assert takes is CallStatus.CLOSED


@given(path=st.lists(stages, max_size=12))
def test_nothing_runs_or_is_finished_that_was_not_selected(path):
    stage, selected = Stage.PROPOSED, False
    for after in path:
        if after in FOLLOWS[stage]:
            stage, selected = after, selected or after is Stage.SELECTED
        assert selected or stage not in (Stage.RUNNING, Stage.FINISHED)


def test_every_stage_can_be_reached_and_none_follows_itself():
    assert set(FOLLOWS) == set(Stage)
    assert all(stage not in after for stage, after in FOLLOWS.items())
    assert frozenset().union(*FOLLOWS.values()) == set(Stage)
    assert {stage for stage in Stage if not rules.is_overdue(
        date(2026, 2, 2), due_on=date(2026, 2, 1), done_on=None, stage=stage
    )} == OVER  # fmt: skip


@given(source=st.none() | st.sampled_from(Source), tied=ties)
def test_dues_pay_for_no_one_company_s_own(source, tied):
    owners = {company for company, role in tied if role in OWNING}
    own = rules.is_one_companys_own(source, tied)
    assert own == (source is Source.DUES_POOL and len(owners) == 1)
    if own:
        with pytest.raises(rules.OneCompanysOwn) as refusal:
            rules.check_owners(source, tied, field="source")
        assert "second host or sponsor" in str(refusal.value)
        assert not rules.is_one_companys_own(source, tied | {(99, CompanyRole.HOST)})
        assert not rules.is_one_companys_own(Source.SPONSORED, tied)
    else:
        rules.check_owners(source, tied, field="source")


@given(offered=st.none() | st.integers(1, 30), others=st.integers(0, 30), seats=st.integers(-2, 30))
def test_never_more_seats_than_offered(offered, others, seats):
    try:
        rules.check_taking(seats, offered=offered, others=others)
    except rules.NoSeatsLeft:
        assert seats + others > (offered or 0)
    except RuleBroken:
        assert seats < 0
    else:
        assert seats >= 0
        assert seats + others <= (offered or 0)


@given(kind=st.sampled_from(ProjectKind), offered=st.none() | st.integers(-1, 9),
       taken=st.integers(0, 9))  # fmt: skip
def test_an_offer_covers_what_is_taken_and_is_made_where_there_are_seats(kind, offered, taken):
    try:
        rules.check_offer(kind, offered=offered, taken=taken)
    except RuleBroken:
        beyond = taken > (offered or 0)
        assert beyond or (offered is not None and (offered < 1 or kind not in WITH_SEATS))
    else:
        assert taken <= (offered or 0)
        assert offered is None or (offered >= 1 and kind in WITH_SEATS)


@pytest.mark.parametrize("text", ["A. B.", "AB", "J.-P. K.", "É. Ø.", "X", "A B C D"])
def test_initials_are_letters(text):
    assert rules.are_initials(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ines",
        "a. b.",
        "I. Moreau",
        "A. B. C. D. E.",
        "1. 2.",
        "..",
        "A  B",
        "王小明",
        "김민수",
        "A王小明",
    ],
)
def test_a_name_is_no_initials(text):
    assert not rules.are_initials(text)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 90))
def test_a_call_is_open_from_its_first_day_to_its_last(opens_on, days):
    closes_on = opens_on + timedelta(days=days)

    def status(day: date) -> CallStatus:
        return rules.call_status_on(day, opens_on=opens_on, closes_on=closes_on)

    assert status(opens_on - timedelta(days=1)) is CallStatus.AHEAD
    assert status(opens_on) is status(closes_on) is CallStatus.OPEN
    assert status(closes_on + timedelta(days=1)) is CallStatus.CLOSED
