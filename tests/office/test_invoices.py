"""The pages of the invoices, as each of the cast sees them."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm.invoices import rules
from crm.invoices.instalment_models import Instalment, InstalmentShare
from crm.invoices.models import BillingProfile, CreditNote, Invoice
from crm.invoices.rules import State
from crm.invoices.search import InvoiceSearch
from crm.mail.models import OutgoingAttachment, OutgoingMail
from crm.programme.models import Programme
from crm.web import lately
from tests.cast import Member, told
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory
from tests.factories.memberships import MembershipFactory

LIST = "/office/invoices"


def we_bill_ourselves(session: Session) -> None:
    facts = dict(session.scalars(select(Programme.facts)).one())
    facts["dues"] = {**facts["dues"], "invoicing": "own", "tax_name": "Sales tax",
                     "tax_basis_points": 825}  # fmt: skip
    session.execute(update(Programme).values(facts=facts))
    session.commit()
    lately.forget()


def due(session: Session, *, on: date = date(2026, 7, 1), minor: int = 25_000_000, **more: Any):
    """An instalment of a signed term."""
    membership = more.pop("membership", None) or MembershipFactory(**more)
    instalment = Instalment(
        membership_id=membership.id,
        number=on.toordinal(),
        membership_year=1,
        due_on=on,
        amount_minor=minor,
        currency="USD",
    )
    session.add(instalment)
    session.flush()
    session.add(InstalmentShare(instalment_id=instalment.id, year=1, amount_minor=minor))
    session.flush()
    return instalment


def issued(session: Session, **traits: Any) -> str:
    number = str(InvoiceFactory(**traits).number)
    session.commit()
    return number


def text_of_pdf(who: Member, address: str) -> str:
    with who.client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.mimetype == "application/pdf"
        (page,) = PdfReader(io.BytesIO(answer.data)).pages
        assert (page.mediabox.width, page.mediabox.height) == (612, 792)
        return " ".join(page.extract_text().replace("\u00a0", " ").split())


# ── the list ───────────────────────────────────────────────────────────────────────────────


def test_the_list_says_what_is_owed_and_sums_each_currency_alone(dana, session):
    company = CompanyFactory(name="Halvorsen Bearings")
    InvoiceFactory(company=company, number="INV-2026-0001", due_on=date(2026, 5, 1))
    InvoiceFactory(company=company, number="INV-2026-0002", currency="EUR", net_minor=5_000)
    InvoiceFactory(company=company, drafted=True, net_minor=700)
    session.commit()
    page = dana.get(LIST)
    assert ["INV-2026-0001", "Halvorsen Bearings", "Overdue", "Jun 1, 2026", "May 1, 2026",
            "$1,000", "$1,000"] in page.rows()  # fmt: skip
    assert ["EUR", "€0", "€50", "€0", "€0", "€50"] in page.rows()
    assert ["USD", "$7", "$1,000", "$0", "$0", "$1,000"] in page.rows()


def test_the_list_is_asked_by_words_state_way_and_company(dana, session):
    company = CompanyFactory(name="Verano Semiconductor")
    InvoiceFactory(company=company, number="INV-2026-0001", po_number="PO-77")
    InvoiceFactory(number="INV-2026-0002", due_on=date(2026, 6, 14))
    InvoiceFactory(number="REQ-2026-0003", central=True, paid_minor=100_000)
    number = company.id
    session.commit()
    for question, found in (
        ("?q=verano", ["INV-2026-0001"]),
        ("?q=po-77", ["INV-2026-0001"]),
        ("?q=2026-0002", ["INV-2026-0002"]),
        ("?state=overdue", ["INV-2026-0002"]),
        ("?state=paid&way=central", ["REQ-2026-0003"]),
        ("?state=draft", []),
        (f"?company={number}", ["INV-2026-0001"]),
        ("?sort=number", ["INV-2026-0001", "INV-2026-0002", "REQ-2026-0003"]),
    ):
        numbers = [row[0] for row in dana.get(LIST + question).rows() if "-2026-" in row[0]]
        assert numbers == found, question
    for wrong in ("?state=happy", "?way=x", "?company=x", "?sort=net", "?page=0"):
        dana.get(LIST + wrong, status=400)


def test_an_export_is_the_list(dana, session):
    issued(session, number="INV-2026-0001", company=CompanyFactory(name="=Casco"))
    issued(session, number="INV-2026-0002", due_on=date(2026, 5, 1))
    lines = dana.get(f"{LIST}.csv?state=open").text.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("INV-2026-0001,,'=Casco,,open,own,2026-06-01,2026-07-01,USD,1000.00")
    with (
        dana.client.get(f"{LIST}.xlsx") as workbook,
        zipfile.ZipFile(io.BytesIO(workbook.data)) as parts,
    ):
        assert "<v>1000</v>" in parts.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.parametrize(
    ("due_on", "paid", "credited", "issued_on", "written_off", "state"),
    [
        (TODAY, 0, 0, TODAY, False, State.OPEN),
        (date(2026, 6, 14), 0, 0, TODAY, False, State.OVERDUE),
        (date(2026, 6, 14), 99_999, 0, TODAY, False, State.OVERDUE),
        (date(2026, 6, 14), 100_000, 0, TODAY, False, State.PAID),
        (date(2026, 6, 14), 1, 99_999, TODAY, False, State.PAID),
        (date(2026, 6, 14), 1, 99_999, TODAY, True, State.WRITTEN_OFF),
        (date(2026, 6, 14), 0, 100_000, TODAY, False, State.VOIDED),
        (date(2026, 6, 14), 0, 0, None, False, State.DRAFT),
    ],
)
def test_the_state_of_an_invoice_and_its_twin_in_sql(
    session, due_on, paid, credited, issued_on, written_off, state
):
    invoice = InvoiceFactory(
        due_on=due_on, issued_on=issued_on, number="INV-2026-0001" if issued_on else None
    )
    invoice.paid_minor, invoice.credited_minor = paid, credited
    if written_off:
        session.add(
            CreditNote(number="CN-1", invoice_id=invoice.id, kind="write-off",
                       amount_minor=credited, reason="Bad", issued_on=TODAY, by_name="Dana")
        )  # fmt: skip
    session.flush()
    assert state is rules.state_on(
        TODAY, issued_on=issued_on, due_on=due_on, owed_minor=invoice.balance.minor,
        paid_minor=paid, written_off=written_off,
    )  # fmt: skip
    for asked in State:
        found = session.execute(InvoiceSearch(today=TODAY, state=asked).select()).all()
        assert [row.state for row in found] == ([state.value] if asked is state else [])


# ── from what is due to what is issued ─────────────────────────────────────────────────────


def test_what_falls_due_is_billed_one_draft_for_each_membership(dana, session):
    here = MembershipFactory(company=CompanyFactory(name="Northlake Turbine Works"))
    ids = [
        due(session, membership=here).id,
        due(session, membership=here, on=date(2026, 6, 1)).id,
        due(session, minor=100).id,
    ]
    due(session, unsigned=True)
    due(session, on=date(2027, 7, 1))
    session.commit()
    page = dana.get(f"{LIST}/to-bill")
    assert len(page.html.find_all("input", {"name": "instalment"})) == 3
    assert "Due already" in page.words
    assert dana.post(f"{LIST}/drafts", {"instalment": ids}).location == f"{LIST}?state=draft"
    assert told(session, select(Invoice.net_minor).order_by(Invoice.net_minor)) == 100
    assert "Nothing is to be billed" in dana.get(f"{LIST}/to-bill").words
    dana.post(f"{LIST}/drafts", {"instalment": ids}, status=409)
    for wrong, status in (([], 409), (["x"], 400), (["9" * 12], 400), ([2**31 - 1], 404)):
        dana.post(f"{LIST}/drafts", {"instalment": wrong}, status=status)


def test_a_membership_s_page_bills_what_is_not_billed(dana, session):
    instalment = due(session)
    id_, membership_id = instalment.id, instalment.membership_id
    session.commit()
    address = f"/office/memberships/{membership_id}"
    assert "Bill it" in dana.get(address).words
    sent = dana.post(f"{LIST}/drafts", {"instalment": id_})
    assert "Bill it" not in dana.get(address).words
    page = dana.get(sent.location)
    assert "Member membership, year 1 of 3 (October 1, 2025 to September 30, 2026)" in page.words
    assert "$250,000" in page.words


def test_a_draft_is_edited_then_issued_and_then_stays(dana, session):
    we_bill_ourselves(session)
    company = CompanyFactory(name="Casco Biologics")
    session.add(BillingProfile(id=company.id, po_required=True, email="ap@casco.example"))
    sent = {"company": f"Casco Biologics (#{company.id})", "due_on": "2026-08-01",
            "currency": "USD", "description_1": "Workshop", "amount_1": "1,000.00",
            "description_2": "", "amount_2": ""}  # fmt: skip
    session.commit()
    draft = dana.post(f"{LIST}/new", sent).location
    page = dana.get(draft)
    assert "cannot be issued yet" in page.words
    assert ["Sales tax (8.25 %)", "$82.50", ""] in page.rows()
    version = page.hidden()["version"]
    assert "purchase order" in dana.post(f"{draft}/issue", {"version": version}, status=409).words

    dana.post(f"{draft}/edit", {"name": "", "due_on": "x", "version": version}, status=422)
    dana.post(
        f"{draft}/edit",
        {"name": "Casco AP", "po_number": "4500", "due_on": "2026-08-02", "version": version},
    )
    dana.post(
        f"{draft}/edit", {"name": "Late", "due_on": "2026-08-03", "version": version}, status=409
    )
    dana.post(f"{draft}/issue", {"version": version}, status=409)
    assert dana.post(f"{draft}/issue").location == f"{LIST}/INV-2026-0001"
    assert dana.get(draft, status=302).location == f"{LIST}/INV-2026-0001"
    dana.post(f"{draft}/discard", status=409)
    page = dana.get(f"{LIST}/INV-2026-0001")
    assert "Casco AP" in page.words
    assert "$1,082.50" in page.words
    assert "somebody else records" in page.words


def test_a_charge_needs_a_company_and_a_line_that_is_whole(dana, session):
    company = CompanyFactory(name="Casco Biologics")
    good = {"company": f"Casco (#{company.id})", "due_on": "2026-08-01", "currency": "USD"}
    session.commit()
    for wrong, said in (
        ({"company": "Nobody"}, "No company is called"),
        ({}, "at least one line"),
        ({"description_1": "Workshop"}, "Write the amount"),
        ({"amount_1": "5"}, "Say what it is for"),
        ({"description_3": "Workshop", "amount_3": "0"}, "above zero"),
        ({"description_1": "Workshop", "amount_1": "1", "currency": "JPY?"}, "Not a valid choice"),
    ):
        assert said in dana.post(f"{LIST}/new", {**good, **wrong}, status=422).words


def test_a_draft_is_discarded_and_its_instalment_can_be_billed_again(sam, session):
    instalment = due(session)
    id_ = instalment.id
    session.commit()
    draft = sam.post(f"{LIST}/drafts", {"instalment": id_}).location
    sam.post(f"{draft}/discard")
    sam.get(draft, status=404)
    sam.post(f"{LIST}/drafts", {"instalment": id_})


def test_a_draft_s_page_adds_and_drops_lines(sam, rea, session):
    instalment = due(session)
    id_ = instalment.id
    session.commit()
    draft = sam.post(f"{LIST}/drafts", {"instalment": id_}).location
    page = sam.get(draft)
    assert "or 30 days after it is issued if that is later" in page.words
    version = page.hidden()["version"]
    line = {"description": "Badges", "amount": "12.50", "version": version}
    sam.post(f"{draft}/lines/new", {**line, "amount": "0"}, status=422)
    sam.post(f"{draft}/lines/new", {**line, "amount": "x"}, status=422)
    assert sam.post(f"{draft}/lines/new", line).location == draft
    sam.post(f"{draft}/lines/new", line, status=409)
    page = sam.get(draft)
    assert ["Subtotal", "$250,012.50", ""] in page.rows()
    first = page.html.select_one('form[action$="/drop"]')["action"]
    rea.post(first, status=403)
    assert "/drop" not in str(rea.get(draft).html)
    sam.post(first, status=409)
    sam.post(first, {"version": page.hidden()["version"]})
    assert "$12.50" in sam.get(draft).words
    sam.post(f"{LIST}/drafts", {"instalment": id_})


@pytest.mark.parametrize("number", ["2023/117", "50 % & more?#7", "..7", "INV-2025/0003"])
def test_an_invoice_numbered_elsewhere_has_its_page(dana, session, number):
    issued(session, number=number)
    row = next(a for a in dana.get(LIST).html.select("td a, th a") if a.text.strip() == number)
    page = dana.get(row["href"])
    assert page.html.h1.text.strip() == number
    links = {a.get_text(strip=True): a["href"] for a in page.html.main.find_all("a")}
    dana.get(links["Credit a part"])
    text_of_pdf(dana, links["PDF"])
    sent = dana.post(f"{row['href']}/void", {"reason": "Wrong"})
    assert sent.location == row["href"]


# ── papers and letters ─────────────────────────────────────────────────────────────────────


def test_an_invoice_is_a_paper_with_all_that_an_accounts_department_wants(dana, session):
    number = issued(
        session, bill_to_name="Kestrel #strong[Robotics] $x$", bill_to_address="1 Road\nTown",
        po_number="4500012345", note="Thank you", tax_minor=8_250, tax_basis_points=825,
    )  # fmt: skip
    text = text_of_pdf(dana, f"{LIST}/{number}.pdf")
    for part in (
        "Manufacturing@MIT", "Invoice", number, "Kestrel #strong[Robotics] $x$", "1 Road Town",
        "4500012345", "Jul 1, 2026", "Workshop 1,000.00", "Tax (8.25 %) 82.50",
        "Amount due (USD) 1,082.50", "Remit to", "Thank you",
    ):  # fmt: skip
        assert part in text, part


def test_a_billing_request_goes_to_the_finance_office(dana, session):
    number = issued(session, central=True, number="REQ-2026-0001", bill_to_name="Kestrel")
    text = text_of_pdf(dana, f"{LIST}/{number}.pdf")
    assert "Billing request" in text
    assert "To Accounts Receivable receivables@finance.example" in text
    assert "Please invoice Kestrel" in text
    assert "Remit to" not in text
    page = dana.post(f"{LIST}/{number}/send")
    assert "receivables@finance.example" in dana.get(page.location).words
    assert told(session, select(OutgoingMail.to)) == "receivables@finance.example"
    assert told(session, select(Invoice.sent_on)) == TODAY


def test_an_invoice_is_sent_to_the_billing_contact_with_the_paper(dana, session):
    number = issued(session, bill_to_email="ap@kestrel.example", po_number="PO-9")
    assert told(session, select(OutgoingMail.id)) is None
    dana.post(f"{LIST}/{number}/send")
    mail = session.scalars(select(OutgoingMail)).one()
    assert (mail.to, mail.reply_to) == ("ap@kestrel.example", "connect@mfg.mit.edu")
    assert mail.subject == f"Invoice {number} of Manufacturing@MIT"
    assert "USD 1,000.00" in mail.body
    assert "PO-9" in mail.body
    id_ = mail.id
    session.rollback()
    assert told(session, select(OutgoingAttachment.content))[:5] == b"%PDF-"
    again = dana.post(f"{LIST}/{number}/send", status=409)
    assert "today already" in again.words
    page = dana.get(f"/office/mail/{id_}")
    (link,) = [a for a in page.html.find_all("a") if a.get_text() == f"{number}.pdf"]
    assert number in text_of_pdf(dana, str(link["href"]))


def test_without_an_address_or_a_debt_nothing_is_sent(dana, session):
    nowhere = issued(session, number="INV-2026-0001")
    paid = issued(session, number="INV-2026-0002", paid_minor=100_000, bill_to_email="a@b.example")
    assert "billing profile" in dana.post(f"{LIST}/{nowhere}/send", status=409).words
    assert "Nothing of it is owed" in dana.post(f"{LIST}/{paid}/send", status=409).words
    assert told(session, select(OutgoingMail.id)) is None


def test_who_may_not_read_letters_gets_no_attachment(ada, fay, session):
    number = issued(session, bill_to_email="ap@kestrel.example")
    mail = OutgoingMail(letter="invoice", message_id="<1@x>", to="a@b.example", subject="S",
                        posted_at=session.scalars(select(Invoice.created_at)).one(),
                        due_at=session.scalars(select(Invoice.created_at)).one())  # fmt: skip
    mail.attachments = [
        OutgoingAttachment(file_name=f"{number}.pdf", media_type="application/pdf", content=b"1")
    ]
    session.add(mail)
    session.flush()
    address = f"/office/mail/{mail.id}/attachments/{mail.attachments[0].id}"
    shown = f"/office/mail/{mail.id}"
    session.commit()
    ada.get(address, status=403)
    fay.get(address, status=403)
    assert number not in ada.get(shown).text


# ── the finance office, blockers, credits ──────────────────────────────────────────────────


def test_the_finance_office_s_number_is_recorded(sam, session):
    number = issued(session, central=True, number="REQ-2026-0001")
    other = issued(session, central=True, number="REQ-2026-0002", finance_number="F-1")
    own = issued(session, number="INV-2026-0001")
    address = f"{LIST}/{number}/finance"
    sam.post(address, {"finance_number": "F-2", "invoiced_on": "2026-06-10"})
    assert "F-2" in sam.get(f"{LIST}/{number}").words
    sam.post(address, {"finance_number": "F-1", "invoiced_on": "2026-06-10"}, status=422)
    sam.post(f"{LIST}/{own}/finance", {"finance_number": "F-9", "invoiced_on": "2026-06-10"},
             status=422)  # fmt: skip
    assert other in sam.get(f"{LIST}?q=f-1").words


@pytest.mark.parametrize("act", ["blocker", "finance"])
def test_two_who_note_something_of_one_invoice_see_both_versions(sam, session, act):
    number = issued(session, central=True)
    seen = told(session, select(Invoice.version))
    sent = {"finance_number": "F-7", "invoiced_on": "2026-06-10", "version": seen}
    if act == "blocker":
        sent = {"blocker": "dispute", "note": "Wrong tier", "version": seen}
    assert f'value="{seen}"' in sam.get(f"{LIST}/{number}/{act}").text
    sam.post(f"{LIST}/{number}/{act}", sent)
    later = {**sent, "finance_number": "F-8", "note": "Asked"}
    words = sam.post(f"{LIST}/{number}/{act}", later, status=409).words
    assert all(
        text in words for text in (("F-7", "F-8") if act == "finance" else ("tier", "Asked"))
    )


def test_a_blocker_and_a_promise_are_noted(sam, session):
    number = issued(session)
    sam.post(
        f"{LIST}/{number}/blocker",
        {"blocker": "purchase order", "note": "Asked", "promised_on": "2026-07-15"},
    )
    page = sam.get(f"{LIST}/{number}")
    assert "Purchase order" in page.words
    assert "Jul 15, 2026" in page.words
    sam.post(f"{LIST}/{number}/blocker", {"blocker": "x", "promised_on": "soon"}, status=422)


def test_a_director_credits_voids_and_writes_off(dana, sam, session):
    number = issued(session, number="INV-2026-0001")
    address = f"{LIST}/{number}"
    for act in ("credit", "void", "write-off"):
        sam.post(f"{address}/{act}", {"reason": "x", "amount": "1"}, status=403)
    too_much = dana.post(f"{address}/credit", {"amount": "1000.01", "reason": "R"}, status=422)
    assert "still owed" in too_much.words
    dana.post(f"{address}/credit", {"amount": "-1", "reason": "R"}, status=422)
    dana.post(f"{address}/credit", {"amount": "100", "reason": "Agreed"})
    assert "$900 owed" in dana.get(address).words
    text = text_of_pdf(dana, f"{LIST}/credits/CN-2026-0001.pdf")
    assert "Credit note" in text
    assert "Credited (USD) 100.00" in text
    dana.post(f"{address}/void", {"reason": "R"}, status=422)
    dana.post(f"{address}/write-off", {"reason": "Insolvent"})
    assert "Written off" in dana.get(address).words
    other = issued(session, number="INV-2026-0002")
    dana.post(f"{LIST}/{other}/void", {"reason": "Wrong company"})
    assert "Voided" in dana.get(f"{LIST}/{other}").words


# ── who sees what ──────────────────────────────────────────────────────────────────────────


def test_a_reader_reads_and_changes_nothing_and_faculty_see_none_of_it(rea, fay, dana, session):
    number = issued(session, central=True, number="REQ-2026-0001")
    page = rea.get(f"{LIST}/{number}")
    posts = [f for f in page.html.find_all("form") if f.get("method") == "post"]
    assert [f["action"] for f in posts if "/sign-out" not in f["action"]] == []
    for label in ("Send", "Record", "Take back", "Change"):
        assert label not in [a.get_text().strip() for a in page.html.find_all("a")]
    for path in (LIST, f"{LIST}/{number}", f"{LIST}/{number}.pdf", f"{LIST}.csv"):
        fay.get(path, status=403)
    assert "Invoices" in dana.get("/office/").text
    assert LIST not in fay.get("/office/").text


def test_how_a_company_is_billed_is_told_on_a_page_of_its_own(sam, session):
    company = CompanyFactory(name="Halvorsen Bearings")
    address = f"/office/companies/{company.id}"
    InvoiceFactory(company=company, number="INV-2026-0001")
    session.commit()
    assert f"{address}/billing" in sam.get(address).text
    assert "$1,000" in sam.get(f"{address}/billing").words
    form = {"name": "Halvorsen AP", "email": "ap@halvorsen.example", "po_required": "1",
            "po_number": "4711", "version": "0"}  # fmt: skip
    sam.post(f"{address}/billing/edit", {**form, "email": "nonsense"}, status=422)
    sam.post(f"{address}/billing/edit", form)
    page = sam.get(f"{address}/billing")
    assert "Halvorsen AP" in page.words
    assert "4711" in page.words
    sam.post(f"{address}/billing/edit", form, status=409)
