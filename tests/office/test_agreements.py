"""Agreements as files: who adds which, who gets them, and what is taken for one."""

from __future__ import annotations

import io
import zipfile

import obstore
import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

from crm.documents.models import Document
from crm.documents.rules import LARGEST
from crm.documents.store import store_at
from crm.memberships.models import Agreement, Amendment
from tests.cast import Page
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import PDF, STORE, AgreementFactory, MembershipFactory, tier

LIST = "/office/memberships"
MEBIBYTE = 1024 * 1024


def made(session, **traits):
    id_ = int(MembershipFactory(**traits).id)
    session.commit()
    return f"{LIST}/{id_}"


def word_file(*extra):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", *extra):
            archive.writestr(name, "<x/>")
    return held.getvalue()


def sent(content=PDF, name="agreement.pdf", **more):
    return {"file": (io.BytesIO(content), name), **more}


def files_on(page):
    return page.html.select("a[href*='/agreements/']:not([href$=new])")


def test_a_form_one_went_back_to_takes_another_file(sam, session):
    term = made(session, unsigned=True)
    for content in (PDF, PDF, word_file()):  # the second is a second click
        sam.post(f"{term}/agreements/new", sent(content, form_token="drawn once"))
    assert session.scalar(select(func.count()).select_from(Agreement)) == 2


def test_versions_are_kept_and_each_can_be_read_again(sam, rea, session):
    term = made(session, unsigned=True)
    sam.post(f"{term}/agreements/new", sent(note="First draft"))
    redline = word_file()
    sam.post(
        f"{term}/agreements/new",
        sent(redline, "../drafts/Redline, by <legal>.pdf", company_signatory="A. Roe, CEO"),
    )
    page = sam.get(term)
    assert "Version 1, Jun 15, 2026, Sam Okafor · First draft" in page.words
    assert "Signatories: A. Roe, CEO" in page.words
    newest, first = files_on(page)
    assert newest.text == "Redline by legal.docx"
    with rea.client.get(newest["href"]) as answer:
        assert answer.data == redline
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["Content-Security-Policy"] == "sandbox"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.mimetype.endswith("wordprocessingml.document")
    with rea.client.get(first["href"]) as answer:
        assert (answer.data, answer.mimetype) == (PDF, "application/pdf")


def test_faculty_and_strangers_to_money_get_no_file(sam, fay, ada, session):
    term = made(session, unsigned=True)
    sam.post(f"{term}/agreements/new", sent())
    (file,) = files_on(sam.get(term))
    assert files_on(fay.get(term)) == []
    for who in (fay, ada):
        who.get(file["href"], status=403)
        who.post(f"{term}/agreements/new", sent(), status=403)


def test_a_file_is_served_only_through_its_own_term(sam, session):
    term, other = made(session, unsigned=True), made(session, unsigned=True)
    sam.post(f"{term}/agreements/new", sent())
    (file,) = files_on(sam.get(term))
    sam.get(file["href"].replace(term, other), status=404)


def test_the_signed_agreement_is_asked_for_and_then_stays(sam, session):
    term = made(session)
    assert "the signed agreement is not on file yet" in sam.get(term).words
    refused = sam.post(f"{term}/agreements/new", sent(), status=422)
    assert "choose the file with both signatures, and say so" in refused.words
    sam.post(f"{term}/agreements/new", sent(signed="y", name="signed.pdf"))
    page = sam.get(term)
    assert "not on file yet" not in page.words
    assert "signed.pdf" in page.words
    assert f"{term}/agreements/new" not in page.text
    again = sam.post(f"{term}/agreements/new", sent(signed="y"), status=422)
    assert "stays as it is" in again.words
    assert session.scalar(select(func.count()).select_from(Agreement)) == 1


def test_no_version_is_the_signed_one_before_both_have_signed(sam, session):
    term = made(session, unsigned=True)
    page = sam.post(f"{term}/agreements/new", sent(signed="y"), status=422)
    assert "Record both signatures first" in page.words


def test_a_withdrawn_term_takes_no_agreement(sam, session):
    term = made(session, unsigned=True)
    sam.post(f"{term}/withdraw", {"reason": "Board said no"})
    assert f"{term}/agreements/new" not in sam.get(term).text
    assert "was withdrawn" in sam.post(f"{term}/agreements/new", sent(), status=422).words


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (b"", "agreement.pdf", "The file is empty"),
        (b"MZ\x90\x00", "agreement.pdf", "neither a PDF nor a Word document"),
        (b"<html><script>alert(0)</script>", "agreement.pdf", "neither a PDF"),
        (word_file("word/vbaProject.bin"), "agreement.docx", "without macros"),
        (b"PK\x03\x04 no archive", "agreement.docx", "neither a PDF"),
    ],
)
def test_a_file_is_judged_by_its_content(sam, session, content, name, said):
    term = made(session, unsigned=True)
    form = sent(content, name, note="What I typed")
    page = sam.post(f"{term}/agreements/new", form, status=422)
    assert said in page.words
    assert "What I typed" in page.text
    assert session.scalar(select(func.count()).select_from(Document)) == 0


def test_no_file_is_said(sam, session):
    term = made(session, unsigned=True)
    for nothing in ({}, {"file": "a text"}, sent(b"", "")):
        page = sam.post(f"{term}/agreements/new", nothing, status=422)
        assert "Choose a PDF or a Word document" in page.words


def large(member, path, size):
    """The answer to a PDF of so many bytes, sent as a browser does; the test client's own way
    leaves a file open."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="big.pdf"\r\n\r\n'
    token = b'\r\n--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
    content = b"%PDF-1.7" + b"x" * (size - 13) + b"%%EOF"
    body = head + content + token + member.csrf.encode() + b"\r\n--x--\r\n"
    return Page(
        member.ask(
            member.client.post, path, data=body, content_type="multipart/form-data; boundary=x"
        )
    )


def test_a_file_too_large_is_said_an_upload_without_end_is_cut_off(sam, fay, session):
    term = made(session, unsigned=True)
    add = f"{term}/agreements/new"
    assert large(sam, add, 3 * MEBIBYTE).status == 302
    said = large(sam, add, LARGEST + 1)
    assert (said.status, "larger than 20 MiB" in said.words) == (422, True)
    assert large(sam, add, LARGEST + 2 * MEBIBYTE).status == 413
    assert large(sam, f"{term}/withdraw", 3 * MEBIBYTE).status == 413
    assert large(fay, add, 3 * MEBIBYTE).status == 413


def test_a_lost_file_is_said(sam, session):
    membership = MembershipFactory()
    agreement = AgreementFactory(membership_id=membership.id)
    obstore.delete(store_at(STORE), agreement.document.key)
    session.commit()
    path = f"{LIST}/{agreement.membership_id}/agreements/{agreement.id}"
    session.rollback()
    sam.get(path, status=404)


def read(answer):
    """The words of a PDF, on one line."""
    with answer:
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment")
        pages = PdfReader(io.BytesIO(answer.data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_draft_agreement_is_made_of_the_term_s_data(sam, session):
    company = CompanyFactory(name="Halvorsen", legal_name="Halvorsen #strong[Bearings] *AS*")
    new = {
        "company": f"Halvorsen (#{company.id})",
        "tier": str(tier("member").id),
        "starts_on": "2026-10-01",
        "years": "2",
        "fee": "100,000.03",
        "frequency": "half-yearly",
        "agreement_number": "MFG/2026-17",
        "notice_days": "90",
        "renewal_terms": "Renews at the then current fee",
        "covered_affiliates": "Halvorsen Castings",
    }
    session.commit()
    term = sam.post(f"{LIST}/new", new).location
    sam.post(f"{term}/agreements/new", sent(company_signatory="Ida Holm, CEO"))
    words = read(sam.ask(sam.client.get, f"{term}/agreement.pdf"))
    for said in (
        "Manufacturing@MIT",
        "Agreement MFG/2026-17",
        "Draft of Jun 15, 2026. It binds nobody until both parties have signed.",
        "Halvorsen #strong[Bearings] *AS*",
        "starts on Oct 1, 2026 and its last day is Sep 30, 2028: 2 membership years",
        "a seat of its own, with a vote",
        "In 2 working groups of its choice: 2 places in each.",
        "Apr 1, 2027 1 $50,000.01",
        "In all $200,000.06",
        "says by Jul 3, 2028, 90 days before the end",
        "Renews at the then current fee",
        "Halvorsen Castings",
        "Ida Holm, CEO",
    ):
        assert said in words, (said, words)


def test_the_agreement_of_an_executed_term_says_so(rea, fay, session):
    term = made(session)
    words = read(rea.ask(rea.client.get, f"{term}/agreement.pdf"))
    assert "Fully executed on Jan 21, 2020. As it stands on Jun 15, 2026." in words
    fay.get(f"{term}/agreement.pdf", status=403)


def test_the_agreement_as_it_stands_carries_what_the_amended_tier_gives(rea, session):
    term = made(session)
    session.add(
        Amendment(
            membership_id=int(term.rpartition("/")[2]), from_on=TODAY, tier_id=tier("associate").id,
            reason="Smaller budget", amended_on=TODAY, by_name="Dana Whitfield",
        )
    )  # fmt: skip
    session.commit()
    words = read(rea.ask(rea.client.get, f"{term}/agreement.pdf"))
    assert "Membership at the tier Associate." in words
    assert "In 1 working group of its choice: 2 places in each." in words
