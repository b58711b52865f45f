"""Renewing, extending, amending and reinstating a term, each on a page of its own."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from crm.memberships.models import Membership
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, tier

NEW = "/office/memberships/new"


def made(session, **traits):
    id_ = int(MembershipFactory(**traits).id)
    session.commit()
    return f"/office/memberships/{id_}"


@pytest.fixture
def signed(dana, session):
    """The page of a signed three-year term since October 2025, with half-yearly dues."""
    sent = {
        "company": f"Northlake (#{CompanyFactory(name='Northlake').id})",
        "tier": str(tier("member").id),
        "starts_on": "2025-10-01",
        "frequency": "half-yearly",
        "company_signed_on": "2025-09-01",
        "programme_signed_on": "2025-09-02",
    }
    session.commit()
    return dana.post(NEW, sent).location


def tier_id(session, key):
    id_ = tier(key).id
    session.rollback()
    return str(id_)


# ── renew ──────────────────────────────────────────────────────────────────────────────────


def test_a_renewal_starts_where_the_term_ends_at_its_tier_and_fee(sam, session, signed):
    form = sam.get(f"{signed}/renew")
    assert "starts on Oct 1, 2028, where this one ends" in form.words
    assert form.html.find(id="fee")["value"] == "250000.00"
    assert form.html.select_one("#tier [selected]").text == "Member"
    sent = {
        "tier": tier_id(session, "associate"),
        "starts_on": "2031-01-01",
        "years": "",
        "fee": "60,000",
    }
    renewed = sam.post(f"{signed}/renew", sent).location
    page = sam.get(renewed)
    assert "Associate, Oct 1, 2028 to Sep 30, 2030" in page.words
    assert "No membership from" not in page.words
    assert "Renew" not in sam.get(signed).words.split("Term")[0]


def test_a_renewal_after_grace_leaves_the_gap_visible(sam, session):
    company = CompanyFactory(name="Brightfield")
    lapsed = made(session, company=company, starts_on=date(2022, 1, 1))
    form = sam.get(f"{lapsed}/renew")
    assert "the gap since Jan 1, 2025 stays visible" in form.words
    assert form.html.find(id="starts_on")["value"] == "2026-06-15"
    sent = {"tier": tier_id(session, "member"), "starts_on": "2026-07-01"}
    page = sam.get(sam.post(f"{lapsed}/renew", sent).location)
    assert "No membership from Jan 1, 2025 to Jun 30, 2026." in page.words
    company_id = session.scalar(select(Membership.company_id).limit(1))
    session.rollback()
    assert "No membership from Jan 1, 2025" in sam.get(f"/office/companies/{company_id}").words


def test_what_was_terminated_is_not_renewed(dana, session, signed):
    dana.post(f"{signed}/terminate", {"terminated_on": "2026-06-15", "reason": "Sold"})
    sent = {"tier": tier_id(session, "member"), "starts_on": "2028-10-01"}
    page = dana.post(f"{signed}/renew", sent, status=422)
    assert "start a new membership instead" in page.words


# ── extend ─────────────────────────────────────────────────────────────────────────────────


def test_an_extension_moves_the_end_and_says_why(dana, fay, signed):
    dana.post(f"{signed}/extend", {"days": "31", "reason": "Budget comes late"})
    page = dana.get(signed)
    assert "Last day Oct 31, 2028" in page.words
    assert "As signed until Sep 30, 2028" in page.words
    assert "Extended by 31 days Budget comes late (Dana Whitfield)" in page.words
    assert "Ties out: 3 × $250,000 = $750,000" in page.words
    told = fay.get(signed).words
    assert "Extended by 31 days" in told
    assert "Budget" not in told


@pytest.mark.parametrize(
    ("sent", "said"),
    [({"days": "0"}, "From 1 to 730"), ({"days": "999"}, "more is a renewal"),
     ({"days": ""}, "Say by how many"), ({"reason": " "}, "Say why")],
)  # fmt: skip
def test_an_extension_that_cannot_be_is_refused(dana, signed, sent, said):
    assert said in dana.post(f"{signed}/extend", {"days": "5", "reason": "x", **sent}, 422).words


# ── amend ──────────────────────────────────────────────────────────────────────────────────


def test_amending_shows_first_what_it_would_do_and_then_does_it(dana, session, signed):
    sent = {
        "from_on": "2026-10-01",
        "tier": tier_id(session, "associate"),
        "fee": "50,000",
        "reason": "Fewer than 500 staff",
    }
    looking = {**sent, "look": "1", "form_token": "drawn once"}
    for _ in range(2):  # reloaded, it is looked at again
        looked = dana.post(f"{signed}/amend", looking, status=200)
    assert "would cost $250,000, $50,000, $50,000; now they cost $250,000" in looked.words
    assert ["Oct 1, 2026", "2", "$125,000", "reversed"] in looked.rows()
    assert ["Oct 1, 2026", "2", "$25,000", "posted"] in looked.rows()
    assert "Fewer than 500" in looked.text
    assert "Amended" not in dana.get(signed).words
    dana.post(f"{signed}/amend", sent)
    page = dana.get(signed)
    assert "Ties out: $250,000 + $50,000 + $50,000 = $350,000" in page.words
    gone = "Reversed on Jun 15, 2026. Amended: Fewer than 500 staff"
    assert ["Oct 1, 2026", "2", "$125,000", gone] in page.rows()
    assert ["Oct 1, 2026", "2", "$25,000", "Bill it"] in page.rows()
    assert ["2", "Oct 1, 2026", "Sep 30, 2027", "$50,000", "$50,000"] in page.rows()
    assert "from Oct 1, 2026 on Associate at $50,000 a year" in page.words
    later = dana.get(f"{signed}?as_of=2027-01-01").words
    assert "On Jan 1, 2027: Active Associate, $50,000 a year" in later


def test_another_tier_alone_needs_no_fee(dana, session, signed):
    form = dana.get(f"{signed}/amend")
    assert "Now a year costs $250,000" in form.words
    sent = {"from_on": "2026-10-01", "tier": tier_id(session, "associate"), "fee": ""}
    looked = dana.post(f"{signed}/amend", {**sent, "reason": "Shrank", "look": "1"}, status=200)
    assert "The schedule stays as it is." in looked.words
    dana.post(f"{signed}/amend", {**sent, "reason": "Shrank"})
    assert "from Oct 1, 2026 on Associate, fees as they were" in dana.get(signed).words
    assert "Associate, $250,000 a year" in dana.get(f"{signed}?as_of=2027-01-01").words


def test_amended_into_the_founding_tier_it_is_marked_founding(dana, session, signed):
    sent = {"from_on": "2026-06-15", "tier": tier_id(session, "founding"), "fee": ""}
    assert "Founding" not in dana.get(signed).text
    dana.post(f"{signed}/amend", {**sent, "reason": "Joined the founders"})
    sent = {"from_on": "2026-06-15", "tier": tier_id(session, "member"), "fee": ""}
    dana.post(f"{signed}/amend", {**sent, "reason": "Less of it"})
    assert dana.get(signed).html.select_one(".mk-founding")
    assert dana.get("/office/memberships").html.select_one(".mk-founding")


def test_faculty_read_of_an_amendment_only_the_tier(dana, fay, session, signed):
    sent = {"from_on": "2026-10-01", "tier": tier_id(session, "associate"), "fee": "50,000"}
    dana.post(f"{signed}/amend", {**sent, "reason": "Cannot pay more"})
    told = fay.get(f"{signed}?as_of=2027-01-01").words
    assert "from Oct 1, 2026 on Associate" in told
    assert "On Jan 1, 2027: Active Associate" in told
    assert "50,000" not in told
    assert "Cannot pay" not in told


@pytest.mark.parametrize("act", [{}, {"look": "1"}])
@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"from_on": "2030-01-01"}, "Choose a day of the term"),
        ({"fee": "250,000"}, "Nothing changes"),
        ({"fee": ""}, "choose another tier"),
        ({"fee": "much"}, "Write the amount like"),
        ({"tier": "9999"}, "Not a valid choice"),
        ({"reason": ""}, "Say why"),
    ],
)
def test_an_amendment_that_cannot_be_is_refused(dana, session, signed, act, sent, said):
    whole = {
        "from_on": "2026-10-01",
        "tier": tier_id(session, "member"),
        "fee": "200,000",
        "reason": "x",
    }
    assert said in dana.post(f"{signed}/amend", {**whole, **sent, **act}, status=422).words


# ── terminate, reinstate ───────────────────────────────────────────────────────────────────


def test_reinstating_takes_a_termination_back_and_the_dues_with_it(dana, signed):
    dana.post(f"{signed}/terminate", {"terminated_on": "2026-05-01", "reason": "No answer"})
    ended = dana.get(signed)
    assert "Ended early: $250,000 of 3 × $250,000 = $750,000 stays due." in ended.words
    assert ended.html.find("a", string="Reinstate")
    dana.post(f"{signed}/reinstate", {"reinstated_on": "2026-06-01", "reason": "They wrote"})
    page = dana.get(signed)
    assert "No membership from May 1, 2026 to May 31, 2026: terminated" in page.words
    assert "No answer · They wrote (Dana Whitfield)" in page.words
    assert "Ties out" in page.words
    company = dana.get(str(page.html.select_one("#company a")["href"]))
    for drawn in (page, company):
        [before, after] = drawn.html.select(".band rect.st-active")
        assert float(before["x"]) + float(before["width"]) < float(after["x"])
    assert "On May 15, 2026: Terminated" in dana.get(f"{signed}?as_of=2026-05-15").words


def test_what_is_not_terminated_is_not_reinstated(dana, signed):
    assert "nothing to take back" in dana.get(f"{signed}/reinstate").words
    sent = {"reinstated_on": "2026-06-01", "reason": "x"}
    assert "is not terminated" in dana.post(f"{signed}/reinstate", sent, status=422).words


# ── who may ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("act", ["extend", "amend", "reinstate", "terminate"])
def test_only_a_director_changes_what_is_signed(sam, fay, rea, signed, act):
    for who in (sam, fay, rea):
        who.get(f"{signed}/{act}", status=403)
        who.post(f"{signed}/{act}", {"days": "3", "reason": "x"}, status=403)
    links = [a.get("href", "") for a in sam.get(signed).html.find_all("a")]
    assert f"{signed}/renew" in links
    assert f"{signed}/{act}" not in links


@pytest.mark.parametrize("who", ["fay", "rea", "ada"])
def test_who_only_reads_renews_nothing(request, signed, who):
    request.getfixturevalue(who).post(f"{signed}/renew", {}, status=403)
