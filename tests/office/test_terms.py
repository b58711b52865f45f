"""Terms with dues by hand, fees that differ, and what else their agreement says."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from crm.memberships.models import Membership
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import tier

NEW = "/office/memberships/new"


@pytest.fixture
def wanted(session):
    """A three-year draft of the member tier."""
    company = CompanyFactory(name="Tidewater Yards")
    sent = {
        "company": f"Tidewater Yards (#{company.id})",
        "tier": str(tier("member").id),
        "starts_on": "2026-10-01",
        "years": "3",
        "currency": "USD",
    }
    session.commit()
    return sent


def the_page(member, session):
    id_ = session.scalar(select(Membership.id))
    session.rollback()
    return member.get(f"/office/memberships/{id_}"), id_


def test_dues_by_hand_are_kept_as_agreed(sam, session, wanted):
    by_hand = "2026-10-01 400,000\n\n2027-02-15  350,000.00"
    sam.post(NEW, {**wanted, "frequency": "by-hand", "by_hand": by_hand})
    page, id_ = the_page(sam, session)
    assert ["Oct 1, 2026", "1, 2", "$400,000", ""] in page.rows()
    assert ["Feb 15, 2027", "2, 3", "$350,000", ""] in page.rows()
    assert ["2", "Oct 1, 2027", "Sep 30, 2028", "$250,000", "$250,000"] in page.rows()
    form = sam.get(f"/office/memberships/{id_}/edit").html
    assert form.find(id="by_hand").text.split() == [
        "2026-10-01", "400000.00", "2027-02-15", "350000.00",
    ]  # fmt: skip


def test_fees_that_differ_by_year_are_kept_and_tie_out(sam, session, wanted):
    sam.post(NEW, {**wanted, "year_fees": "100,000\n200,000\n300,000", "frequency": "half-yearly"})
    page, id_ = the_page(sam, session)
    assert "Ties out: $100,000 + $200,000 + $300,000 = $600,000" in page.words
    assert ["Apr 1, 2029", "3", "$150,000", ""] in page.rows()
    form = sam.get(f"/office/memberships/{id_}/edit").html
    assert form.find(id="year_fees").text.split() == ["100000.00", "200000.00", "300000.00"]
    assert form.find(id="fee").get("value", "") == ""


def test_what_else_the_agreement_says_is_kept_and_shown(sam, fay, session, wanted):
    paper = {
        "notice_days": "90",
        "benefits_version": "2026-09",
        "logo_permission": "no",
        "own_seat": "yes",
        "covered_affiliates": "Tidewater Docks\nTidewater Paint",
        "renewal_terms": "Renews at the then current fee",
    }
    sam.post(NEW, {**wanted, **paper})
    page, id_ = the_page(sam, session)
    for said in (
        "Notice by Jul 3, 2029, 90 days before the end",
        "Benefits sheet 2026-09",
        "Logo not permitted",
        "Seat of its own",
        "Tidewater Docks Tidewater Paint",
        "Renews at the then current fee",
    ):
        assert said in page.words, said
    form = sam.get(f"/office/memberships/{id_}/edit").html
    assert form.select_one("#logo_permission [selected]")["value"] == "no"
    assert form.select_one("#own_seat [selected]")["value"] == "yes"
    assert form.find(id="notice_days")["value"] == "90"
    assert "then current fee" not in fay.get(f"/office/memberships/{id_}").text


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"by_hand": "2026-10-01 1"}, "Let dues fall due by hand, or empty this"),
        ({"frequency": "by-hand"}, "sum to USD 0.00, the fees of the term to USD 750,000.00"),
        (
            {"frequency": "by-hand", "by_hand": "2026-10-01 700,000"},
            "USD 50,000.00 is missing",
        ),
        (
            {"frequency": "by-hand", "by_hand": "2026-10-01 750,000\nnext year 1"},
            "Line 2: Write a day and an amount",
        ),
        (
            {"frequency": "by-hand", "by_hand": "2026-02-30 1\n\n2026-10-01 1,5"},
            "Line 1: 2026-02-30 is no day of the calendar. Line 3: Write the amount like",
        ),
        ({"frequency": "by-hand", "by_hand": "0001-01-01 1"}, "Line 1: 0001-01-01 is too far"),
        ({"frequency": "by-hand", "by_hand": "x\n" * 300}, "at most 200 lines"),
        ({"year_fees": "1\n2"}, "a fee for each of the 3 years"),
        ({"year_fees": "1\ntwo\n3"}, "Line 2: Write the amount like"),
        ({"year_fees": "1\n2\n3", "fee": "5"}, "not both"),
        ({"notice_days": "-1"}, "from 0 to 1,000"),
        ({"notice_days": "soon"}, "Write a whole number"),
        ({"logo_permission": "maybe"}, "Not a valid choice"),
        ({"renewal_terms": "x" * 2001}, "2,000 characters"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_nothing_typed_is_lost(sam, session, wanted, sent, said):
    page = sam.post(NEW, {**wanted, **sent}, status=422)
    assert said in page.words
    for name in ("by_hand", "year_fees"):
        assert page.html.find(id=name).text.split() == sent.get(name, "").split()
    assert session.scalar(select(func.count()).select_from(Membership)) == 0


def test_a_win_takes_the_same_terms(sam, session, wanted):
    page = sam.get(NEW)
    assert page.html.find(id="by_hand") is not None
