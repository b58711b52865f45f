from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from crm.activities.models import Clearance, Interest, Task, Touch, TouchPerson
from crm.companies.models import Affiliation, Company
from crm.people.models import Person
from tests.factories.activities import InterestFactory, TaskFactory, TouchFactory
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory
from tests.factories.pipeline import OpportunityFactory

LOGGED = {"text": "Half an hour: the lean group again", "kind": "call", "on": "2026-06-12"}


@pytest.fixture
def acme(session):
    company_id = CompanyFactory(name="Acme").id
    session.commit()
    return company_id


def of(session, model):
    found = session.scalars(select(model)).all()
    session.expunge_all()
    session.rollback()
    return found


def test_a_contact_is_logged_by_whoever_works_with_companies(dana, sam, fay, session, acme):
    for member in (dana, sam, fay):
        member.post(f"/office/companies/{acme}/touches/new", LOGGED)
    assert [touch.by_id for touch in of(session, Touch)] == [dana.user_id, sam.user_id, fay.user_id]
    assert dana.get(f"/office/companies/{acme}").words.count("the lean group again") >= 3
    (company,) = of(session, Company)
    assert company.last_touch_on == date(2026, 6, 12)


def test_others_do_not_log(rea, ada, acme):
    for member in (rea, ada):
        member.post(f"/office/companies/{acme}/touches/new", LOGGED, status=403)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": ""}, "Write a line about it."),
        ({"text": "x" * 20_001}, "Please keep this to 20,000 characters."),
        ({"text": "a\x00b"}, "cannot be stored"),
        ({"on": "yesterday"}, "year-month-day"),
        ({"on": "2026-12-01"}, "tells what has happened"),
        ({"kind": "telepathy"}, "Not a valid choice"),
        ({"people": ["999999"]}, "not a valid choice"),
        ({"met_email": "nobody"}, "does not look like an e-mail"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(sam, session, acme, typed, said):
    page = sam.post(
        f"/office/companies/{acme}/touches/new", {**LOGGED, "met_name": "Kept", **typed}, 422
    )
    assert said in page.text
    assert "Kept" in page.text
    assert of(session, Touch) == []


def test_somebody_new_is_put_on_record_at_the_company(fay, session, acme):
    met = {"met_name": "Ada Byron", "met_email": "ada@acme.example"}
    fay.post(f"/office/companies/{acme}/touches/new", {**LOGGED, **met})
    fay.post(f"/office/companies/{acme}/touches/new", {**LOGGED, "met_name": "ada byron"})
    (person,) = of(session, Person)
    (job,) = of(session, Affiliation)
    assert (job.person_id, job.company_id) == (person.id, acme)
    assert len(of(session, TouchPerson)) == 2
    assert "With Ada Byron" in fay.get(f"/office/companies/{acme}").words


def test_confidential_contacts_are_for_their_author_directors_and_staff(
    dana, sam, fay, rea, session, acme
):
    sam.post(
        f"/office/companies/{acme}/touches/new",
        {**LOGGED, "text": "Secret merger", "confidential": "y"},
    )
    (touch,) = of(session, Touch)
    for member in (dana, sam):
        assert "Secret merger" in member.get(f"/office/companies/{acme}").words
    for member in (fay, rea):
        page = member.get(f"/office/companies/{acme}")
        assert "Secret merger" not in page.text
        assert "Sam Okafor" not in page.words
        assert "Secret" not in member.get("/office/search?q=secret").words.replace("“secret”", "")
        assert "2026-06-12" not in member.get("/office/companies.csv").text
    fay.get(f"/office/touches/{touch.id}/edit", status=404)


def test_a_faculty_members_own_confidential_contact_stays_with_them(fay, rea, session, acme):
    fay.post(
        f"/office/companies/{acme}/touches/new",
        {**LOGGED, "text": "Between us", "confidential": "y"},
    )
    assert "Between us" in fay.get(f"/office/companies/{acme}").words
    assert "Between us" not in rea.get(f"/office/companies/{acme}").text


def test_what_became_confidential_is_in_no_history_open_to_others(sam, rea, session, acme):
    sam.post(f"/office/companies/{acme}/touches/new", {**LOGGED, "text": "Was open"})
    (touch,) = of(session, Touch)
    sam.post(
        f"/office/touches/{touch.id}/edit",
        {**LOGGED, "text": "Now closed", "confidential": "y", "version": str(touch.version)},
    )
    text = rea.get(f"/office/companies/{acme}").text
    assert "Was open" not in text
    assert "Now closed" not in text


def test_in_contact_tells_others_that_and_no_more(sam, fay, dana, session, acme):
    company = session.get_one(Company, acme)
    person_id = AffiliationFactory(company=company, person__name="Ada Byron").person_id
    session.commit()
    sam.post(
        f"/office/companies/{acme}/touches/new",
        {**LOGGED, "in_contact": "y", "people": [str(person_id)]},
    )
    page = fay.get(f"/office/companies/{acme}")
    assert "In contact" in page.words
    assert "Sam Okafor" in page.words
    assert "the lean group again" not in page.text
    assert "Ada Byron" not in page.text
    assert "the lean group again" in dana.get(f"/office/companies/{acme}").words


def test_ones_own_is_corrected_and_struck_out_staff_correct_any(fay, sam, session, acme):
    sam.post(f"/office/companies/{acme}/touches/new", LOGGED)
    fay.post(f"/office/companies/{acme}/touches/new", {**LOGGED, "text": "By Fay"})
    theirs, own = of(session, Touch)
    fay.get(f"/office/touches/{theirs.id}/edit", status=404)
    fay.post(f"/office/touches/{theirs.id}/strike-out", status=404)
    fay.post(f"/office/touches/{own.id}/edit", {**LOGGED, "text": "Corrected", "version": "1"})
    assert "Corrected" in sam.get(f"/office/companies/{acme}").words
    sam.post(f"/office/touches/{own.id}/edit", {**LOGGED, "version": "1"}, 409)
    sam.post(f"/office/touches/{own.id}/strike-out")
    assert "Corrected" not in fay.get(f"/office/companies/{acme}").words
    sam.post(f"/office/touches/{own.id}/edit", {**LOGGED, "version": "3"}, 422)


def test_a_task_goes_round(sam, dana, session, acme):
    sam.post(
        f"/office/companies/{acme}/tasks/new", {"title": "Send the terms", "due_on": "2026-06-20"}
    )
    (task,) = of(session, Task)
    assert (task.owner_id, task.company_id) == (sam.user_id, acme)
    assert "Send the terms" in sam.get("/office/tasks").words
    assert "Send the terms" not in dana.get("/office/tasks").words
    assert "Send the terms" in dana.get(f"/office/tasks?owner={sam.user_id}").words
    changed = {
        "title": "Send better terms",
        "due_on": "2026-06-21",
        "owner": str(dana.user_id),
        "version": str(task.version),
    }
    sam.post(f"/office/tasks/{task.id}/edit", changed)
    assert "Send better terms" in dana.get("/office/tasks").words
    dana.post(f"/office/tasks/{task.id}/edit", {**changed, "title": "Stale"}, 409)
    dana.post(f"/office/tasks/{task.id}/complete")
    dana.get("/office/")  # where the message is shown
    assert "Send better terms" not in dana.get("/office/tasks").words
    assert "Send better terms" in dana.get("/office/tasks?state=done").words
    dana.post(f"/office/tasks/{task.id}/drop", status=409)
    dana.post(f"/office/tasks/{task.id}/reopen", {"back": "tasks"})
    dana.post(f"/office/tasks/{task.id}/drop")
    assert "Send better terms" in dana.get("/office/tasks?state=dropped").words


def test_tasks_that_are_wrong_or_missing(sam, fay, acme):
    page = sam.post(f"/office/companies/{acme}/tasks/new", {"title": "", "due_on": ""}, 422)
    assert "Say what is to be done." in page.words
    sam.post("/office/companies/999999/tasks/new", {"title": "X", "due_on": "2026-06-20"}, 404)
    sam.post("/office/tasks/999999/complete", status=404)
    sam.get("/office/tasks?state=x", status=400)
    sam.get("/office/tasks?owner=x", status=400)
    fay.get("/office/tasks")
    fay.post("/office/tasks/1/complete", status=403)


def test_the_task_list_costs_the_same_with_many(sam, session, statements):
    def cost(count):
        for _ in range(count):
            TaskFactory(owner_id=sam.user_id)
        session.commit()
        sam.get("/office/tasks")
        statements.clear()
        sam.get("/office/tasks")
        return len(statements)

    assert cost(3) == cost(57) <= 6


def test_a_clearance_is_noted_with_its_state(sam, fay, session, acme):
    typed = {"granted_by": "Corporate relations", "purpose": "Alliance", "starts_on": "2026-01-01"}
    sam.post(f"/office/companies/{acme}/clearances/new", {**typed, "last_day": "2026-05-31"})
    sam.post(f"/office/companies/{acme}/clearances/new", {**typed, "purpose": "Gifts"})
    over, holds = of(session, Clearance)
    assert (over.ends_before, holds.ends_before) == (date(2026, 6, 1), None)
    words = sam.get(f"/office/companies/{acme}").words
    assert "over since Jun 1, 2026" in words
    assert "holds" in words
    page = sam.post(
        f"/office/companies/{acme}/clearances/new", {**typed, "last_day": "2025-01-01"}, 422
    )
    assert "would end before it begins" in page.words
    fay.get(f"/office/companies/{acme}/clearances/new", status=403)


def test_contacts_of_missing_companies_and_reports(sam):
    sam.post("/office/companies/999999/touches/new", LOGGED, status=404)
    sam.get("/office/touches/999999/edit", status=404)


def test_a_struck_out_report_says_so(sam, session):
    touch_id = TouchFactory(by_id=sam.user_id).id
    session.commit()
    sam.post(f"/office/touches/{touch_id}/strike-out")
    assert "was struck out" in sam.get(f"/office/touches/{touch_id}/edit").words


def test_an_interest_is_declared_on_the_company_s_page_and_ended_on_its_own(sam, fay, session):
    company = CompanyFactory(name="Loomline")
    founder = PersonFactory(name="Mireille Okonjo")
    url, person = f"/office/companies/{company.id}", f"/office/people/{founder.id}"
    sent = {"person": f"#{founder.id}", "stake": "founder", "starts_on": "2024-02-01"}
    session.commit()
    nobody = sam.post(f"{url}/interests/new", {**sent, "person": "Nobody Known"}, status=422)
    assert "Nobody on record is called “Nobody Known”" in nobody.words
    sam.post(f"{url}/interests/new", {**sent, "note": "A fifth of the shares"})
    for member in (sam, fay):
        assert "Mireille Okonjo Founder · since Feb 1, 2024" in member.get(url).words
    assert "A fifth of the shares" not in fay.get(url).words
    assert "A fifth of the shares" in sam.get(person).words
    [interest_id] = [interest.id for interest in of(session, Interest)]
    edit = f"/office/interests/{interest_id}/edit"
    fay.get(edit, status=403)
    ended = {**sent, "last_day": "2024-01-31", "version": "1"}
    assert "would end before it begins" in sam.post(edit, ended, status=422).words
    sam.post(edit, ended | {"last_day": "2026-05-31"})
    assert "over since Jun 1, 2026" in sam.get(url).words
    sam.post(edit, ended, status=409)


def test_a_professor_declares_a_stake_of_their_own_and_of_nobody_else(fay, rea, session):
    company = CompanyFactory(name="Loomline")
    url = f"/office/companies/{company.id}"
    sent = {"stake": "founder", "starts_on": "2024-02-01", "person": "#1", "person_id": "1"}
    PersonFactory(name="Somebody Else")
    session.commit()
    own = f"{url}/interests/own"
    assert fay.get(url).html.find("a", href=own)
    assert "is not linked with a person yet" in fay.get(fay.get(own, status=302).location).words
    me = PersonFactory(name="Fay Lindqvist", user_id=fay.user_id).id
    session.commit()
    assert "Enter the first day" in fay.post(own, {**sent, "starts_on": ""}, status=422).words
    fay.post(own, sent)
    assert [one.person_id for one in of(session, Interest)] == [me]
    assert "Fay Lindqvist Founder · since Feb 1, 2024" in fay.get(url).words
    fay.post(own, sent, status=422)
    rea.get(own, status=403)
    assert rea.get(url).html.find("a", href=own) is None


def test_an_opportunity_says_who_has_a_stake_in_its_company(dana, session):
    opportunity = OpportunityFactory()
    InterestFactory(company=opportunity.company, person__name="Mireille Okonjo")
    InterestFactory(company=opportunity.company, person__name="Past Holder", over=True)
    session.commit()
    page = dana.get(f"/office/opportunities/{opportunity.id}")
    assert "Declared interests: Mireille Okonjo : founder" in page.words
    assert "Past Holder" not in page.words
