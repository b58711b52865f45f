"""What a term would be, on a page for staff."""

from __future__ import annotations

import pytest

from tests.factories.memberships import tier

PAGE = "/office/memberships/quote"


@pytest.fixture
def member_tier(session):
    id_ = tier("member").id
    session.rollback()
    return id_


def asked(tier_id, **more):
    question = {"tier": tier_id, "starts_on": "2026-01-31", "years": "2", "fee": "100,000.03",
                "currency": "USD", "frequency": "half-yearly", **more}  # fmt: skip
    return PAGE + "?" + "&".join(f"{name}={value}" for name, value in question.items())


def test_a_quote_tells_days_schedule_and_years_to_the_cent(sam, member_tier):
    page = sam.get(asked(member_tier))
    for said in ("Jan 30, 2028", "$100,000.03 a year", "$200,000.06", "60 days", "Active"):
        assert said in page.words, said
    rows = page.rows()
    assert ["Jul 31, 2026", "1", "$50,000.01"] in rows
    assert ["2", "Jan 31, 2027", "Jan 30, 2028", "$100,000.03"] in rows
    assert rows.count(["Sum", "$200,000.06"]) == 2


def test_all_in_advance_names_the_years_it_pays_for(sam, member_tier):
    page = sam.get(asked(member_tier, frequency="in-advance", fee="", years=""))
    assert ["Jan 31, 2026", "1 to 3", "$750,000"] in page.rows()


def test_a_waived_fee_is_said(sam, member_tier):
    assert "No dues: the fee is waived" in sam.get(asked(member_tier, fee="0")).words


def test_a_quote_becomes_a_draft_without_typing_again(sam, member_tier):
    page = sam.get(asked(member_tier))
    form = sam.get(page.html.select_one(".page-actions a")["href"]).html
    for name, value in (("starts_on", "2026-01-31"), ("years", "2"), ("fee", "100000.03")):
        assert form.find(id=name)["value"] == value
    assert form.select_one("#frequency [selected]")["value"] == "half-yearly"
    assert form.select_one("#tier [selected]").text == "Member"


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"tier": ""}, "Choose a tier"),
        ({"starts_on": "soon"}, "year-month-day"),
        ({"starts_on": "1950-01-01"}, "between 1990 and 2100"),
        ({"years": "11"}, "between 1 and 10"),
        ({"fee": "1.234,50"}, "Write the amount like"),
        ({"currency": "EUR", "fee": ""}, "Write the fee in EUR"),
        ({"frequency": "by-hand"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_quoted_is_said_beside_it(sam, member_tier, sent, said):
    page = sam.get(asked(member_tier, **sent), status=400)
    assert said in page.words
    assert "Dues schedule" not in page.words


def test_faculty_are_told_no_sums(fay):
    fay.get(PAGE, status=403)
    assert "Quote" not in fay.get("/office/memberships").words
