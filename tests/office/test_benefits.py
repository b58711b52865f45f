"""Benefits in the browser's words: what a year gives, what was used, and who may enter it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from crm.benefits.models import BenefitUse, BenefitUsePerson
from crm.companies.models import Company
from crm.projects.rules import ProjectKind, Stage
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.benefits import BenefitUseFactory, benefit, promised
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.invoices import InvoiceFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.projects import ProjectFactory, SeatsFactory

DAY = TODAY.isoformat()


@pytest.fixture
def member(session):
    """A member of the first year with two people; ids."""
    membership = promised(company=CompanyFactory(name="Aldous Mills"))
    ida = AffiliationFactory(company=membership.company).person
    found = {
        "id": membership.id,
        "company": membership.company_id,
        "person": ida.id,
        "name": ida.name,
        "symposium": benefit("symposium").id,
        "introductions": benefit("introductions").id,
    }
    session.commit()
    return found


def the_company(session, member):
    return session.get_one(Company, member["company"])


def form(member, **more):
    return {"benefit": member["symposium"], "number": "1", "on": DAY, "note": "", **more}


def new(member):
    return f"/office/companies/{member['company']}/benefits/new"


def test_a_use_from_the_company_page_to_its_year(sam, session, member):
    page = sam.get(f"/office/companies/{member['company']}")
    assert "Benefits until Sep 30, 2026: nothing used yet · Record a use" in page.words
    shown = sam.get(new(member))
    assert shown.html.select_one("#benefit option")["value"] == ""
    assert "Symposium places: 4 of 4 places left" in shown.words
    assert "Student introductions: 10 of 10 introductions left" in shown.words
    assert "Workforce training" not in shown.words  # counted from projects
    answer = sam.post(new(member), form(member, number="3", people=[member["person"]]))
    assert answer.location == f"/office/memberships/{member['id']}/benefits#y1"
    words = sam.get(answer.location).words
    assert "Recorded: Symposium places, 3 places; 1 of 4 places left." in words
    assert "Year 1 of 3: Oct 1, 2025 to Sep 30, 2026" in words
    assert member["name"] in words
    assert "Symposium places 3 of 4" in sam.get(f"/office/companies/{member['company']}").words
    kept = select(BenefitUsePerson.person_id)
    assert told(session, kept) == member["person"]


def test_who_has_left_is_offered_for_the_days_on_which_they_were_there(sam, session, member):
    company = the_company(session, member)
    gone = AffiliationFactory(company=company, person__name="Bo Quist", ends_before=TODAY).person_id
    session.commit()
    assert "Bo Quist, until June 14, 2026" in sam.get(new(member)).words
    refused = sam.post(new(member), form(member, people=[gone]), status=422)
    assert "at this company on June 15, 2026, not: Bo Quist" in refused.words
    eve = (TODAY - timedelta(days=1)).isoformat()
    sam.post(new(member), form(member, on=eve, people=[gone]))
    assert told(session, select(BenefitUsePerson.person_id)) == gone


def test_more_than_is_left_is_warned_of_and_entered(sam, session, member):
    sam.post(new(member), form(member, number="3"))
    answer = sam.post(new(member), form(member, number="3"))
    words = sam.get(answer.location).words
    assert "That makes 2 places more than this year gives." in words
    assert "2 over" in words
    assert told(session, select(func.sum(BenefitUse.number))) == 6


def test_a_place_kept_ahead_leaves_less(sam, member):
    ahead = (TODAY + timedelta(days=20)).isoformat()
    answer = sam.post(new(member), form(member, number="2", on=ahead))
    assert "2 of 4 places left" in sam.get(answer.location).words


def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(sam, session, member):
    kept = {"note": "With the plant manager"}
    refused = sam.post(new(member), form(member, on="2025-09-30", **kept), status=422)
    assert "On September 30, 2025 Aldous Mills was no member" in refused.words
    assert "With the plant manager" in refused.text
    assert "had not begun yet" in refused.words
    refused = sam.post(new(member), form(member, number="0"), status=422)
    assert "from 1 to 9,999" in refused.words
    refused = sam.post(new(member), form(member, benefit=""), status=422)
    assert "Choose what was used" in refused.words
    refused = sam.post(new(member), form(member, people=[2_000_000]), status=422)
    assert told(session, select(func.count(BenefitUse.id))) == 0


@pytest.mark.parametrize(
    "bad",
    [
        {"benefit": "abc"},
        {"benefit": "2000000"},
        {"number": "many"},
        {"number": "99999999999999999999"},
        {"on": "soon"},
        {"on": "0001-01-01"},
        {"people": ["nobody"]},
        {"note": "\x00"},
        {"note": "x" * 1001},
    ],
)
def test_what_cannot_be_read_is_refused_and_kept_in_the_form(sam, session, member, bad):
    sam.post(new(member), form(member, **bad), status=422)
    assert told(session, select(func.count(BenefitUse.id))) == 0


def test_a_form_sent_twice_counts_once(sam, session, member):
    token = {"form_token": "the-same-form"}
    first = sam.post(new(member), form(member, **token))
    again = sam.post(new(member), form(member, **token))
    assert first.location == again.location
    assert told(session, select(func.count(BenefitUse.id))) == 1


def test_a_company_that_is_no_member_is_told_so(sam, session):
    company = CompanyFactory(name="Bygone Works")
    MembershipFactory(company=company, lapsed=True)
    id_ = company.id
    session.commit()
    words = sam.get(f"/office/companies/{id_}/benefits/new").words
    assert "Bygone Works has no membership in force today" in words
    assert "Benefits until" not in sam.get(f"/office/companies/{id_}").words


def test_a_use_is_struck_with_a_reason_and_stays(sam, session, member):
    sam.post(new(member), form(member))
    id_ = told(session, select(BenefitUse.id))
    page = f"/office/benefits/uses/{id_}"
    words = sam.get(page).words
    for word in ("Symposium places", "1 place", "Aldous Mills", "Year 1 of its membership", "Sam"):
        assert word in words
    refused = sam.post(f"{page}/strike", {"reason": ""}, status=422)
    assert "Say why" in refused.words
    assert sam.post(f"{page}/strike", {"reason": "Wrong company"}).location == page
    words = sam.get(page).words
    assert "Struck by Sam" in words
    assert "Wrong company" in words
    refused = sam.post(f"{page}/strike", {"reason": "Again"}, status=422)
    assert "has struck it already" in refused.words
    assert (
        "Nothing was used in this year"
        in sam.get(f"/office/memberships/{member['id']}/benefits").words
    )


def test_what_projects_use_is_counted_and_linked(sam, session, member):
    course = ProjectFactory(
        title="Lean for tutors", kind=ProjectKind.COURSE, seats_offered=9, stage=Stage.RUNNING,
        starts_on=date(2026, 2, 1),
    )  # fmt: skip
    SeatsFactory(project_id=course.id, company=the_company(session, member), seats=2)
    link = f"/office/projects/{course.id}"
    session.commit()
    page = sam.get(f"/office/memberships/{member['id']}/benefits")
    assert "Lean for tutors" in page.words
    assert f'href="{link}"' in page.text
    assert 'href="#y1-courses"' in page.text
    assert 'id="y1-courses"' in page.text


def test_a_draft_tells_what_it_would_be_promised(sam, session):
    id_ = MembershipFactory(unsigned=True).id
    session.commit()
    words = sam.get(f"/office/memberships/{id_}").words
    assert "would be promised if it were signed today" in words
    assert "Symposium places 4 0 0 4" in words
    assert "Record a use" not in words


def test_a_term_of_before_benefits_were_kept_says_so(sam, session):
    id_ = MembershipFactory().id
    session.commit()
    assert (
        "What this term was promised is not on record"
        in sam.get(f"/office/memberships/{id_}").words
    )


def test_days_that_no_year_counts_are_said_in_words(sam, session):
    membership = promised(
        starts_on=date(2023, 10, 1), extended=90,
        company=CompanyFactory(name="Longer Works"),
    )  # fmt: skip
    BenefitUseFactory(company=membership.company, on=date(2023, 9, 30), number=2)
    id_ = membership.id
    session.commit()
    words = sam.get(f"/office/memberships/{id_}/benefits").words
    assert "The extension from Oct 1, 2026 on belongs to this year" in words
    assert "in the days of grace" in words
    assert "On days without a membership" in words


def test_overdue_dues_are_said_to_those_who_may_see_money(sam, fay, session, member):
    InvoiceFactory(company=the_company(session, member), due_on=TODAY - timedelta(days=40))
    session.commit()
    page = f"/office/memberships/{member['id']}"
    for address in (page, f"{page}/benefits", new(member)):
        assert "benefits rest until they are paid" in sam.get(address).words
    assert "benefits rest" not in fay.get(page).words
    assert "benefits rest" not in fay.get(f"{page}/benefits").words
    sam.post(new(member), form(member))  # nothing is blocked


def test_faculty_read_numbers_but_neither_names_nor_notes(sam, fay, rea, session, member):
    sam.post(new(member), form(member, people=[member["person"]], note="He asked for more"))
    id_ = told(session, select(BenefitUse.id))
    page = f"/office/memberships/{member['id']}/benefits"
    for address in (page, f"/office/benefits/uses/{id_}"):
        assert member["name"] in rea.get(address).words
        assert "He asked for more" in rea.get(address).words
        words = fay.get(address).words
        assert "Symposium places" in words
        assert member["name"] not in words
        assert "He asked for more" not in words
        assert "Strike" not in words
    for who in (fay, rea):
        who.get(new(member), status=403)
        who.post(new(member), form(member), status=403)
        who.post(f"/office/benefits/uses/{id_}/strike", {"reason": "No"}, status=403)
    sam.post(f"/office/benefits/uses/{id_}/strike", {"reason": "Paid for it"})
    assert "Paid for it" in rea.get(f"/office/benefits/uses/{id_}").words
    assert "Paid for it" not in fay.get(f"/office/benefits/uses/{id_}").words


def test_the_director_agrees_otherwise_for_a_term(dana, sam, fay, session, member):
    page = f"/office/memberships/{member['id']}/benefits"
    assert "Agree otherwise" in dana.get(page).words
    sent = {"benefit": member["symposium"], "from_year": "1", "a_year": "10", "reason": "By letter"}
    assert "Year 2, Oct 1, 2026" in dana.get(f"{page}/agree").words
    neither = dana.post(f"{page}/agree", {**sent, "a_year": ""}, status=422)
    assert "Write a number, or tick that there is no limit" in neither.words
    both = dana.post(f"{page}/agree", {**sent, "no_limit": "1"}, status=422)
    assert "Write a number, or tick that there is no limit" in both.words
    assert dana.post(f"{page}/agree", sent).location == page
    words = dana.get(page).words
    assert "Symposium places: 10 a year, from year 1 on By letter" in words
    assert "Symposium places 10 0 0 10" in words
    again = dana.post(f"{page}/agree", sent, status=422)
    assert "what was agreed last" in again.words
    dana.post(f"{page}/agree", {**sent, "a_year": "", "no_limit": "1", "from_year": "2"})
    assert "Symposium places: no limit, from year 2 on" in dana.get(page).words
    assert "Agree otherwise" not in sam.get(page).words
    assert "By letter" not in fay.get(page).words
    sam.post(f"{page}/agree", sent, status=403)


def test_a_person_s_page_tells_what_they_had(sam, session, member):
    sam.post(new(member), form(member, people=[member["person"]]))
    use = told(session, select(BenefitUse.id))
    shown = sam.get(f"/office/people/{member['person']}")
    assert f"/office/benefits/uses/{use}" in shown.text
    assert "Symposium places Aldous Mills" in shown.words


def test_the_time_line_tells_what_was_used(fay, session, member):
    BenefitUseFactory(company=the_company(session, member), number=2)
    ahead = TODAY + timedelta(days=1)
    BenefitUseFactory(company=the_company(session, member), on=ahead, number=3, key="campus-days")
    session.commit()
    page = fay.get(f"/office/companies/{member['company']}")
    told = page.html.select_one("#timeline").get_text(" ")
    assert "Symposium places" in told
    assert "2 places" in told
    assert "Campus days" not in told
