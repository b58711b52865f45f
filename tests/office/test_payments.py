"""The pages of the payments: recording, using, taking back, striking, giving back."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.invoices.models import Invoice
from crm.invoices.payment_models import Payment
from tests.cast import Member, told
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory

LIST = "/office/payments"


def owing(session: Session, *minors: int, **traits: Any) -> dict[str, Any]:
    """A company that owes so much on invoices INV-2026-0001 …, and what a payment of it sends."""
    company = CompanyFactory(name="Northlake Turbine Works")
    ids = [
        InvoiceFactory(
            company=company,
            number=f"INV-2026-{place:04}",
            net_minor=minor,
            due_on=date(2026, 6, place),
            **traits,
        ).id
        for place, minor in enumerate(minors, 1)
    ]
    sent = {"company": f"Northlake (#{company.id})", "currency": "USD",
            "received_on": "2026-06-10", "reference": "SWIFT 1"}  # fmt: skip
    page = f"/office/companies/{company.id}"
    session.commit()
    return {"ids": ids, "sent": sent, "company": page}


def proposed(who: Member, sent: dict[str, Any], amount: str) -> dict[str, str]:
    """What the page proposes, by field."""
    page = who.post(f"{LIST}/new", {**sent, "amount": amount, "step": "propose"}, status=200)
    return {
        str(field["name"]): str(field["value"])
        for field in page.html.find_all("input")
        if str(field.get("name", "")).startswith("settle-")
    }


def test_what_came_in_is_proposed_for_the_earliest_first(sam, session):
    case = owing(session, 100_000, 50_000)
    first, second = (f"settle-{id_}" for id_ in case["ids"])
    assert proposed(sam, case["sent"], "1,200") == {first: "1000.00", second: "200.00"}
    assert proposed(sam, case["sent"], "300") == {first: "300.00", second: ""}
    assert told(session, select(Payment.id)) is None
    record = {**case["sent"], "amount": "1,200", "step": "record"}
    page = sam.post(f"{LIST}/new", {**record, first: "700", second: "500"})
    assert "INV-2026-0002" in sam.get(page.location).words
    assert "$300 owed" in sam.get("/office/invoices/INV-2026-0001").words
    assert "Paid" in sam.get("/office/invoices/INV-2026-0002").words


def test_a_proposal_that_is_loaded_again_is_the_proposal_again(sam, session):
    case = owing(session, 100_000)
    token = sam.get(f"{LIST}/new").hidden()["form_token"]
    sent = {**case["sent"], "form_token": token}
    assert proposed(sam, sent, "300") == proposed(sam, sent, "300")


def test_what_is_over_stays_as_credit_is_used_taken_back_and_refunded(sam, session):
    case = owing(session, 100_000, 50_000)
    first, second = case["ids"]
    record = {**case["sent"], "amount": "1,600", "step": "record"}
    page = sam.post(f"{LIST}/new", {**record, f"settle-{first}": "1,000"}).location
    assert "$600 not used" in sam.get(page).words
    assert "Use it for this" in sam.get("/office/invoices/INV-2026-0002").words

    sam.post(f"{page}/allocate", {"invoice": second, "amount": "501"}, status=422)
    sam.post(f"{page}/allocate", {"invoice": "", "amount": "1"}, status=422)
    sam.post(f"{page}/allocate", {"invoice": second, "amount": "500"})
    sam.post(f"{page}/take-back", {"invoice": second})
    sam.post(f"{page}/take-back", {"invoice": second}, status=409)
    sam.post(f"{page}/take-back", {"invoice": "x"}, status=400)
    assert "Taken back" in sam.get("/office/invoices/INV-2026-0002").words

    refund = {"amount": "600", "currency": "USD", "refunded_on": "2026-06-15", "reason": "Twice"}
    address = f"{case['company']}/refund"
    too_much = sam.post(address, {**refund, "amount": "601"}, status=422)
    assert "credit is USD 600.00" in too_much.words
    sam.post(address, {**refund, "refunded_on": "2026-06-16"}, status=422)
    sam.post(address, refund)
    assert "Twice" in sam.get(f"{case['company']}/billing").words
    sam.post(f"{page}/strike", {"reason": "Bounced"}, status=422)


def test_a_payment_that_bounced_is_struck_and_owed_again(sam, session):
    case = owing(session, 100_000)
    record = {**case["sent"], "amount": "1,000", "step": "record"}
    page = sam.post(f"{LIST}/new", {**record, f"settle-{case['ids'][0]}": "1,000"}).location
    sam.post(f"{page}/strike", {"reason": ""}, status=422)
    sam.post(f"{page}/strike", {"reason": "Bounced"})
    assert "Bounced" in sam.get(page).words
    assert told(session, select(Invoice.paid_minor)) == 0
    assert [row[0] for row in sam.get(f"{LIST}?show=struck").rows()[1:]] == ["Jun 10, 2026"]
    assert len(sam.get(f"{LIST}?show=standing").rows()) == 0


def test_bad_sums_and_days_are_told_and_nothing_is_lost(sam, session):
    case = owing(session, 100_000)
    field = f"settle-{case['ids'][0]}"
    good = {**case["sent"], "amount": "1,000", "step": "record", field: "1,000"}
    for wrong, said in (
        ({"company": ""}, "Say which company"),
        ({"company": "Nobody"}, "No company is called"),
        ({"amount": "ten"}, "Write the amount"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "999"}, "more than came in"),
        ({"received_on": "2026-06-16"}, "today or earlier"),
        ({field: "x"}, "Write the amount"),
        ({field: "1000.01", "amount": "2000"}, "still owed"),
        ({"settle-x": "1"}, ""),
        ({"settle-2147483000": "1", field: "1"}, ""),
        ({"currency": "EUR"}, "is in USD"),
    ):
        page = sam.post(
            f"{LIST}/new", {**good, **wrong}, status=422 if said else page_status(wrong)
        )
        assert said in page.words, wrong
        if said and "company" not in wrong:
            assert "SWIFT 1" in page.text
    assert told(session, select(Payment.id)) is None


def page_status(wrong: dict[str, str]) -> int:
    return 404 if "settle-2147483000" in wrong else 400


def test_whoever_issued_our_own_invoice_does_not_record_its_payment(sam, dana, session):
    case = owing(session, 100_000, issued_by_id=sam.user_id)
    assert "somebody else records" in sam.get("/office/invoices/INV-2026-0001").words
    field = f"settle-{case['ids'][0]}"
    record = {**case["sent"], "amount": "1,000", "step": "record", field: "1,000"}
    assert proposed(sam, case["sent"], "1,000") == {}
    refused = sam.post(f"{LIST}/new", record, status=422)
    assert "You issued invoice INV-2026-0001: somebody else records its payment." in refused.words
    dana.post(f"{LIST}/new", record)


def test_from_an_invoice_the_payment_is_filled_in(sam, session):
    owing(session, 100_000, 50_000, central=True)
    page = sam.get(f"{LIST}/new?invoice=INV-2026-0002")
    values = {str(f["name"]): f.get("value") for f in page.html.find_all("input") if f.get("name")}
    assert values["amount"] == "500.00"
    assert sorted(v for name, v in values.items() if name.startswith("settle-")) == ["", "500.00"]
    sam.get(f"{LIST}/new?invoice=INV-1999-0002", status=404)


def test_the_list_is_asked_summed_and_exported(dana, fay, session):
    case = owing(session, 100_000)
    record = {**case["sent"], "amount": "1,000", "step": "record"}
    dana.post(f"{LIST}/new", record)
    page = dana.get(f"{LIST}?q=swift&show=credit")
    assert ["Jun 10, 2026", "Northlake Turbine Works", "SWIFT 1", "$1,000", "$1,000"] in page.rows()
    assert "$1,000 received, $1,000 not used" in page.words
    lines = dana.get(f"{LIST}.csv").text.splitlines()
    assert lines[1].startswith("2026-06-10,Northlake Turbine Works,SWIFT 1,USD,1000.00,0.00,1000.")
    for wrong in ("?show=x", "?company=x", "?list=x", "?sort=amount"):
        dana.get(LIST + wrong, status=400)
    fay.get(LIST, status=403)
    fay.get(f"{LIST}.csv", status=403)
