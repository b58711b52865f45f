"""Major partnerships by rule: who is clear, when an NDA has ended, what both sides want."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.errors import RuleBroken
from crm.partnerships import workspace_rules as rules
from crm.partnerships.workspace_rules import (
    AHEAD,
    WANTED,
    Interest,
    Nda,
    NdaFacts,
    NotMutual,
    NotScreened,
    Result,
    Screened,
    Side,
    Verdict,
    WrongNda,
)

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))


@given(DAYS, DAYS, st.sampled_from(Result), st.none() | DAYS)
def test_clear_is_what_was_found_clear_and_is_still_good(day, on, result, until):
    found = rules.verdict(day, Screened(on=on, result=result, valid_until=until))
    still_good = until is None or day <= until
    assert (found is Verdict.CLEAR) is (on <= day and result is Result.CLEAR and still_good)
    assert (found is Verdict.NONE) is (on > day)
    if on <= day and result is not Result.CLEAR:
        assert found.value == result.value  # a match and a denial do not lapse


def test_a_screening_is_good_to_its_last_day():
    last = Screened(on=date(2026, 1, 5), result=Result.CLEAR, valid_until=date(2026, 6, 30))
    assert rules.verdict(date(2026, 6, 30), last) is Verdict.CLEAR
    assert rules.verdict(date(2026, 7, 1), last) is Verdict.EXPIRED
    assert rules.verdict(date(2026, 7, 1), None) is Verdict.NONE


@pytest.mark.parametrize("found", Verdict)
def test_a_refusal_names_the_company_and_says_what_to_do(found):
    if found is Verdict.CLEAR:
        assert rules.refuse_unscreened("Morrow", found) is None
        return
    with pytest.raises(NotScreened, match=r"Morrow.*(first|Only a later)"):
        rules.refuse_unscreened("Morrow", found)


@given(DAYS, st.none() | st.sampled_from(Nda), st.none() | DAYS)
def test_an_nda_ends_after_its_last_day_and_alarms_before(day, state, until):
    nda = NdaFacts(state=state, signed_on=date(2023, 1, 1), expires_on=until)
    over = state is Nda.SIGNED and until is not None and until < day
    assert (rules.nda_on(day, nda) == rules.EXPIRED) is over
    soon = state is Nda.SIGNED and until is not None and until - day <= AHEAD
    assert rules.nda_alarms(day, nda) is soon
    assert not over or soon


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"state": Nda.ASKED, "signed_on": date(2026, 6, 1)}, "signed_on"),
        ({"state": None, "expires_on": date(2026, 6, 1)}, "expires_on"),
        ({"state": Nda.SIGNED}, "signed_on"),
        ({"state": Nda.SIGNED, "signed_on": date(2026, 6, 16)}, "signed_on"),
        (
            {"state": Nda.SIGNED, "signed_on": date(2026, 6, 1), "expires_on": date(2026, 5, 31)},
            "expires_on",
        ),
    ],
)
def test_days_are_those_of_a_signed_nda(facts, field):
    with pytest.raises(WrongNda) as refused:
        rules.refuse_nda(NdaFacts(**facts), today=date(2026, 6, 15))
    assert refused.value.field == field


@given(st.sampled_from(Interest), st.sampled_from(Interest))
def test_an_area_is_agreed_once_both_want_it(company, university):
    both = company in WANTED and university in WANTED
    assert rules.mutual(company, university) is both
    assert rules.mutual(university, company) is both
    if both:
        rules.refuse_agreement(company, university)
        return
    with pytest.raises(NotMutual) as refused:
        rules.refuse_agreement(company, university)
    assert ("the company" in str(refused.value)) is (company not in WANTED)
    assert ("the university" in str(refused.value)) is (university not in WANTED)


@given(st.sampled_from(Interest), st.none() | DAYS, st.none() | st.just("Them"))
def test_a_side_that_spoke_did_so_on_a_day_between(interest, on, by):
    since, today = date(2026, 1, 1), date(2026, 6, 15)
    fits = (
        on is None and by is None
        if interest is Interest.NONE
        else on is not None and since <= on <= today
    )
    side = Side(interest=interest, by=by, on=on)
    if fits:
        rules.refuse_side(side, "company", since=since, today=today)
        return
    with pytest.raises(RuleBroken) as refused:
        rules.refuse_side(side, "company", since=since, today=today)
    assert refused.value.field in ("company_on", "company_interest")
