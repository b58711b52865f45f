"""The finance office's list beside ours: what differs is shown, and settled from the page."""

from __future__ import annotations

import io

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.invoices.finance_models import FinanceLine, FinanceStatement
from crm.invoices.models import Invoice
from crm.invoices.payment_models import Payment
from crm.invoices.rules import InvoicingWay
from tests.cast import Member, Page, told
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory

PAGE = "/office/invoices/reconcile"
HEADINGS = "Request number,Invoice number,Customer,Invoice date,Amount,Received\n"


def upload(who: Member, text: str, status: int = 302, month: str = "2026-06") -> Page:
    sent = {"month": month, "file": (io.BytesIO((HEADINGS + text).encode()), "june.csv")}
    return who.post(PAGE, sent, status=status, content_type="multipart/form-data")


def requested(session: Session, place: int, **more: object) -> None:
    ordinary = {"way": InvoicingWay.CENTRAL, "number": f"REQ-2026-{place:04}"}
    company = CompanyFactory(name=f"Company {place}")
    InvoiceFactory(company=company, **{**ordinary, **more})


def test_what_differs_is_told_by_kind(sam, session):
    for place in (1, 2, 3, 4):
        requested(session, place)
    requested(session, 5, finance_number="F-5", paid_minor=50_000)
    requested(session, 6, credited_minor=100_000)
    requested(session, 7, number="INV-2026-0007", way=InvoicingWay.OWN)
    session.commit()
    upload(
        sam,
        "REQ-2026-0001,,Company 1,2026-06-02,1000.00,0\n"
        "REQ-2026-0002,F-2,Company 2,2026-06-02,999.00,0\n"
        "REQ-2026-0003,,Company 3,2026-06-02,1000.00,1000.00\n"
        ",F-5,Company 5,2026-06-02,1000.00,200.00\n"
        ",F-9,Company 9,2026-06-02,10.00,0\n",
    )
    page = sam.get(f"{PAGE}?month=2026-06")
    assert "1 line agrees" in page.words
    rows = [row[:5] for row in page.rows() if row and row[0] != "Request"]
    assert rows == [
        ["REQ-2026-0004", "–", "Company 4", "$1,000", ""],
        ["–", "F-9", "Company 9", "", "$10"],
        ["REQ-2026-0002", "F-2", "Company 2", "$1,000", "$999"],
        ["REQ-2026-0002", "F-2", "Company 2", "", ""],
        ["REQ-2026-0003", "–", "Company 3", "$0", "$1,000"],
        ["REQ-2026-0005", "F-5", "Company 5", "$500", "$200"],
    ]


def test_a_receipt_and_a_number_are_recorded_from_the_page(sam, session):
    requested(session, 1)
    session.commit()
    upload(sam, "REQ-2026-0001,F-1,Company 1,2026-06-02,1000.00,1200.00\n")
    line = told(session, select(FinanceLine.id))
    sent = {"month": "2026-06", "received_on": "2026-06-10"}
    for wrong, status in (("2026-07-01", 409), ("soon", 400), ("", 400)):
        sam.post(f"{PAGE}/{line}/receipt", {**sent, "received_on": wrong}, status=status)
    sam.post(f"{PAGE}/{line}/receipt", sent)
    assert told(session, select(Payment.amount_minor)) == 120_000
    assert told(session, select(Invoice.paid_minor)) == 100_000
    assert told(session, select(Payment.allocated_minor)) == 100_000
    sam.post(f"{PAGE}/{line}/number", sent)
    assert told(session, select(Invoice.finance_number)) == "F-1"
    sam.post(f"{PAGE}/2147483000/number", status=404)


def test_the_same_receipt_is_not_recorded_twice(sam, session):
    requested(session, 1)
    session.commit()
    upload(sam, "REQ-2026-0001,,Company 1,2026-06-02,1000.00,400.00\n")
    line = told(session, select(FinanceLine.id))
    sent = {"month": "2026-06", "received_on": "2026-06-10"}
    sam.post(f"{PAGE}/{line}/receipt", sent)
    assert "recorded already" in sam.post(f"{PAGE}/{line}/receipt", sent, status=409).words
    assert told(session, select(func.count()).select_from(Payment)) == 1
    assert "Both books say the same" in sam.get(f"{PAGE}?month=2026-06").words


def test_what_they_received_above_the_invoice_is_recorded_once(sam, session):
    """Also when it is wholly credit, and under the number they give it later."""
    requested(session, 1)
    session.commit()
    first = "REQ-2026-0001,,Company 1,2026-06-02,1000.00,1200.00\n"
    more = "REQ-2026-0001,F-1,Company 1,2026-06-02,1000.00,1250.00\n"
    sent = {"month": "2026-06", "received_on": "2026-06-10"}
    for text in (first, more):
        upload(sam, text)
        line = told(session, select(func.max(FinanceLine.id)))
        sam.post(f"{PAGE}/{line}/receipt", sent)
        assert "recorded already" in sam.post(f"{PAGE}/{line}/receipt", sent, status=409).words
        sam.post(f"{PAGE}/{line}/number", sent, status=302 if "F-1" in text else 409)
        assert "Both books say the same" in sam.get(f"{PAGE}?month=2026-06").words
    assert told(session, select(func.sum(Payment.amount_minor))) == 125_000


def test_the_latest_list_of_a_month_counts_and_a_faulty_one_is_not_taken(sam, session):
    upload(sam, ",F-1,Company 1,2026-06-02,10,0\n")
    upload(sam, ",F-2,Company 1,2026-06-02,10,0\n")
    assert "F-1" not in sam.get(f"{PAGE}?month=2026-06").words
    for text, said in (
        (",,Company,2026-06-02,10,0\n", "for no invoice"),
        (",F-1,Company,soon,10,0\n", "column “Invoice date”"),
        (",F-1,Company,2026-06-02,ten,0\n", "column “Amount”"),
        (",F-1,Company,2026-06-02,10,-5\n", "column “Received”"),
    ):
        assert said in upload(sam, text, status=422).words
    upload(sam, ",F-1,Company,2026-06-02,10,0\n", status=422, month="2026-07")
    upload(sam, ",F-1,Company,2026-06-02,10,0\n", status=400, month="June")
    assert told(session, select(func.count()).select_from(FinanceStatement)) == 2


def test_a_month_is_asked_for_and_a_reader_only_looks(rea, fay):
    assert "No list for this month" in rea.get(PAGE).words
    assert "Read it in" not in rea.get(PAGE).words
    rea.get(f"{PAGE}?month=2026-13", status=400)
    rea.post(PAGE, {"month": "2026-05"}, status=403)
    fay.get(PAGE, status=403)
