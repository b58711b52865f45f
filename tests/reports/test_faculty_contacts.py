"""Faculty–company contacts: which are listed, with whom, and what each viewer may know."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from crm.activities.rules import Shown, TouchKind
from crm.companies.models import CompanyChallenge
from crm.people.models import ProfileChallenge
from crm.programme.models import Challenge
from tests.factories.activities import TaskFactory, TouchFactory
from tests.factories.companies import CompanyFactory, PersonFactory, ProfileFactory, UserFactory
from tests.factories.pipeline import OpportunityFactory

PATH = "/office/reports/faculty-company-contacts"


@pytest.fixture
def mira(session):
    """Of the faculty, with an account of her own."""
    person = PersonFactory(name="Mira Berg", user_id=UserFactory(name="Mira Berg").id)
    ProfileFactory(person=person)
    return person


def told(member, query=""):
    return list(csv.DictReader(io.StringIO(member.get(f"{PATH}.csv{query}").text)))


def test_a_contact_tells_both_sides_what_they_share_and_what_is_next(dana, session, mira):
    ove = PersonFactory(name="Ove Lind")
    ProfileFactory(person=ove)
    first, second = session.scalars(select(Challenge).order_by(Challenge.number).limit(2))
    company = CompanyFactory(name="Acme")
    for one in (first, second):
        session.add(CompanyChallenge(company_id=company.id, challenge_id=one.id))
    session.add(ProfileChallenge(person_id=ove.id, challenge_id=second.id))
    touch = TouchFactory(
        company=company, by_id=mira.user_id, kind=TouchKind.VISIT, text="Their fee is 731,317",
        with_=[ove, mira, PersonFactory(name="Ada Cole")],
    )  # fmt: skip
    TaskFactory(company=company, title="Later", due_on=date(2026, 8, 1))
    TaskFactory(company=company, title="Send the terms", due_on=date(2026, 7, 1))
    OpportunityFactory(company=company, value_minor=731_317_00)
    expected = {
        "Date": "2026-05-04", "Company": "Acme", "Company people": "Ada Cole",
        "University people": "Mira Berg, Ove Lind", "Kind": "visit", "Challenge": second.name,
        "Next step": "Send the terms (by 2026-07-01)", "Confidential": "no",
        "Company id": str(company.id), "id": str(touch.id),
    }  # fmt: skip
    session.commit()
    [line] = told(dana)
    assert line == expected
    page = dana.get(PATH)
    assert page.html.select_one(f'table a[href="/office/companies/{expected["Company id"]}"]')
    assert "731" not in page.words


def test_those_of_faculty_are_listed_latest_first_and_no_others(fay, dana, session, mira):
    ove = PersonFactory(name="Ove Lind")
    ProfileFactory(person=ove)
    by_mira = TouchFactory(by_id=mira.user_id, on=date(2026, 5, 1)).id
    by_fay = TouchFactory(by_id=fay.user_id, on=date(2026, 5, 3)).id
    with_ove = TouchFactory(by_id=dana.user_id, on=date(2026, 5, 2), with_=[ove]).id
    TouchFactory(by_id=dana.user_id)
    TouchFactory(by_id=mira.user_id, struck=True)
    long_ago = TouchFactory(by_id=mira.user_id, on=date(2024, 5, 1)).id
    session.commit()

    def ids(query=""):
        return [int(line["id"]) for line in told(dana, query)]

    assert ids() == [by_fay, with_ove, by_mira]
    assert ids("?as_of=2026-05-02") == [with_ove, by_mira]
    assert ids("?as_of=2026-05-02&since=2026-05-02") == [with_ove]
    assert ids("?since=2024-01-01") == [by_fay, with_ove, by_mira, long_ago]
    assert "Contacts since" in dana.get(PATH).text


@pytest.mark.parametrize(("who", "seen"), [("dana", 3), ("sam", 3), ("rea", 2), ("fay", 2)])
def test_what_is_confidential_or_only_a_contact_is_told_by_the_rules(
    request, session, mira, who, seen
):
    member = request.getfixturevalue(who)
    ada = PersonFactory(name="Ada Cole")
    TouchFactory(by_id=mira.user_id, on=date(2026, 5, 3), confidential=True, with_=[ada])
    TouchFactory(by_id=mira.user_id, on=date(2026, 5, 2), shown=Shown.IN_CONTACT, with_=[ada])
    TouchFactory(by_id=mira.user_id, on=date(2026, 5, 1), with_=[ada])
    session.commit()
    lines = told(member)
    assert len(lines) == seen
    in_contact, in_full = lines[-2:]
    everybody = who != "fay"
    assert in_contact["Kind"] == ("call" if everybody else "in contact")
    assert in_contact["Company people"] == ("Ada Cole" if everybody else "")
    assert in_full["Kind"] == "call"
    assert in_full["Company people"] == ("Ada Cole" if everybody else "")
    assert {line["University people"] for line in lines} == {"Mira Berg"}


def test_one_company_alone_and_every_format(fay, session, mira):
    acme, other = CompanyFactory(name="Acme"), CompanyFactory(name="Other Mills")
    for company in (acme, other):
        TouchFactory(company=company, by_id=mira.user_id)
    id_ = acme.id
    session.commit()
    assert [line["Company"] for line in told(fay, f"?company={id_}")] == ["Acme"]
    assert "Other Mills" not in fay.get(f"{PATH}?company={id_}").words
    book = openpyxl.load_workbook(
        io.BytesIO(fay.ask(fay.client.get, f"{PATH}.xlsx").get_data()), read_only=True
    )
    rows = book.worksheets[0].iter_rows(min_row=2, max_row=3, values_only=True)
    assert {row[1] for row in rows} == {"Acme", "Other Mills"}
    pdf = PdfReader(io.BytesIO(fay.ask(fay.client.get, f"{PATH}.pdf").get_data()))
    assert "Acme" in pdf.pages[0].extract_text()
