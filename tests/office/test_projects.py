"""Projects in the browser's words: called for, selected, run, and who may see and change what."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from crm.accounts.policy import GRANTS
from crm.accounts.policy import Permission as P
from crm.council.ballot_models import Ballot
from crm.people.models import Person
from crm.programme.models import Challenge
from crm.projects.models import ProjectCall
from crm.projects.people_models import (
    ProjectCompany,
    ProjectFaculty,
    ProjectSeats,
    ProjectStudent,
)
from crm.projects.rules import CompanyRole, FacultyRole, ProjectKind, Readers, Source, Stage
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.activities import InterestFactory
from tests.factories.companies import (
    AddressFactory,
    CompanyFactory,
    PersonFactory,
    ProfileFactory,
)
from tests.factories.projects import (
    CallFactory,
    FacultyFactory,
    MilestoneFactory,
    OutputFactory,
    ProjectFactory,
    SeatsFactory,
    StudentFactory,
    TieFactory,
)
from tests.office.project_pages import DAY, PROJECTS, led_by

BUDGET = {"source": "sponsored", "amount": "73,141.90", "currency": "USD", "version": "1"}


def test_from_a_call_to_a_project_that_is_finished(sam, session):
    call = {
        "title": "Seed research", "kind": "seed research project", "opens_on": "2026-06-08",
        "closes_on": "2026-07-31", "text": "Two **pages**.",
    }  # fmt: skip
    late = {**call, "closes_on": "2026-06-01"}
    assert "before the call opens" in sam.post(f"{PROJECTS}/calls/new", late, status=422).words
    address = sam.post(f"{PROJECTS}/calls/new", call).location
    call_id = told(session, select(ProjectCall.id))
    assert "Open until Jul 31, 2026" in sam.get(address).words
    assert "Seed research" in sam.get(PROJECTS).words
    challenge = told(session, select(Challenge.id).where(Challenge.number == 1))
    sent = {
        "title": "Reading castings", "kind": "seed research project", "about": "While they cool.",
        "challenges": [str(challenge)], "starts_on": "2026-09-01", "last_day": "2027-08-31",
    }  # fmt: skip
    wrong = {**sent, "kind": "course"}
    refused = sam.post(f"{PROJECTS}/new?call={call_id}", wrong, status=422)
    assert "The call is for a seed research project" in refused.words
    base = sam.post(f"{PROJECTS}/new?call={call_id}", sent).location
    page = sam.get(base).words
    assert "Proposed to Seed research" in page
    assert "Last day Aug 31, 2027" in page
    assert "1 proposal" in sam.get(address).words
    moved = {"stage": "selected", "on": DAY, "reason": ""}
    assert "Say why" in sam.post(f"{base}/stage", moved, status=422).words
    early = "takes proposals until July 31, 2026: select it on a later day, or move the deadline"
    assert early in sam.get(f"{base}/stage").words
    refused = sam.post(f"{base}/stage", {**moved, "reason": "It names a plant"}, status=422)
    assert early in refused.html.find(id="on-error").text
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    sam.post(f"{address}/edit", {**call, "closes_on": yesterday, "version": "1"})
    assert early not in sam.get(f"{base}/stage").words
    sam.post(f"{base}/stage", {**moved, "reason": "The only one that names a plant"})
    sam.post(f"{base}/stage", {**moved, "stage": "dropped", "on": "2026-06-01"}, status=422)
    sam.post(f"{base}/stage", {**moved, "stage": "running"})
    sam.post(f"{base}/stage", {**moved, "stage": "finished"})
    page = sam.get(base).words
    assert "The only one that names a plant" in page
    assert "Finished" in sam.get(f"{PROJECTS}?show=over").words
    assert "Reading castings" not in sam.get(PROJECTS).words
    assert "Reading castings" in sam.get("/office/search?q=castings").words


def test_a_proposal_is_entered_on_one_page(sam, rea, session):
    call = CallFactory(title="Seed research").id
    lead = PersonFactory(name="Tomas Iriarte")
    AddressFactory(person=lead, email="tomas@campus.example")
    north, dun = CompanyFactory(name="Northlake Works"), CompanyFactory(name="Dunmarrow Steel")
    CompanyFactory(name="Sagamore Tools")
    CompanyFactory(name="Gone Mills", archived_on=TODAY)
    north, dun = (f"{one.name} (#{one.id})" for one in (north, dun))
    session.commit()
    sent = {
        "title": "Reading castings", "kind": "seed research project",
        "email": "tomas@campus.example", "source": "dues pool", "amount": "73,141.90",
        "company_1": north, "role_1": "host", "company_2": "Sagamore Tools",
        "role_2": "mentor",
    }  # fmt: skip
    address = f"{PROJECTS}/new?call={call}"
    for wrong, field, said in (
        ({}, "source", "that company’s own project"),
        ({"source": ""}, "source", "Say who pays it."),
        ({"amount": "much"}, "amount", "500,000 or 500000.00"),
        ({"company_3": "Nobody Ltd"}, "company_3", "No company is called"),
        ({"company_4": "Gone Mills"}, "company_4", "is archived"),
        ({"email": "nobody@campus.example"}, "email", "Nobody of the university"),
    ):
        page = sam.post(address, {**sent, **wrong}, status=422).html
        assert said in page.find(id=f"{field}-error").text
        kept = page.find("input", attrs={"name": "company_1"})["value"]
        assert kept == north
    assert told(session, select(func.count()).select_from(ProjectCompany)) == 0
    assert GRANTS[P.PROJECTS_MANAGE] <= GRANTS[P.MONEY_READ]  # the page asks for sums
    assert "Reading castings" not in sam.get(f"{PROJECTS}/calls/{call}").words
    both = {"company_3": dun, "role_3": "sponsor"}
    page = rea.get(sam.post(address, {**sent, **both}).location)
    for words in ("Tomas Iriarte Lead since Jun 15, 2026",
                  "Northlake Works since Jun 15, 2026 Host",
                  "Dunmarrow Steel since Jun 15, 2026 Sponsor",
                  "Sagamore Tools since Jun 15, 2026 Mentor", "Budget $73,141.90",
                  "Paid from Dues pool", "Proposed to Seed research"):  # fmt: skip
        assert words in page.words


def test_a_project_begins_on_the_page_of_a_company(sam, fay, session):
    company, gone = CompanyFactory(name="Northlake Works").id, CompanyFactory(archived_on=TODAY).id
    session.commit()
    address = f"{PROJECTS}/new?company={company}"
    page = f"/office/companies/{company}"
    assert sam.get(page).html.find("a", href=address)
    form = sam.get(address).html
    typed = form.find("input", attrs={"name": "company_1"})["value"]
    assert typed == f"Northlake Works (#{company})"
    assert form.find("a", href=page, string="Cancel")
    for who, id_ in ((fay, company), (sam, gone)):
        assert "New project" not in who.get(f"/office/companies/{id_}").words


def test_a_late_proposal_is_told_what_to_do(sam, session):
    call = CallFactory(closed=True, title="Seed research").id
    session.commit()
    sent = {"title": "Late", "kind": "seed research project"}
    refused = sam.post(f"{PROJECTS}/new?call={call}", sent, status=422)
    assert "move the deadline first" in refused.words
    assert "Late" in refused.text  # what was typed is not lost


def test_what_came_in_is_put_to_the_council_by_the_director(dana, sam, session):
    call = CallFactory(closed=True).id
    for title in ("Reading castings", "Clean solvents"):
        ProjectFactory(title=title, call_id=call)
    session.commit()
    address = f"{PROJECTS}/calls/{call}"
    sam.get(f"{address}/council", status=403)
    assert "Put to the council" in dana.get(address).words
    soon = {"closes_on": "2026-06-01"}
    assert "close after now" in dana.post(f"{address}/council", soon, status=422).words
    dana.post(f"{address}/council", {"closes_on": "2026-06-29"})
    ballot = told(session, select(Ballot.id))
    assert f"/office/ballots/{ballot}" in dana.get(address).text
    assert "Clean solvents" in dana.get(f"/office/ballots/{ballot}").words
    assert "Put to the council" not in dana.get(address).words
    sam.post(f"{address}/ballot", {"ballot": ""})
    assert "No ballot ranks the proposals" in sam.get(address).words


def test_dues_pay_for_no_one_company_s_own_and_the_page_says_why(sam, session):
    made = ProjectFactory(source=Source.DUES_POOL)
    one, two = CompanyFactory(name="Halvorsen Bearings"), CompanyFactory(name="Dunmarrow Steel")
    base, ids = f"{PROJECTS}/{made.id}", (one.id, two.id)
    session.commit()
    host = {"role": "host", "company": f"Halvorsen Bearings (#{ids[0]})", "starts_on": DAY}
    refused = sam.post(f"{base}/companies/new", host, status=422)
    assert "dues are what all members pay" in refused.words
    assert "Name a second host or sponsor in the same step" in refused.words
    unknown = sam.post(f"{base}/companies/new", {**host, "other": "Nobody Ltd"}, status=422)
    assert "No company is called" in unknown.words
    sam.post(f"{base}/companies/new", {**host, "other": "Dunmarrow Steel"})
    history = sam.get(base).words.partition("History")[2]
    assert "Company created" in history
    assert "Company Dunmarrow Steel" in history
    ties = [str(id_) for id_ in session.scalars(select(ProjectCompany.id).order_by("id"))]
    session.rollback()
    refused = sam.post(f"{base}/companies/leave", {"ties": ties[:1]}, status=422)
    assert "that company’s own project" in refused.words
    sam.post(f"{base}/companies/leave", {"ties": ties})
    assert "No company is in it yet" in sam.get(base).words


def test_a_company_s_page_and_a_person_s_tell_of_their_projects(sam, fay, session):
    project = ProjectFactory(title="Machining school", seats=6, stage=Stage.RUNNING)
    company = CompanyFactory(name="Halvorsen Bearings")
    TieFactory(project_id=project.id, company=company, role=CompanyRole.HOST)
    SeatsFactory(project_id=project.id, company=company, seats=2)
    for title, readers, came_on in (
        ("Syllabus", Readers.MEMBERS, TODAY),
        ("Notes", Readers.OFFICE, TODAY),
        ("Ahead", Readers.PUBLIC, TODAY + timedelta(days=1)),
    ):
        OutputFactory(project_id=project.id, title=title, readers=readers, came_on=came_on)
    lead = FacultyFactory(project_id=project.id, person=PersonFactory(name="Tomas Iriarte"))
    address, company_id, person_id = f"{PROJECTS}/{project.id}", company.id, lead.person_id
    session.commit()
    for who in (sam, fay):
        page = who.get(f"/office/companies/{company_id}")
        assert "Machining school Host · running" in page.words
        assert "Machining school 2 seats · running" in page.words
        line = page.html.select("#timeline li")
        told = " ".join(one.get_text(" ", strip=True) for one in line)
        assert "Output published Jun 15, 2026 Syllabus · Machining school" in told
        assert "Seats taken Sam Okafor · Jun 1, 2026 Machining school, 2 seats" in told
        assert "Joined a project Feb 1, 2026 Machining school, as host" in told
        assert "Project under way Sam Okafor · Jan 5, 2026 Machining school" in told
        assert ("Notes" in told) is (who is sam)
        assert "Ahead" not in told
        assert {one.a["href"] for one in line} == {address}
    assert "Machining school Lead · running" in sam.get(f"/office/people/{person_id}").words
    fay.get(f"/office/people/{person_id}", status=404)


def test_faculty_of_one_project_know_each_other(fay, session):
    project = led_by(fay, session)
    other = FacultyFactory(
        project_id=project, person=PersonFactory(name="Tomas Iriarte"), role=FacultyRole.MEMBER
    )
    person_id = other.person_id
    session.commit()
    assert "Tomas Iriarte" in fay.get(f"/office/people/{person_id}").words


def test_seats_are_offered_taken_and_given_back(sam, session):
    project = ProjectFactory(seats=5, title="Machining school")
    company = CompanyFactory(name="Halvorsen Bearings")
    base = f"{PROJECTS}/{project.id}"
    CompanyFactory(name="Dunmarrow Steel")
    company_id = company.id
    session.commit()
    taken = {"company": f"Halvorsen Bearings (#{company_id})", "seats": "4"}
    sam.post(f"{base}/seats", taken)
    assert "4 of 5 taken" in sam.get(base).words
    assert "4 of 5" in sam.get(PROJECTS).words
    more = sam.post(f"{base}/seats", {"company": "Dunmarrow Steel", "seats": "2"}, status=422)
    assert "Only 1 seat is left" in more.words
    for wrong, said in (("-1", "0 gives them back"), ("x", "whole number"), ("", "how many")):
        assert said in sam.post(f"{base}/seats", {**taken, "seats": wrong}, status=422).words
    fewer = {"title": "School", "kind": "course", "seats_offered": "3", "version": "1"}
    assert "4 seats are taken" in sam.post(f"{base}/edit", fewer, status=422).words
    sam.post(f"{base}/edit", {**fewer, "seats_offered": "9", "version": "0"}, status=409)
    sam.post(f"{base}/seats", {**taken, "seats": "0"})
    assert told(session, select(func.count()).select_from(ProjectSeats)) == 0


def test_the_seats_of_a_company_are_put_right_from_their_line(sam, session):
    project = ProjectFactory(kind=ProjectKind.COURSE, seats=9)
    seats = SeatsFactory(project_id=project.id, seats=4)
    address = f"{PROJECTS}/{project.id}/seats?company={seats.company_id}"
    named = f"{seats.company.name} (#{seats.company_id})"
    page = f"{PROJECTS}/{project.id}"
    session.commit()
    assert sam.get(page).html.find("a", href=address)
    form = sam.get(address).html
    assert form.find("input", attrs={"name": "company"})["value"] == named
    assert form.find("input", attrs={"name": "seats"})["value"] == "4"


def test_the_first_of_the_university_is_offered_the_lead(sam, session):
    id_ = ProjectFactory().id
    session.commit()

    def offered() -> str:
        form = sam.get(f"{PROJECTS}/{id_}/faculty/new").html
        return form.find("option", selected=True)["value"]

    assert offered() == "lead"
    FacultyFactory(project_id=id_, role=FacultyRole.LEAD)
    session.commit()
    assert offered() == "member"


def test_who_may_look_a_colleague_up_is_led_to_their_page(sam, fay, session):
    project = ProjectFactory()
    known = ProfileFactory(person=PersonFactory()).person
    FacultyFactory(project_id=project.id, person=known)
    other = FacultyFactory(project_id=project.id).person
    page, seen, unseen = f"{PROJECTS}/{project.id}", known.id, other.id
    session.commit()
    for who, sees in ((sam, {seen, unseen}), (fay, {seen})):
        links = who.get(page).html.select("#faculty a[href^='/office/people/']")
        assert {one["href"] for one in links} == {f"/office/people/{id_}" for id_ in sees}


def test_a_student_is_named_with_consent_and_not_after_it(sam, rea, session):
    base = f"{PROJECTS}/{ProjectFactory().id}"
    session.commit()
    sent = {"initials": "I. M.", "starts_on": DAY, "name": "Ines Moreau"}
    refused = sam.post(f"{base}/students/new", sent, status=422)
    assert "only with the student’s consent" in refused.words
    given = {"consented_on": DAY, "consent_recorded": "form of Ines Moreau, on file"}
    sam.post(f"{base}/students/new", {**sent, **given})
    assert "Ines Moreau" in rea.get(base).words
    assert "form of Ines Moreau" in sam.get(base).words
    assert "form of Ines Moreau" not in rea.get(base).words
    student = told(session, select(ProjectStudent.id))
    sam.post(f"{PROJECTS}/students/{student}/withdraw")
    assert "Moreau" not in sam.get(base).text
    again = sam.post(f"{PROJECTS}/students/{student}/withdraw", status=422)
    assert "none to withdraw" in again.words
    changed = {"initials": "I. N.", "starts_on": DAY, "version": "1"}
    sam.post(f"{PROJECTS}/students/{student}/edit", changed, status=409)
    sam.post(f"{PROJECTS}/students/{student}/edit", {**changed, "version": "2"})
    assert "I. N." in sam.get(base).words


def test_the_budget_is_set_by_the_office_and_hidden_from_faculty(sam, rea, fay, session):
    base = f"{PROJECTS}/{led_by(fay, session)}"
    unpaid = {**BUDGET, "source": ""}
    assert "who pays" in sam.post(f"{base}/budget", unpaid, status=422).words
    wrong = {**BUDGET, "amount": "much"}
    assert "500,000 or 500000.00" in sam.post(f"{base}/budget", wrong, status=422).words
    sam.post(f"{base}/budget", BUDGET)
    sam.post(f"{base}/budget", BUDGET, status=409)
    assert "Budget $73,141.90" in rea.get(base).words
    euros = {**BUDGET, "amount": "9000", "currency": "EUR", "version": "2"}
    sam.post(f"{base}/budget", euros)
    sam.post(f"{base}/budget", {**euros, "amount": "9500", "version": "3"})
    sam.post(f"{base}/budget", {**euros, "amount": "", "source": "gift", "version": "4"})
    history = rea.get(base).words
    for change in ("$73,141.90 became €9,000", "€9,000 became €9,500", "€9,500 became –"):
        assert f"Budget {change}" in history
    page = fay.get(base).text
    assert "Gift" in page
    assert "73,141" not in page
    assert "7314190" not in page
    fay.get(f"{base}/budget", status=403)
    fay.post(f"{base}/budget", BUDGET, status=403)


def test_who_leads_a_project_edits_it_and_no_other(fay, session):
    mine = f"{PROJECTS}/{led_by(fay, session)}"
    other = ProjectFactory(title="Another", seats=4)
    own = {"project_id": other.id}
    theirs = [
        f"{PROJECTS}/{other.id}/{part}"
        for part in ("edit", "faculty/new", "students/new", "companies/new", "companies/leave",
                     "seats", "milestones/new", "outputs/new")
    ]  # fmt: skip
    theirs += [
        f"{PROJECTS}/faculty/{FacultyFactory(**own).id}/end",
        f"{PROJECTS}/students/{StudentFactory(**own).id}/edit",
        f"{PROJECTS}/milestones/{MilestoneFactory(**own).id}/edit",
        f"{PROJECTS}/outputs/{OutputFactory(**own).id}/edit",
    ]
    withdraw = f"{PROJECTS}/students/{StudentFactory(named=True, **own).id}/withdraw"
    other_id = other.id
    session.commit()
    for address in theirs:
        fay.get(address, status=404)
    fay.get(withdraw, status=404)
    fay.post(withdraw, status=404)
    page = fay.get(f"{PROJECTS}/{other_id}")
    assert "Edit" not in page.words.split()
    for part in ("stage", "budget"):
        fay.get(f"{mine}/{part}", status=403)
    fay.post(f"{mine}/select", status=403)
    fay.get(f"{PROJECTS}/new", status=403)
    fay.get(f"{PROJECTS}/calls/new", status=403)
    changed = {"title": "Reading ingots", "kind": "seed research project", "version": "1"}
    fay.post(f"{mine}/edit", changed)
    assert "Reading ingots" in fay.get(mine).words
    fay.post(f"{mine}/milestones/new", {"title": "First melt", "due_on": DAY})
    tomas = PersonFactory(name="Tomas Iriarte")
    AddressFactory(person=tomas, email="tomas@campus.example")
    ProfileFactory(person=tomas)
    session.commit()
    new = {"email": "Tomas@campus.example", "role": "member", "starts_on": DAY}
    fay.post(f"{mine}/faculty/new", new)
    assert "They are in it as member" in fay.post(f"{mine}/faculty/new", new, status=422).words
    unknown = {**new, "email": "nobody@campus.example"}
    refused = fay.post(f"{mine}/faculty/new", unknown, status=422)
    assert "Nobody of the university whom you may add" in refused.words


def test_a_member_of_a_project_reads_and_who_led_it_before_does(fay, session):
    base = f"{PROJECTS}/{led_by(fay, session, FacultyRole.MEMBER)}"
    fay.get(f"{base}/edit", status=404)
    session.execute(ProjectFaculty.__table__.update().values(role="lead", ends_before=TODAY))
    session.commit()
    fay.get(f"{base}/edit", status=404)
    assert "Edit" not in fay.get(base).words.split()


def test_an_account_is_linked_and_a_lead_leaves(sam, dana, session):
    project = ProjectFactory()
    faculty = FacultyFactory(project_id=project.id, person=PersonFactory(name="Tomas Iriarte"))
    base, address = f"{PROJECTS}/{project.id}", f"{PROJECTS}/faculty/{faculty.id}"
    session.commit()
    sam.get(f"{address}/account", status=403)
    dana.post(f"{address}/account", {"account": str(sam.user_id)})
    assert told(session, select(Person.user_id).where(Person.name == "Tomas Iriarte"))
    early = sam.post(f"{address}/end", {"on": "2026-01-01"}, status=422)
    assert "it ends after that day" in early.words
    sam.post(f"{address}/end", {"on": DAY})
    assert "until before Jun 15, 2026" in sam.get(base).words
    assert "Led by Companies Stage" in sam.get(PROJECTS).words
    assert "Nobody yet" in sam.get(PROJECTS).words


def test_a_reader_reads_and_changes_nothing(rea, session):
    project, call = ProjectFactory(title="Reading castings").id, CallFactory().id
    session.commit()
    for address in (f"{PROJECTS}/{project}", f"{PROJECTS}/calls/{call}"):
        assert rea.get(address).html.find("main").find("form") is None
    rea.get(f"{PROJECTS}/{project}/edit", status=403)
    rea.post(f"{PROJECTS}/new", {}, status=403)


def test_what_its_faculty_have_declared_in_its_companies_is_shown(rea, session):
    project = ProjectFactory()
    own = {"project_id": project.id}
    lead = FacultyFactory(person=PersonFactory(name="Tomas Iriarte"), **own).person
    gone = FacultyFactory(person=PersonFactory(name="Left Before"), ends_before=TODAY, **own).person
    company = CompanyFactory(name="Loomline")
    TieFactory(company=company, **own)
    InterestFactory(person=lead, company=company)
    InterestFactory(person=lead, company=CompanyFactory(name="Elsewhere"))
    InterestFactory(person=gone, company=company)
    InterestFactory(person=lead, company=company, over=True)
    base = f"{PROJECTS}/{project.id}"
    session.commit()
    told = rea.get(base).words
    assert told.count("Declared interest:") == 1
    assert "Declared interest: Tomas Iriarte, Loomline: founder, since Feb 1, 2024" in told
