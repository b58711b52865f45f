"""The report of benefits used: as the pages say it, as of any day, and its files."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.reports import benefits_used as report
from tests.conftest import TODAY
from tests.factories.benefits import BenefitUseFactory, promised
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory

FAY = Viewer(id=1, name="Fay", email="fay@office.example", roles=frozenset({Role.FACULTY}))
PATH = "/office/reports/benefits-used"


def told(session: Any, day: date = TODAY) -> list[dict[str, Any]]:
    session.flush()
    headings = [column.heading for column in report.columns(FAY)]
    rows = report.rows(session, day=day, viewer=FAY)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def line(session: Any, key: str, day: date = TODAY) -> dict[str, Any]:
    [found] = [row for row in told(session, day) if row["Benefit key"] == key]
    return found


@pytest.fixture
def member(session):
    membership = promised(company=CompanyFactory(name="Aldous Mills"))
    BenefitUseFactory(company=membership.company, number=3)
    BenefitUseFactory(company=membership.company, on=date(2026, 9, 30), number=2)
    BenefitUseFactory(company=membership.company, key="speaker-series")
    return membership


def test_a_line_for_each_benefit_of_each_member(session, member):
    MembershipFactory(lapsed=True)
    MembershipFactory(unsigned=True)
    rows = told(session)
    assert [row["Benefit key"] for row in rows] == [
        "symposium", "speaker-series", "courses", "training", "introductions",
        "student-projects", "recruiting", "campus-days",
    ]  # fmt: skip
    assert rows[0] == {
        "Company": "Aldous Mills", "Tier": "Member", "Year": 1, "From": date(2025, 10, 1),
        "Last day": date(2026, 9, 30), "Benefit": "Symposium places", "A year": 4,
        "No limit": False, "Used": 3, "Ahead": 2, "Left": 0, "Over": 1, "Unit": "places",
        "Company id": member.company_id, "Membership id": member.id, "Benefit key": "symposium",
    }  # fmt: skip
    limitless = rows[1]
    assert (limitless["A year"], limitless["No limit"], limitless["Left"]) == (None, True, None)


@pytest.mark.parametrize(
    ("day", "year", "used", "ahead"),
    [
        (date(2025, 10, 1), 1, 0, 5),
        (date(2026, 3, 11), 1, 0, 5),
        (date(2026, 3, 12), 1, 3, 2),
        (date(2026, 9, 30), 1, 5, 0),
        (date(2026, 10, 1), 2, 0, 0),
        (date(2028, 9, 30), 3, 0, 0),
        (date(2028, 11, 29), 3, 0, 0),
    ],
)
def test_it_answers_for_any_day(session, member, day, year, used, ahead):
    found = line(session, "symposium", day)
    assert (found["Year"], found["Used"], found["Ahead"]) == (year, used, ahead)


@pytest.mark.parametrize("day", [date(2025, 9, 30), date(2028, 11, 30)])
def test_who_is_no_member_on_the_day_is_not_told(session, member, day):
    assert told(session, day) == []


def test_a_renewal_signed_in_grace_is_told_from_its_first_day(session):
    company = CompanyFactory()
    promised(company=company, starts_on=date(2023, 5, 20))
    renewed = promised(
        company=company, starts_on=date(2026, 5, 20), tier="associate",
        company_signed_on=date(2026, 6, 1), programme_signed_on=date(2026, 6, 2),
    )  # fmt: skip
    found = line(session, "symposium", date(2026, 5, 25))
    assert (found["Membership id"], found["Tier"], found["Year"]) == (renewed.id, "Associate", 1)


def test_exports_are_the_page(fay, session, member):
    session.commit()
    page = fay.get(PATH)
    assert "Symposium places" in page.words
    [head, *rows] = csv.reader(io.StringIO(fay.get(f"{PATH}.csv").text))
    assert head[0].lstrip("\ufeff") == "Company"
    sheet = openpyxl.load_workbook(io.BytesIO(fay.get(f"{PATH}.xlsx").response.get_data())).active
    assert [str(cell.value) for cell in next(sheet.iter_rows(min_row=1))] == [
        head[0].lstrip("\ufeff"), *head[1:]
    ]  # fmt: skip
    assert sheet.max_row == len(rows) + 1 == 9
    for row in rows:
        assert row[5] in page.words
    paper = (
        PdfReader(io.BytesIO(fay.get(f"{PATH}.pdf").response.get_data())).pages[0].extract_text()
    )
    assert "Symposium places" in paper


def test_as_many_statements_for_many_members_as_for_few(session, statements):
    promised()
    session.commit()
    statements.clear()
    report.rows(session, day=TODAY, viewer=FAY)
    few = len(statements)
    for _ in range(5):
        BenefitUseFactory(company=promised().company)
    session.commit()
    statements.clear()
    report.rows(session, day=TODAY, viewer=FAY)
    assert len(statements) == few <= 5
