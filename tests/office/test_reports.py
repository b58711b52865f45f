from __future__ import annotations

import csv
import io
import sys
from datetime import date

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from crm.journal.models import JournalEntry
from crm.pipeline.operations import dated
from crm.pipeline.rules import Move
from tests.conftest import NOW
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.pipeline import OpportunityFactory

ROLL = "/office/reports/membership-roll"
PIPELINE = "/office/reports/pipeline"


def cells(page):
    return list(csv.reader(io.StringIO(page.response.get_data(as_text=True), newline="")))


@pytest.fixture
def northlake(session):
    membership = MembershipFactory(
        company=CompanyFactory(name="=Northlake & Sons"), tier="founding", fee_minor=500_000_00
    )
    MembershipFactory(company=CompanyFactory(name="Brightfield"), grace=True, fee_minor=12_345)
    MembershipFactory(unsigned=True)
    session.commit()
    return membership


def test_the_index_lists_what_one_may_open(dana, fay):
    assert "Pipeline by stage and month" in dana.get("/office/reports").words
    words = fay.get("/office/reports").words
    assert "Membership roll" in words
    assert "Pipeline by stage" not in words


def test_the_page_lists_members_and_leads_to_them(dana, northlake, session):
    page = dana.get(ROLL)
    heads, founding, again, member, *rest = page.rows()
    assert heads[0] == again[0] == rest[0][0] == "Company"
    assert founding[:4] == ["=Northlake & Sons", "Founding", "yes", "Active"]
    assert member[:4] == ["Brightfield", "Member", "no", "Grace"]
    assert founding[6] == "$500,000"
    assert "Founding 1 · Fee a year $500,000" in page.words
    below = page.words.partition("Awaiting signature")[2]
    assert "Company" in below
    assert "Northlake" not in below
    assert "Fee a year $500,123.45" in page.words
    assert page.html.select_one("tbody th a")["href"] == f"/office/companies/{northlake.company_id}"


def test_the_csv_is_the_page(dana, northlake):
    answer = dana.get(f"{ROLL}.csv")
    heads, *rows = cells(answer)
    assert heads == [
        "Company", "Tier", "Founding", "Status", "Starts on", "Last day", "Fee a year", "Currency",
        "Relationship manager", "Council representative", "Member since", "Company id",
        "Membership id", "Legal name", "Country", "Agreement number", "Executed on",
        "Fee this year", "Received this year", "Good standing", "Notice by",
    ]  # fmt: skip
    assert rows[0] == [
        "'=Northlake & Sons", "Founding", "yes", "active", "2025-10-01", "2028-09-30", "500000.00",
        "USD", "", "vacant", "2025-10-01", str(northlake.company_id), str(northlake.id),
        "", "", "", "2020-01-21", "500000.00", "0.00", "yes", "",
    ]  # fmt: skip
    assert rows[1][6] == "123.45"
    disposition = answer.response.headers["Content-Disposition"]
    assert disposition == 'attachment; filename="membership-roll-2026-06-15.csv"'


def test_the_workbook_has_real_numbers_and_days_and_nothing_that_runs(dana, northlake):
    answer = dana.get(f"{ROLL}.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.response.get_data())).active
    heads, first, *_ = sheet.iter_rows(values_only=True)
    line = dict(zip(heads, first, strict=True))
    assert line["Company"] == "=Northlake & Sons"
    assert sheet["A2"].data_type == "s"
    assert line["Fee a year"] == 500_000
    assert line["Starts on"].date() == date(2025, 10, 1)
    assert sheet.freeze_panes == "A2"


def test_the_pdf_is_letter_landscape_and_says_of_when_and_by_whom(dana, northlake):
    reader = PdfReader(io.BytesIO(dana.get(f"{ROLL}.pdf").response.get_data()))
    page = reader.pages[0]
    assert (page.mediabox.width, page.mediabox.height) == (792, 612)
    text = page.extract_text()
    for said in (
        "Manufacturing@MIT", "As of Jun 15, 2026", "Dana Whitfield", "14:30", "=Northlake & Sons",
        "$500,000",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize("name", ["#strong[x]", "$x^2$", "*bold* @ref", "日本 مصنع Ω 🙂", "\\ {}"])
def test_no_name_is_markup_to_the_typesetter(dana, session, name):
    MembershipFactory(company=CompanyFactory(name=name))
    session.commit()
    answer = dana.get(f"{ROLL}.pdf")
    assert answer.response.get_data().startswith(b"%PDF")


def test_for_any_day_and_no_nonsense(dana, northlake):
    earlier = dana.get(f"{ROLL}?as_of=2024-01-01").rows()
    assert [row[0] for row in earlier][:2] == ["Company", "Brightfield"]
    assert cells(dana.get(f"{ROLL}.csv?as_of=1999-12-31"))[1:] == []
    assert "Nothing to list" in dana.get(f"{ROLL}?as_of=1999-12-31").words
    assert dana.get(f"{ROLL}.pdf?as_of=1999-12-31").response.get_data().startswith(b"%PDF")
    for ending in ("", ".csv", ".xlsx", ".pdf"):
        for day in ("2026-13-01", "yesterday", "0001-01-01", "99999-01-01", "2026-02-30", "\x00"):
            dana.get(f"{ROLL}{ending}", status=400, query_string={"as_of": day})
            dana.get(f"{ROLL}{ending}", status=400, query_string={"since": day})
        dana.get(f"/office/reports/salaries{ending}", status=404)
    dana.get(f"{ROLL}.doc", status=404)


def test_faculty_get_no_sums_anywhere(fay, northlake):
    page = fay.get(ROLL)
    assert "Fee a year" not in page.words
    assert "$" not in page.words
    assert "USD" not in page.words
    heads, *_ = cells(fay.get(f"{ROLL}.csv"))
    assert {"Fee a year", "Currency"}.isdisjoint(heads)
    assert len(heads) == 16
    book = openpyxl.load_workbook(io.BytesIO(fay.get(f"{ROLL}.xlsx").response.get_data()))
    values = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert 500_000 not in values
    assert "USD" not in values
    pdf = PdfReader(io.BytesIO(fay.get(f"{ROLL}.pdf").response.get_data()))
    assert "500,000" not in pdf.pages[0].extract_text()
    for ending in ("", ".csv", ".xlsx", ".pdf"):
        fay.get(f"{PIPELINE}{ending}", status=403)


def test_who_reads_reports(rea, ada, stranger, northlake):
    rea.get(ROLL)
    rea.get(f"{PIPELINE}.csv")
    for ending in ("", ".csv", ".xlsx", ".pdf"):
        ada.get(f"{ROLL}{ending}", status=403)
        stranger.get(f"{ROLL}{ending}", status=302)


def test_every_export_is_journalled_and_refused_ones_are_not(dana, fay, northlake, session):
    for ending in ("csv", "xlsx", "pdf"):
        dana.get(f"{ROLL}.{ending}")
        fay.get(f"{PIPELINE}.{ending}", status=403)
    dana.get(f"{ROLL}.csv?as_of=x", status=400)
    found = session.scalars(
        select(JournalEntry).where(JournalEntry.act == "exported").order_by(JournalEntry.id)
    ).all()
    assert [(entry.actor_name, entry.label) for entry in found] == [
        ("Dana Whitfield", f"membership-roll.{ending}") for ending in ("csv", "xlsx", "pdf")
    ]


def test_the_pipeline_by_stage_and_month(dana, sam, session):
    for value, expected, at in (
        (100_00, date(2026, 9, 1), "negotiation"),
        (50_01, date(2026, 9, 30), "negotiation"),
        (7_00, None, "negotiation"),
        (None, date(2026, 10, 1), "qualified"),
    ):
        opportunity = OpportunityFactory(value_minor=value, expected_on=expected, at=at)
        opened(session, sam, opportunity)
    session.commit()
    heads, *rows = cells(dana.get(f"{PIPELINE}.csv"))
    assert heads == [
        "Pipeline", "Stage", "Probability", "Expected start", "Opportunities", "Of them parked",
        "Value", "Weighted value", "Currency",
    ]  # fmt: skip
    alliance = "Industry Alliance"
    assert rows == [
        [alliance, "Qualified", "20", "2026-10", "1", "0", "0.00", "0.00", "USD"],
        [alliance, "Negotiation", "80", "2026-09", "2", "0", "150.01", "120.01", "USD"],
        [alliance, "Negotiation", "80", "", "1", "0", "7.00", "5.60", "USD"],
    ]
    assert cells(dana.get(f"{PIPELINE}.csv?as_of=2026-05-31"))[1:] == []


def test_no_page_of_the_web_workers_imports_the_heavy_libraries(dana, northlake):
    for path in (PIPELINE, f"{PIPELINE}.pdf", f"{ROLL}.pdf", f"{ROLL}.xlsx", "/office/pipeline"):
        dana.get(path)
    assert "pandas" not in sys.modules
    assert "typst" not in sys.modules


def test_few_statements_a_report(dana, northlake, statements):
    dana.get(ROLL)
    for path, most in ((ROLL, 9), (PIPELINE, 3)):
        statements.clear()
        dana.get(path)
        assert len(statements) <= most, statements


def test_the_command_writes_what_the_page_exports(app, dana, northlake, tmp_path):
    of_the_page = dana.get(f"{ROLL}.csv?as_of=2026-05-31").response.get_data()
    run = app.test_cli_runner().invoke
    asked = ["reports", "export", "membership-roll", "--as-of", "2026-05-31"]
    assert run(args=asked).stdout_bytes == of_the_page
    out = tmp_path / "roll.xlsx"
    done = run(args=[*asked, "--format", "xlsx", "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert openpyxl.load_workbook(out).active["A1"].value == "Company"
    assert run(args=[*asked, "--format", "pdf"]).exit_code == 2
    assert run(args=["reports", "export", "salaries"]).exit_code == 2
    assert run(args=["reports", "export", "pipeline", "--as-of", "2026-02-30"]).exit_code == 2


def opened(session, sam, opportunity):
    dated(
        session,
        opportunity,
        Move.OPENED,
        from_stage_id=None,
        on=opportunity.opened_on,
        by=sam.actor,
        now=NOW,
    )
