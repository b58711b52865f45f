"""The reports of money and of who joined, as pages and files."""

from __future__ import annotations

import csv
import io
from datetime import date

import openpyxl
import pytest
from pypdf import PdfReader

from tests.factories import books as registers

COLUMNS = {
    "dues-forecast": "Company,Tier,Membership year,Instalment,Due on,Amount,Currency,Certainty,"
    "Probability,Weighted,Fiscal year,Quarter,PO number,Institutional charge,Net to programme,"
    "Company id,Membership id,Invoice,Opportunity id",
    "receivables-ageing": "Company,Invoice,Finance number,PO number,Invoiced on,Due on,Currency,"
    "Amount,Paid,Credited,Balance,Not yet due,1–30,31–60,61–90,Over 90,Days late,Blocker,"
    "Promised for,Last reminder,Billing contact,Relationship manager,Company id,Membership id,"
    "Invoice id",
    "dues-by-year": "Company,Tier,Membership year,From,Last day,Fiscal year,Currency,Due,Billed,"
    "Received,Credited,Open,Not billed,Institutional charge,Net to programme,Company id,"
    "Membership id",
    "joiners-leavers": "Company,Change,On,Year,Tier,Reason,Member since,Fee a year,Company id,"
    "Membership id",
    "cohort-retention": "Cohort,Years after joining,Companies,Members,Retention",
    "foreign-sources": "Company,Year,Legal name,Country,Incorporated in,Ultimate parent’s country,"
    "Payments,Received,Refunded,Net,Currency,Company id",
}
OF_MONEY = ("dues-forecast", "receivables-ageing", "dues-by-year", "foreign-sources")
ENDINGS = ("", ".csv", ".xlsx", ".pdf")


@pytest.fixture
def books(session):
    made = registers.make(session)
    made.start("Halvorsen", country="NO")
    late = made.bill("Halvorsen", 1, issued_on=date(2026, 1, 2))
    made.pay("Halvorsen", 1_000_00, {late: 1_000_00})
    session.commit()
    return made


def cells(page):
    return list(csv.reader(io.StringIO(page.response.get_data(as_text=True), newline="")))


def book_of(page):
    return openpyxl.load_workbook(io.BytesIO(page.response.get_data()))


@pytest.mark.parametrize("name", COLUMNS)
def test_every_report_as_page_and_file(dana, books, name):
    path = f"/office/reports/{name}"
    page = dana.get(path)
    assert page.rows()
    heads, *rows = cells(dana.get(f"{path}.csv"))
    assert heads == COLUMNS[name].split(",")
    assert rows
    sheet = book_of(dana.get(f"{path}.xlsx")).worksheets[0]
    written = list(sheet.iter_rows(values_only=True))
    assert list(written[0]) == heads
    assert sheet.freeze_panes == "A2"
    assert [str(row[0]) for row in written[1 : len(rows) + 1]] == [row[0] for row in rows]
    reader = PdfReader(io.BytesIO(dana.get(f"{path}.pdf").response.get_data()))
    assert (reader.pages[0].mediabox.width, reader.pages[0].mediabox.height) == (792, 612)
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "run by Dana Whitfield" in text
    assert "As of Jun 15, 2026" in text
    assert dana.get(f"{path}?as_of=1999-12-31").words.count("Nothing to list on this day") == 1
    assert dana.get(f"{path}.pdf?as_of=1999-12-31").response.get_data().startswith(b"%PDF")


@pytest.mark.parametrize("name", COLUMNS)
def test_who_may_read_it(fay, rea, ada, books, name):
    for ending in ENDINGS:
        path = f"/office/reports/{name}{ending}"
        rea.get(path)
        ada.get(path, status=403)
        fay.get(path, status=403 if name in OF_MONEY else 200)
    if name == "joiners-leavers":
        assert "Fee a year" not in cells(fay.get(f"/office/reports/{name}.csv"))[0]


def test_what_is_certain_and_what_is_hoped_for_have_no_common_sum(dana, books):
    page = dana.get("/office/reports/dues-forecast")
    assert "Amount" not in page.html.select_one(".page-head, header").text
    groups = [head.text.split()[0] for head in page.html.select("h2.group")]
    assert groups == ["Received", "Billed", "Contracted", "Renewal", "Pipeline"]
    book = book_of(dana.get("/office/reports/dues-forecast.xlsx"))
    assert book.sheetnames == ["Dues forecast", "By quarter"]
    labels = [row[0] for row in book.worksheets[0].iter_rows(values_only=True) if row[0]]
    assert "contracted, USD" in labels
    assert not any(label.startswith("Total") for label in labels)


def test_sums_stand_below_the_rows_of_a_workbook_by_currency(dana, books):
    path = "/office/reports/receivables-ageing"
    sheet = book_of(dana.get(f"{path}.xlsx")).worksheets[0]
    heads, *rows = list(sheet.iter_rows(values_only=True))
    empty = next(place for place, row in enumerate(rows) if not any(row))
    balance = heads.index("Balance")
    own, below = rows[:empty], rows[empty + 1 :]
    currency = heads.index("Currency")
    assert [row[0] for row in below] == ["Total, EUR", "Total, USD"]
    for total in below:
        of_it = [row[balance] for row in own if row[currency] == total[0][-3:]]
        assert sum(of_it) == pytest.approx(total[balance])
    assert isinstance(own[0][heads.index("Due on")], date)


def test_over_sixty_days_late_is_flagged(dana, books):
    page = dana.get("/office/reports/receivables-ageing")
    flagged = [badge.text.strip() for badge in page.html.select("td .mk-stalled")]
    assert flagged == ["134 days"]
    pdf = PdfReader(io.BytesIO(dana.get("/office/reports/receivables-ageing.pdf").response.data))
    assert "134\xa0!" in pdf.pages[0].extract_text()
    assert "more than 60 days late" in page.words


def test_an_invoice_of_the_ageing_leads_to_its_page(dana, books):
    page = dana.get("/office/reports/receivables-ageing")
    links = [link["href"] for link in page.html.select("td a")]
    assert any(link.startswith("/office/invoices/REQ-2026-") for link in links)


def test_the_roll_has_changes_as_a_second_sheet(dana, books):
    path = "/office/reports/membership-roll"
    assert "Changes since" in dana.get(path).words  # the question alone
    page = dana.get(f"{path}?since=2025-06-30")
    assert "Changes since June 30, 2025" in page.words
    assert "As of Jun 15, 2026, changes since Jun 30, 2025" in page.words
    book = book_of(dana.get(f"{path}.xlsx?since=2025-06-30"))
    assert book.sheetnames == ["Membership roll", "Changes since 2025-06-30"]
    rows = list(book.worksheets[1].iter_rows(values_only=True))
    assert rows[0][:2] == ("Change", "Company")
    assert {row[0] for row in rows[1:]} == {"joined"}


def test_the_command_tells_changes_too(app, books, tmp_path):
    out = tmp_path / "roll.xlsx"
    asked = ["reports", "export", "membership-roll", "--since", "2025-06-30", "--format", "xlsx"]
    done = app.test_cli_runner().invoke(args=[*asked, "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert openpyxl.load_workbook(out).sheetnames[1] == "Changes since 2025-06-30"
