"""Reading the bank's list: nothing before it was looked at, all or nothing, undone as a whole."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.invoices.models import Invoice
from crm.invoices.payment_models import BankImport, Payment
from crm.kit import tables
from crm.stewardship.imports import bank
from crm.stewardship.imports.report import Refused
from tests.cast import Member, Page, told
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory

PAGE = "/office/payments/import"
HEADINGS = "Date,Amount,Reference,Payer,Transaction id\n"
HOW_MANY = select(func.count()).select_from(Payment)


def upload(who: Member, text: str, status: int = 200) -> Page:
    sent = {"file": (io.BytesIO((HEADINGS + text).encode()), "june.csv")}
    return who.post(PAGE, sent, status=status, content_type="multipart/form-data")


def take(who: Member, page: Page, status: int = 302, **more: str) -> Page:
    """Send the preview as it stands, with more typed into it."""
    form = page.html.find("form", action=f"{PAGE}/take")
    sent = {
        str(field["name"]): str(field.get("value", ""))
        for field in form.find_all("input")
        if field["type" if field.has_attr("type") else "name"] != "checkbox"
        or field.has_attr("checked")
    }
    return who.post(f"{PAGE}/take", {**sent, **more}, status=status)


@pytest.fixture
def owed(session: Session) -> dict[str, Any]:
    company = CompanyFactory(name="Casco Biologics", match_key="casco biologics")
    InvoiceFactory(company=company, number="INV-2026-0001", net_minor=100_000)
    InvoiceFactory(company=company, number="INV-2026-0002", net_minor=70_000)
    InvoiceFactory(number="REQ-2026-0009", central=True, finance_number="F-99812",
                   net_minor=30_000, due_on=date(2026, 5, 1))  # fmt: skip
    found = {"company": f"Casco Biologics (#{company.id})"}
    session.commit()
    return found


def test_lines_are_matched_shown_and_recorded(sam, session, owed):
    page = upload(
        sam,
        "2026-06-10,1000.00,Inv 2026/0001 thank you,Casco,T1\n"
        "06/11/2026,700.00,,Casco Biologics,T2\n"
        "2026-06-11,400,your F-99812,,T3\n"
        "2026-06-12,5.00,nothing we know,,T4\n"
        "2026-06-12,-80.00,rent,,T5\n",
    )
    said = page.words
    assert "2 by number" in said
    assert "1 by amount" in said
    assert "1 paid out" in said
    assert "$300 for REQ-2026-0009; $100 stays as credit" in said
    assert told(session, HOW_MANY) == 0
    take(sam, page, **{"company-5": owed["company"], "take-3": "1"})
    assert told(session, HOW_MANY) == 4
    assert "Paid" in sam.get("/office/invoices/INV-2026-0002").words
    paid = select(Invoice.paid_minor).where(Invoice.number == "REQ-2026-0009")
    assert told(session, paid) == 30_000


def test_the_same_list_adds_nothing_and_an_undone_one_can_be_read_again(sam, session, owed):
    text = "2026-06-10,1000.00,INV-2026-0001,,T1\n"
    take(sam, upload(sam, text))
    again = upload(sam, text)
    assert "Read before" in again.words
    take(sam, again, status=422)
    assert told(session, HOW_MANY) == 1
    number = told(session, select(BankImport.id))
    sam.post(f"{PAGE}/{number}/undo")
    sam.post(f"{PAGE}/{number}/undo", status=409)
    assert told(session, select(Invoice.paid_minor).where(Invoice.number == "INV-2026-0001")) == 0
    take(sam, upload(sam, text))
    assert told(session, HOW_MANY.where(Payment.struck_on.is_(None))) == 1


def test_two_equal_lines_without_a_number_of_the_bank_are_two(session):
    text = b"date,amount,reference\n2026-06-10,5,x\n2026-06-10,5,x\n"
    keys = [line.key for line in bank.read(text, currency="USD").lines]
    assert len(set(keys)) == 2
    assert keys == [line.key for line in bank.read(text, currency="USD").lines]


def test_nothing_is_taken_when_one_line_cannot_be(sam, session, owed):
    page = upload(sam, "2026-06-10,1000.00,INV-2026-0001,,T1\n2026-06-30,700.00,,,T2\n")
    refused = take(sam, page, status=422, **{"take-3": "1"})
    assert "Row 3: A payment is recorded when it is in" in refused.words
    unknown = upload(sam, "2026-06-10,1000.00,INV-2026-0001,,T1\n2026-06-10,1,,,T2\n")
    assert "Row 3: No company" in take(sam, unknown, status=422, **{"company-3": "Nobody"}).words
    assert told(session, HOW_MANY) == 0


def test_what_changed_since_it_was_looked_at_is_shown_again(sam, session, owed):
    page = upload(sam, "2026-06-10,1000.00,INV-2026-0001,,T1\n")
    take(sam, upload(sam, "2026-06-09,400.00,INV-2026-0001,,T0\n"))
    assert "Something changed meanwhile" in take(sam, page, status=409).words
    assert told(session, HOW_MANY) == 1


def test_a_file_that_is_none_is_refused_by_row_and_column(sam, owed):
    for text, said in (
        ("x,ten,,,\n", "Row 2, column “Date”"),
        ("2026-06-10,ten,,,\n", "Row 2, column “Amount”: Write the amount"),
        ("2026-06-10,0.00,,,\n", "Nothing came in"),
        ("2026-06-10,1,,,A\n2026-06-10,1,,,A\n", "Row 3, column “Transaction id”"),
        ('2026-06-10,"1,,,\n', "quotation mark"),
    ):
        assert said in upload(sam, text, status=422).words, text
    sam.post(PAGE, {}, status=422)
    sam.post(f"{PAGE}/take", {"content": "nonsense!"}, status=400)
    with pytest.raises(tables.Unreadable, match="larger"):
        bank.read(b"x" * (bank.LARGEST + 1), currency="USD")
    many = b"date,amount\n" + b"2026-06-10,1\n" * (bank.MOST_ROWS + 1)
    with pytest.raises(tables.Unreadable, match="rows"):
        bank.read(many, currency="USD")
    with pytest.raises(Refused, match="No column is headed"):
        bank.read(b"a,b\n1,2\n", currency="USD")


def test_a_number_is_not_found_inside_a_longer_one(sam, session):
    InvoiceFactory(number="INV-2026-0001", net_minor=100)
    session.commit()
    assert "1 not matched" in upload(sam, "2026-06-10,7.00,INV-2026-00012,,\n").words
    assert "1 by number" in upload(sam, "2026-06-10,7.00,(INV 2026 0001),,\n").words


def test_who_issued_an_invoice_takes_in_no_line_of_it(sam, session):
    InvoiceFactory(number="INV-2026-0001", issued_by_id=sam.user_id)
    session.commit()
    page = upload(sam, "2026-06-10,1000.00,INV-2026-0001,,T1\n")
    assert "You issued INV-2026-0001: somebody else takes this line in." in page.words


def test_a_reader_reads_no_list_in(rea, fay):
    for who in (rea, fay):
        who.get(PAGE, status=403)
        who.post(PAGE, status=403)
