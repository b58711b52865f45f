"""Whom to introduce to whom: who shares a challenge, who has met, and what comes first."""

from __future__ import annotations

import csv
import io
import random
from datetime import date, timedelta
from itertools import chain
from typing import Any

import pytest
from sqlalchemy import select

from crm.activities.models import TouchPerson
from crm.activities.rules import Shown
from crm.companies.models import CompanyChallenge
from crm.people.models import ProfileChallenge
from crm.programme.models import Challenge
from tests.conftest import TODAY
from tests.factories.activities import InterestFactory, TouchFactory
from tests.factories.companies import (
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
    ProfileFactory,
    UserFactory,
)
from tests.factories.memberships import MembershipFactory
from tests.factories.pipeline import OpportunityFactory
from tests.factories.projects import FacultyFactory, ProjectFactory, TieFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory
from tests.factories.workspaces import ConvenedFactory, PartnershipFactory

PAGE = "/office/challenges/introductions"
MOST_STATEMENTS = 12
LONG_AGO = date(2023, 5, 4)


@pytest.fixture
def ids(session) -> list[int]:
    return list(session.scalars(select(Challenge.id).order_by(Challenge.number)))


def scholar(session: Any, ids: list[int], **who: Any) -> Any:
    person = PersonFactory(**who)
    ProfileFactory(person=person)
    session.add_all(ProfileChallenge(person_id=person.id, challenge_id=id_) for id_ in ids)
    session.flush()
    return person


def caring(session: Any, ids: list[int], **what: Any) -> Any:
    company = CompanyFactory(**what)
    session.add_all(CompanyChallenge(company_id=company.id, challenge_id=id_) for id_ in ids)
    session.flush()
    return company


def told(member: Any, address: str = PAGE) -> list[tuple[str, str]]:
    """Company and faculty of each line of the page."""
    table = member.get(address).html.find("table")
    rows = table.tbody.find_all("tr") if table else []
    return [(row.th.a.get_text(), row.find_all("td")[0].a.get_text()) for row in rows]


def by_touch(person, company):
    TouchFactory(company=company, by_id=person.user_id)


def by_taking_part(person, company):
    TouchFactory(company=company, with_=[person])


def by_project(person, company):
    project = ProjectFactory(running=True)
    FacultyFactory(project_id=project.id, person=person)
    TieFactory(project_id=project.id, company=company)


def by_group(person, company):
    group = WorkingGroupFactory()
    PlaceFactory(group=group, university=True, person=person)
    at = AffiliationFactory(company=company)
    PlaceFactory(group=group, company=company, person=at.person)


def by_looking_after(person, company):
    company.owner_id = person.user_id


def by_working_there(person, company):
    AffiliationFactory(person=person, company=company, left=True)


def by_leading_a_partnership(person, company):
    PartnershipFactory(company=company, lead=person)


def by_being_convened(person, company):
    ConvenedFactory(partnership_id=PartnershipFactory(company=company).id, person=person)


MET = [
    by_touch,
    by_taking_part,
    by_project,
    by_group,
    by_looking_after,
    by_working_there,
    by_leading_a_partnership,
    by_being_convened,
]


@pytest.mark.parametrize("meet", MET)
def test_who_has_met_is_not_introduced(dana, session, ids, meet):
    person = scholar(session, ids[:1], name="Mira Berg", user_id=UserFactory().id)
    other = scholar(session, ids[:1], name="Nils Holm")
    scholar(session, ids[1:2], name="Another Field")
    company = caring(session, ids[:1], name="Acme")
    session.commit()
    assert told(dana) == [("Acme", "Mira Berg"), ("Acme", "Nils Holm")]
    meet(person, company)
    session.commit()
    assert told(dana) == [("Acme", "Nils Holm")]
    assert told(dana, f"{PAGE}?person={person.id}") == []
    assert told(dana, f"{PAGE}?person={other.id}") == [("Acme", "Nils Holm")]


def test_who_met_long_ago_or_by_mistake_is_a_stranger(dana, session, ids):
    person = scholar(session, ids[:1], name="Mira Berg", user_id=UserFactory().id)
    company = caring(session, ids[:1], name="Acme")
    TouchFactory(company=company, by_id=person.user_id, on=LONG_AGO)
    TouchFactory(company=company, by_id=person.user_id, struck=True)
    project = ProjectFactory()
    FacultyFactory(
        project_id=project.id, person=person, starts_on=LONG_AGO, ends_before=date(2024, 1, 1)
    )
    TieFactory(project_id=project.id, company=company)
    session.commit()
    assert told(dana) == [("Acme", "Mira Berg")]


def test_a_contact_one_may_not_know_of_is_not_told_by_its_absence(dana, fay, session, ids):
    person = scholar(session, ids[:1], name="Mira Berg", user_id=UserFactory().id)
    company = caring(session, ids[:1], name="Acme")
    TouchFactory(company=company, by_id=person.user_id, confidential=True)
    session.commit()
    assert told(dana) == []
    assert told(fay) == [("Acme", "Mira Berg")]


def test_nor_is_who_took_part_in_one_shown_as_such(dana, fay, session, ids):
    mira = scholar(session, ids[:1], name="Mira Berg")
    company = caring(session, ids[:1], name="Acme")
    TouchFactory(company=company, shown=Shown.IN_CONTACT, with_=[mira])
    session.commit()
    assert told(dana) == []
    assert told(fay) == [("Acme", "Mira Berg")]


def test_members_come_first_then_whom_we_talk_with_then_the_longest_without_contact(
    dana, session, ids
):
    scholar(session, ids[:1], name="Mira Berg")
    every = {
        name: caring(session, ids[:1], name=name, last_touch_on=day)
        for name, day in (
            ("Late member", TODAY), ("Forgotten member", None), ("Talked to", TODAY),
            ("Prospect of May", date(2026, 5, 1)), ("Never called", None),
            ("Prospect of June", TODAY),
        )
    }  # fmt: skip
    for name in ("Late member", "Forgotten member"):
        MembershipFactory(company=every[name])
    OpportunityFactory(company=every["Talked to"])
    caring(session, ids[:1], name="Archived", archived_on=TODAY)
    caring(session, ids[1:2], name="Cares about something else")
    session.commit()
    assert [company for company, _ in told(dana)] == [
        "Forgotten member", "Late member", "Talked to", "Never called", "Prospect of May",
        "Prospect of June",
    ]  # fmt: skip


def test_of_many_faculty_the_best_three_are_named_and_the_others_a_click_away(dana, session, ids):
    busy = scholar(session, ids[:2], name="A Busy", user_id=UserFactory().id)
    TouchFactory(company=CompanyFactory(), by_id=busy.user_id)
    for name in ("B Both", "C Both"):
        scholar(session, ids[:2], name=name)
    scholar(session, ids[:1], name="D One")
    scholar(session, ids[:1], name="E One", archived_on=TODAY)
    company = caring(session, ids[:3], name="Acme")
    session.commit()
    assert [name for _, name in told(dana)] == ["B Both", "C Both", "A Busy"]
    assert "1 more of the faculty" in dana.get(PAGE).words
    page = dana.get(f"{PAGE}?company={company.id}")
    assert "Faculty to introduce to Acme" in page.text
    assert [row[1].split(" Process")[0] for row in page.rows()[1:]] == [
        "B Both", "C Both", "A Busy", "D One",
    ]  # fmt: skip
    assert told(dana, f"{PAGE}?challenge={ids[2]}") == []
    assert len(told(dana, f"{PAGE}?challenge={ids[1]}")) == 3


def test_a_declared_interest_is_marked(fay, session, ids):
    person = scholar(session, ids[:1], name="Mira Berg")
    company = caring(session, ids[:1], name="Acme")
    InterestFactory(person=person, company=company)
    InterestFactory(person=person, company=caring(session, ids[:1], name="Sold"), over=True)
    session.commit()
    acme, sold = fay.get(PAGE).rows()[1:]
    assert "Declared interest: founder" in acme[1]
    assert "interest" not in sold[1]


ACTS = {
    "dana": ["Plan a convening", "Ask Una Berg first", "They have met: log it"],
    "fay": ["Ask Una Berg first", "They have met: log it"],
    "rea": [],
}


@pytest.mark.parametrize("who", ACTS)
def test_each_pair_can_be_acted_upon_by_whoever_may(request, session, ids, who):
    member = request.getfixturevalue(who)
    scholar(session, ids[:1], name="Mira Berg")
    caring(session, ids[:1], name="Acme", owner_id=UserFactory(name="Una Berg").id)
    session.commit()
    page = member.get(PAGE)
    links = page.html.select("table .drop a")
    assert [" ".join(link.get_text(" ").split()) for link in links] == ACTS[who]
    shown = [member.get(str(link["href"])) for link in links]
    for form in shown[:-1]:
        assert "Mira Berg" in form.text
        assert "Acme" in form.text


def test_its_files_have_every_line_and_no_money(fay, session, ids):
    dice = random.Random(3)
    for number in range(9):
        scholar(session, [id_ for id_ in ids if dice.random() < 0.5], name=f"Scholar {number}")
    for number in range(45):
        theirs = [id_ for id_ in ids[1:] if dice.random() < 0.5]
        company = caring(session, [ids[0], *theirs], name=f"C{number:02}")
        OpportunityFactory(company=company, value_minor=731_317_00)
        MembershipFactory(company=company, fee_minor=731_317_00) if number % 4 == 0 else None
    session.commit()
    pages = [told(fay, f"{PAGE}?page={number}") for number in (1, 2, 3)]
    text = fay.get(f"{PAGE}.csv").text
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [(line["Company"], line["Faculty"]) for line in lines] == list(
        chain.from_iterable(pages)
    )
    assert all(pages)
    assert "731" not in text
    assert "731" not in fay.get(PAGE).words
    book = fay.ask(fay.client.get, f"{PAGE}.xlsx")
    assert book.get_data()[:2] == b"PK"


def test_the_page_asks_as_often_of_many_as_of_few(dana, session, ids, statements):
    scholar(session, ids[:1])
    caring(session, ids[:1])
    session.commit()

    def asked(address: str) -> int:
        dana.get(address)
        statements.clear()
        dana.get(address)
        return len(statements)

    few = [asked(address) for address in (PAGE, "/office/challenges")]
    for _ in range(30):
        person = scholar(session, ids)
        company = caring(session, ids)
        touch = TouchFactory(company=company)
        session.add(TouchPerson(touch_id=touch.id, person_id=person.id))
    session.commit()
    assert [asked(address) for address in (PAGE, "/office/challenges")] == few
    assert max(few) <= MOST_STATEMENTS


def test_a_day_long_past_has_no_introductions(dana, session, ids):
    scholar(session, ids[:1], name="Mira Berg")
    caring(session, ids[:1], name="Acme")
    session.commit()
    assert "Mira Berg" in dana.get("/office/challenges").words
    page = dana.get(f"/office/challenges?as_of={TODAY - timedelta(days=1)}")
    assert "Mira Berg" not in page.words
    assert "for today only" in page.words
