"""On every company's page, for whoever looks: who has to do with it, and whom to ask first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.activities.models import Clearance
from crm.activities.rules import Shown, TouchKind
from crm.projects.rules import Stage
from tests.conftest import NOW, TODAY
from tests.factories.activities import TaskFactory, TouchFactory
from tests.factories.companies import CompanyFactory, PersonFactory, ProfileFactory, UserFactory
from tests.factories.pipeline import OpportunityFactory
from tests.factories.projects import FacultyFactory, ProjectFactory, TieFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory


def table(member, company_id):
    page = member.get(f"/office/companies/{company_id}")
    found = page.html.select_one("#contacts table")
    rows = found.tbody.find_all("tr") if found else []
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in rows
    ]


def words(member, company_id):
    section = member.get(f"/office/companies/{company_id}").html.select_one("#contacts")
    return " ".join(section.get_text(" ").split())


def faculty(**who):
    person = PersonFactory(**who)
    ProfileFactory(person=person)
    return person


@pytest.mark.parametrize("who", ["dana", "fay", "rea"])
def test_each_of_us_has_a_line_with_last_contact_about_and_next_step(request, session, who):
    member = request.getfixturevalue(who)
    una, nils = UserFactory(name="Una Berg"), UserFactory(name="Nils Holm")
    company = CompanyFactory(owner_id=una.id)
    TouchFactory(company=company, by_id=nils.id, on=date(2026, 4, 1))
    TouchFactory(company=company, by_id=nils.id, on=date(2026, 5, 2), kind=TouchKind.VISIT)
    TouchFactory(company=company, by_id=una.id, on=date(2026, 6, 1), struck=True)
    OpportunityFactory(company=company, owner_id=nils.id, value_minor=731_317_00)
    TaskFactory(company=company, owner_id=nils.id, title="Later", due_on=date(2026, 8, 1))
    TaskFactory(company=company, owner_id=nils.id, title="Send the terms")
    TaskFactory(company=company, owner_id=una.id, title="Done already", done=True)
    id_ = company.id
    session.commit()
    assert table(member, id_) == [
        ["Una Berg Looks after them", "None yet", "", ""],
        ["Nils Holm", "May 2, 2026 Visit", "Industry Alliance", "Send the terms by Jun 20, 2026"],
    ]
    assert who == "rea" or "ask Una Berg" in words(member, id_)


def test_who_works_with_them_or_took_part_is_named_once_without_a_report_of_theirs(fay, session):
    company, account = CompanyFactory(), UserFactory(name="Mira Berg").id
    mira = faculty(name="Mira Berg", user_id=account)
    ove = faculty(name="Ove Lind")
    TouchFactory(company=company, by_id=account, on=date(2026, 5, 4))
    TouchFactory(company=company, by_id=fay.user_id, on=date(2026, 5, 9), with_=[ove])
    for stage, title in ((Stage.RUNNING, "Castings"), (Stage.FINISHED, "Old alloys")):
        project = ProjectFactory(title=title, stage=stage)
        FacultyFactory(project_id=project.id, person=mira)
        FacultyFactory(
            project_id=project.id, person=faculty(name="Left Long Ago"), ends_before=TODAY
        )
        TieFactory(project_id=project.id, company=company)
    group = WorkingGroupFactory(name="Lean plants")
    PlaceFactory(group=group, university=True, person=mira)
    PlaceFactory(group=group, company=company, person=PersonFactory(name="Of The Company"))
    id_ = company.id
    session.commit()
    assert table(fay, id_) == [
        [fay.viewer.name, "May 9, 2026 Call", "", ""],
        ["Ove Lind", "May 9, 2026", "", ""],
        ["Mira Berg", "May 4, 2026 Call", "Castings, Lean plants", ""],
    ]


def test_what_is_confidential_is_not_told_and_in_contact_no_more_than_that(fay, dana, session):
    una, company = UserFactory(name="Una Berg"), CompanyFactory()
    ove = faculty(name="Ove Lind")
    TouchFactory(company=company, by_id=una.id, on=date(2026, 5, 1), shown=Shown.IN_CONTACT,
                 with_=[ove])  # fmt: skip
    TouchFactory(company=company, by_id=una.id, on=date(2026, 6, 1), kind=TouchKind.MEETING,
                 confidential=True, with_=[ove])  # fmt: skip
    id_ = company.id
    session.commit()
    assert table(fay, id_) == [["Una Berg", "May 1, 2026 In contact", "", ""]]
    told = fay.get("/office/").html.select_one("#contacts").text
    assert "In contact · Una Berg" in told
    assert "Call" not in told
    assert table(dana, id_) == [
        ["Ove Lind", "Jun 1, 2026", "", ""],
        ["Una Berg", "Jun 1, 2026 Meeting", "", ""],
    ]


def test_a_company_nobody_knows_says_so_and_whom_to_ask(fay, session):
    id_ = CompanyFactory().id
    session.commit()
    said = words(fay, id_)
    assert "Nobody here has been in contact with them yet." in said
    assert "Nobody looks after them: before you approach them, ask the programme office at" in said
    assert "No clearance to approach them holds today." in said
    assert (
        "Office of Corporate Relations ( corporate-relations@university.example ) clears who "
        "approaches whom"
    ) in said


def test_the_clearance_that_holds_is_told_with_by_whom_for_what_and_until_when(fay, session):
    company = CompanyFactory()
    for purpose, starts_on, ends_before in (
        ("Alliance", TODAY, TODAY + timedelta(days=30)),
        ("Gifts", TODAY - timedelta(days=30), TODAY),
        ("Later", TODAY + timedelta(days=1), None),
    ):
        session.add(
            Clearance(
                company_id=company.id, granted_by="Corporate relations", purpose=purpose,
                starts_on=starts_on, ends_before=ends_before, created_at=NOW,
            )
        )  # fmt: skip
    id_ = company.id
    session.commit()
    said = words(fay, id_)
    assert "Cleared for Alliance by Corporate relations, ends Jul" in said
    assert "Gifts" not in said
    assert "Later" not in said
    assert "No clearance" not in said


@pytest.mark.parametrize("part", ["", "&part=palette"])
def test_search_says_who_knows_a_company(fay, session, part):
    una = UserFactory(name="Una Berg")
    company = CompanyFactory(name="Aldous Mills", owner_id=una.id)
    CompanyFactory(name="Aldous Foundry")
    TouchFactory(company=company, by_id=fay.user_id, on=date(2026, 5, 4))
    TouchFactory(company=company, by_id=una.id, on=date(2026, 6, 4), confidential=True)
    session.commit()
    said = fay.get(f"/office/search?q=aldous{part}").words
    assert f"Una Berg looks after them · last contact May 4, 2026, {fay.viewer.name}" in said
    assert "Nobody looks after them · no contact yet" in said


def test_home_leads_to_a_report_on_the_companies_one_was_last_in_contact_with(fay, dana, session):
    for number in range(8):
        company = CompanyFactory(name=f"Company {number}")
        TouchFactory(company=company, by_id=fay.user_id, on=date(2026, 5, 1 + number))
    last = company.id
    session.commit()
    mine = fay.get("/office/").html.select("#mine li")
    assert [line.a.get_text() for line in mine] == [f"Company {n}" for n in (7, 6, 5, 4, 3, 2)]
    form = fay.get(str(mine[0].find_all("a")[1]["href"]))
    assert "Log a contact with Company 7" in form.text
    fay.post(f"/office/companies/{last}/touches/new", {
        **form.hidden(), "text": "They like it", "kind": "call", "on": TODAY.isoformat(),
    })  # fmt: skip
    assert dana.get("/office/").html.select("#mine") == []
