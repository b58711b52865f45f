"""The dossier's page and paper: who sees what, and what stands on the first page."""

from __future__ import annotations

import csv
import io
import random
from datetime import date

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from crm.activities.rules import Shown
from crm.journal.models import JournalEntry
from crm.partnerships.rules import Stage
from crm.partnerships.workspace_models import Convening
from crm.retention.models import Goal, Highlight
from tests.conftest import TODAY
from tests.factories import chronicle
from tests.factories.activities import TouchFactory
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory
from tests.factories.partnerships import ContributionFactory, step
from tests.factories.workspaces import PartnershipFactory

VALUE = 731_946_28
SAID = "Likes the lean group, legal balks"
ALL = "from=2023-07-01&to=2026-06-15"


@pytest.fixture
def northlake(session):
    made = chronicle.write(random.Random(7), CompanyFactory(name="Northlake"))
    mill = ContributionFactory(company=made.company, title="A mill", valued=VALUE)
    step(mill, Stage.ACCEPTED, date(2026, 2, 2))
    TouchFactory(
        company=made.company, text=SAID, with_=[AffiliationFactory(company=made.company).person]
    )
    session.add(Goal(company_id=made.company.id, text="Two hires a year", set_on=TODAY))
    session.flush()
    address = f"/office/companies/{made.company.id}"
    session.commit()
    return address


def words_of(answer) -> str:
    pages = PdfReader(io.BytesIO(answer.response.get_data())).pages
    return "\n".join(page.extract_text() for page in pages)


def test_the_page_gathers_it_and_leads_to_the_records(dana, northlake):
    page = dana.get(f"{northlake}/dossier?{ALL}")
    for heading in ("What came of it", "In numbers", "The next twelve months", "Membership dues"):
        assert heading in page.words
    assert "Two hires a year" in page.words
    assert "$731,946.28" in page.words
    links = {link["href"] for link in page.html.select("main table a")}
    records = [link for link in links if link.startswith("/office/")]
    assert len(records) > 10
    for link in sorted(records)[:12]:
        assert dana.get(link).html.select_one("h1"), link


def test_what_a_contact_report_says_is_not_in_it(dana, northlake):
    assert SAID not in dana.get(f"{northlake}/dossier?{ALL}").words
    assert SAID not in words_of(dana.get(f"{northlake}/dossier.pdf?{ALL}"))
    company_id = northlake.rsplit("/", 1)[1]
    report = dana.get(
        f"/office/reports/engagement-summary.csv?company={company_id}&since=2023-07-01"
    )
    assert SAID in report.response.get_data(as_text=True)


def test_nor_what_one_of_a_convening_says(dana, session):
    made = PartnershipFactory(title="Batteries")
    touch = TouchFactory(company=made.company, text=SAID)
    session.add(Convening(partnership_id=made.id, touch_id=touch.id))
    company_id = made.company_id
    session.commit()
    address = f"/office/companies/{company_id}/dossier"
    for words in (dana.get(address).words, words_of(dana.get(f"{address}.pdf"))):
        assert "Batteries: call" in words
        assert SAID not in words
    report = dana.get(f"/office/reports/engagement-summary.csv?company={company_id}")
    assert SAID in report.response.get_data(as_text=True)


def test_of_a_contact_shown_as_such_it_tells_no_more(dana, session):
    company = CompanyFactory(name="Northlake")
    ada = AffiliationFactory(company=company, person=PersonFactory(name="Ada Cole")).person
    TouchFactory(company=company, shown=Shown.IN_CONTACT, with_=[ada])
    company_id = company.id
    session.commit()
    address = f"/office/companies/{company_id}/dossier"
    for words in (dana.get(address).words, words_of(dana.get(f"{address}.pdf"))):
        assert "In contact" in words
        assert "Ada Cole" not in words
    report = dana.get(f"/office/reports/engagement-summary?company={company_id}").words
    assert "Call" in report
    assert "Ada Cole" in report


def test_without_the_money_on_page_and_paper(dana, northlake):
    with_it, without = f"{northlake}/dossier.pdf?{ALL}", f"{northlake}/dossier.pdf?{ALL}&money=no"
    assert "$731,946.28" in words_of(dana.get(with_it))
    paper = words_of(dana.get(without))
    assert "$" not in paper
    assert "Northlake" in paper
    assert "Two hires a year" in paper
    assert "$" not in dana.get(f"{northlake}/dossier?{ALL}&money=no").words


def test_faculty_get_the_one_without_money_whatever_they_ask(fay, northlake):
    page = fay.get(f"{northlake}/dossier?{ALL}")
    assert "731,946" not in page.words
    assert "Leave the money out" not in page.words
    assert "Choose" not in page.words
    assert "$" not in words_of(fay.get(f"{northlake}/dossier.pdf?{ALL}"))
    fay.get(f"{northlake}/dossier.pdf?{ALL}&money=yes", status=400)


def test_an_administrator_and_a_stranger_get_none(ada, stranger, northlake):
    for path in ("dossier", "dossier.pdf"):
        assert "does not include this" in ada.get(f"{northlake}/{path}", status=403).words
        assert "/sign-in" in stranger.get(f"{northlake}/{path}", status=302).response.location


def test_the_paper_is_journalled_and_a_refusal_is_not(dana, northlake, session):
    dana.get(f"{northlake}/dossier.pdf?from=2026-02-02&to=2026-02-01", status=400)
    dana.get(f"{northlake}/dossier.pdf?{ALL}&money=perhaps", status=400)
    dana.get("/office/companies/9999/dossier.pdf", status=404)
    exported = select(JournalEntry.label).where(JournalEntry.act == "exported")
    assert session.scalars(exported).all() == []
    session.rollback()
    dana.get(f"{northlake}/dossier.pdf?{ALL}")
    (label,) = session.scalars(exported).all()
    assert label == f"dossier of company {northlake.rsplit('/', 1)[1]}.pdf"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("from=2026-06-15&to=2026-06-14", "lies before"),
        ("from=soon", "year-month-day"),
        ("to=2026-02-30", "year-month-day"),
        ("money=perhaps", "can be: no"),
    ],
)
def test_what_cannot_be_answered_is_told(dana, northlake, asked, says):
    page = dana.get(f"{northlake}/dossier?{asked}", status=400)
    assert says in page.words


def test_unless_somebody_says_it_is_of_the_term(dana, northlake):
    page = dana.get(f"{northlake}/dossier")
    assert page.html.select_one("#from")["value"] == "2023-07-01"
    assert page.html.select_one("#to")["value"] == TODAY.isoformat()
    assert dana.get(f"{northlake}/dossier?from=2026-01-01").html.select_one("#to")["value"] == (
        TODAY.isoformat()
    )
    early = dana.get(f"{northlake}/dossier?to=2020-06-15").html
    assert early.select_one("#from")["value"] == "2019-06-16"


def test_an_outcome_is_chosen_reworded_and_taken_off(sam, northlake, session):
    before = sam.get(f"{northlake}/dossier?{ALL}")
    keep = before.html.select_one("a[aria-label^='Reword and keep']")["href"]
    form = sam.get(keep)
    assert form.html.select_one("textarea").text.strip()
    kept = sam.post(keep, {"text": "A cell that sees cracks", "on": "2026-05-02"})
    assert kept.response.location.endswith(f"/dossier?{ALL}")
    page = sam.get(f"{northlake}/dossier?{ALL}")
    first = page.html.select_one(".outcomes li")
    assert "A cell that sees cracks" in first.text
    assert first.select_one("a")["href"].startswith("/office/")
    reword = first.select_one("a[href*=highlights]")["href"]
    version = sam.get(reword).html.select_one("input[name=version]")["value"]
    sam.post(reword, {"text": "A cell that hears cracks", "on": "2026-05-02", "version": version})
    assert "hears cracks" in sam.get(f"{northlake}/dossier?{ALL}").words
    sam.post(reword, {"text": "Late", "on": "2026-05-02", "version": version}, status=409)
    assert ALL in reword
    off = sam.post(reword.replace("/edit", "/drop"), {})
    assert off.response.location.endswith(f"/dossier?{ALL}")
    assert "hears cracks" not in sam.get(f"{northlake}/dossier?{ALL}").words
    assert session.scalars(select(Highlight)).all() == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"text": " ", "on": "2026-05-02"}, "in a sentence"),
        ({"text": "x" * 301, "on": "2026-05-02"}, "300"),
        ({"text": "Good", "on": ""}, "of which day"),
        ({"text": "Good", "on": "2026-06-16"}, "still ahead"),
    ],
)
def test_an_outcome_that_is_none_is_refused_with_what_was_typed(sam, northlake, typed, says):
    page = sam.post(f"{northlake}/highlights/new", typed, status=422)
    assert says in page.words
    assert typed["text"].strip() in page.html.select_one("textarea").text


def test_an_outcome_leads_to_a_page_here_or_nowhere(sam, northlake):
    bad = f"{northlake}/highlights/new?record=https://elsewhere.example/"
    assert "/office/projects/7" in sam.get(bad, status=400).words
    sam.post(bad, {"text": "Good", "on": "2026-05-02"}, status=400)


def test_only_the_office_chooses(fay, rea, northlake):
    for member in (fay, rea):
        page = member.get(f"{northlake}/highlights/new", status=403)
        assert "does not include this" in page.words


def test_the_summary_of_one_company_has_the_same_lines(dana, northlake):
    company_id = northlake.rsplit("/", 1)[1]
    path = "/office/reports/engagement-summary"
    asked = f"company={company_id}&since=2023-07-01&as_of=2026-06-15"
    answer = dana.get(f"{path}.csv?{asked}").response.get_data(as_text=True)
    heads, *rows = csv.reader(io.StringIO(answer, newline=""))
    assert heads[:10] == [
        "Company", "Date", "Kind", "What", "Company people", "University people", "Challenge",
        "Outcome", "Link", "id",
    ]  # fmt: skip
    page = dana.get(f"{northlake}/dossier?{ALL}")
    lines = page.html.select("section[id] table.tight td[data-label=What]")
    assert len(lines) == len(rows) > 20
    assert {row[0] for row in rows} == {"Northlake"}
    shown = dana.get(f"{path}?{asked}")
    assert shown.html.select_one("input[name=company]")["value"] == company_id
    dana.get(f"{path}?company=9999", status=404)
    assert "lies after" in dana.get(f"{path}?since=2026-06-16", status=400).words


def test_the_company_its_term_and_its_renewal_lead_there(dana, northlake):
    page = dana.get(northlake)
    assert page.html.select_one(f"a[href='{northlake}/dossier']")
    term = page.html.select_one("a[href^='/office/memberships/']")["href"]
    assert dana.get(term).html.select_one(f"a[href^='{northlake}/dossier']")
    renewal = term.replace("memberships", "renewals")
    assert dana.get(renewal).html.select_one(f"a[href^='{northlake}/dossier']")


def test_the_first_page_holds_what_a_board_reads_and_the_money_its_own(dana, northlake):
    answer = dana.get(f"{northlake}/dossier.pdf?{ALL}")
    pages = [
        page.extract_text() for page in PdfReader(io.BytesIO(answer.response.get_data())).pages
    ]
    for heading in ("What came of it", "Your goals", "In numbers", "Since Jul 1, 2023"):
        assert heading in pages[0]
    assert "Membership and council" not in pages[0]
    assert "What it cost and what was given" in pages[-1]


def test_where_there_is_nothing_to_tell_one_page_is_enough(dana, session):
    company_id = CompanyFactory(name="Larkhill Sensors").id
    session.commit()
    answer = dana.get(f"/office/companies/{company_id}/dossier.pdf")
    (page,) = PdfReader(io.BytesIO(answer.response.get_data())).pages
    assert "What it cost" not in page.extract_text()
