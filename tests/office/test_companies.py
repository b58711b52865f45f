from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from crm.companies.models import Company, CompanyChallenge, CompanyDomain
from crm.journal.models import JournalEntry
from crm.programme.models import Challenge
from crm.reports import companies as report
from tests.factories.activities import TaskFactory, TouchFactory
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    DomainFactory,
)
from tests.factories.inquiries import InquiryFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.pipeline import OpportunityFactory

NAUGHTY = [
    "<script>alert(1)</script>",
    "'; DROP TABLE company; --",
    "{{ 7 * 7 }}",
    "‮RTL‬ עברית",
    "🏭🤖",
    "=cmd|' /C calc'!A0",
    "%s%n",
]


def names(page):
    return [row[0] for row in page.rows()[1:]]


def test_the_list_shows_what_lists_need(dana, session):
    company = CompanyFactory(
        name="Northlake Turbine Works",
        sector="Aerospace",
        city="Toledo",
        region="Ohio",
        owner_id=dana.user_id,
        last_touch_on=date(2026, 6, 1),
    )
    MembershipFactory(company=company)
    session.commit()
    assert dana.get("/office/companies").rows()[1] == [
        "Northlake Turbine Works",
        "Aerospace",
        "Toledo, Ohio",
        "Active",
        "Dana Whitfield",
        "Jun 1, 2026",
    ]


def test_an_empty_list_says_how_to_begin(sam, rea):
    assert "No companies yet" in sam.get("/office/companies").words
    assert "New company" not in rea.get("/office/companies").words


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["Acme", "Borealis", "Çelik"]),
        ("?q=celi", ["Çelik"]),
        ("?q=acme.example", ["Acme"]),
        ("?q=nothing", []),
        ("?q=!!!", []),
        ("?sector=Chips", ["Borealis"]),
        ("?owner=none", ["Borealis", "Çelik"]),
        ("?standing=member", ["Acme"]),
        ("?standing=never", ["Borealis", "Çelik"]),
        ("?standing=former", []),
        ("?challenge=digital", ["Borealis"]),
        ("?country=Norway", ["Çelik"]),
        ("?country=no", ["Çelik"]),
        ("?archived=only", ["Gone"]),
        ("?archived=with", ["Acme", "Borealis", "Çelik", "Gone"]),
        ("?sort=-name", ["Çelik", "Borealis", "Acme"]),
        ("?sort=sector", ["Borealis", "Acme", "Çelik"]),
        ("?sort=-touch", ["Çelik", "Borealis", "Acme"]),
        ("?sort=touch", ["Acme", "Borealis", "Çelik"]),
        ("?sort=created", ["Acme", "Borealis", "Çelik"]),
        ("?sort=-created", ["Çelik", "Borealis", "Acme"]),
        ("?sort=owner", ["Acme", "Borealis", "Çelik"]),
        ("?page=last", ["Acme", "Borealis", "Çelik"]),
    ],
)
def test_filters_and_orders(dana, session, asked, found):
    acme = CompanyFactory(name="Acme", owner_id=dana.user_id)
    DomainFactory(company=acme, domain="acme.example")
    MembershipFactory(company=acme)
    borealis = CompanyFactory(name="Borealis", sector="Chips", last_touch_on=date(2026, 1, 1))
    caring = challenge(session, 1)
    key = caring.key
    session.add(CompanyChallenge(company_id=borealis.id, challenge_id=caring.id))
    CompanyFactory(name="Çelik", country="NO", last_touch_on=date(2026, 2, 1))
    CompanyFactory(name="Gone", archived_on=date(2026, 1, 1))
    session.commit()
    asked = asked.replace("digital", key)
    shown = names(dana.get(f"/office/companies{asked}"))
    assert [name.removesuffix(" Archived") for name in shown] == found


def challenge(session, number):
    return session.scalars(select(Challenge).where(Challenge.number == number)).one()


@pytest.mark.parametrize(
    "asked",
    [
        "sort=secret",
        "page=0",
        "page=x",
        "page=99999999999",
        "owner=x",
        "owner=99999999999999",
        "standing=x",
        "archived=x",
        "country=Atlantis",
        "q=" + "x" * 300,
        "q=%00",
        "sector=%00",
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(dana, asked):
    for path in ("/office/companies", "/office/companies.csv"):
        if not (path.endswith("csv") and asked.startswith("page")):
            dana.get(f"{path}?{asked}", status=400)


def test_statements_and_bytes_do_not_grow(dana, session, statements):
    def measured(count):
        for _ in range(count):
            company = CompanyFactory(owner_id=dana.user_id, sector="Aerospace", city="Toledo")
            MembershipFactory(company=company)
        session.commit()
        dana.get("/office/companies")  # the programme is read once in ten seconds
        statements.clear()
        page = dana.get("/office/companies")
        return len(statements), len(page.text.encode())

    few, _ = measured(3)
    many, size = measured(57)
    assert few == many
    assert many <= 6
    assert size <= 40 * 1024


def test_the_export_has_every_filtered_row_and_no_live_formula(dana, session):
    acme = CompanyFactory(name="=1+1", sector="Chips", country="NO")
    DomainFactory(company=acme, domain="a.example")
    DomainFactory(company=acme, domain="b.example")
    CompanyFactory(name="Other")
    acme_id = acme.id
    session.commit()
    answer = dana.get("/office/companies.csv?sector=Chips")
    lines = answer.text.splitlines()
    assert lines[0].startswith("Company id,Company,Legal name,Domains")
    assert len(lines) == 2
    assert lines[1].startswith(f"{acme_id},'=1+1,,a.example b.example,")
    assert ",Norway," in lines[1]
    session.rollback()
    entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "exported")).one()
    assert (entry.label, entry.actor_name) == ("companies.csv", "Dana Whitfield")


@pytest.fixture
def acme(session, dana):
    """The id of a company with something of everything."""
    company = CompanyFactory(name="Acme", owner_id=dana.user_id, website="https://acme.example")
    DomainFactory(company=company, domain="acme.example")
    there = AffiliationFactory(company=company, person__name="Ada Byron", champion=True)
    AddressFactory(person=there.person, email="ada@acme.example")
    AffiliationFactory(company=company, person__name="Gone Person", left=True)
    TouchFactory(
        company=company, by_id=dana.user_id, text="Likes the lean group", with_=[there.person]
    )
    TaskFactory(company=company, owner_id=dana.user_id, title="Send the terms")
    MembershipFactory(company=company)
    OpportunityFactory(company=company, value_minor=123_456_700, owner_id=dana.user_id)
    CompanyFactory(name="Acme Norge", parent_id=company.id)
    id_ = company.id
    session.commit()
    return id_


def test_the_page_tells_the_whole_story(sam, acme):
    words = sam.get(f"/office/companies/{acme}").words
    for said in (
        "Acme",
        "Dana Whitfield",
        "Ada Byron",
        "Champion",
        "ada@acme.example",
        "Gone Person",
        "Likes the lean group",
        "With Ada Byron",
        "Send the terms",
        "Member",
        "Active",
        "acme.example",
        "Acme Norge",
        "Company created",
    ):
        assert said in words


def test_faculty_see_who_talks_to_whom_and_no_money_nor_strangers(fay, acme):
    page = fay.get(f"/office/companies/{acme}")
    for said in ("Acme", "Dana Whitfield", "Likes the lean group", "Industry Alliance"):
        assert said in page.words
    for unsaid in ("Ada Byron", "ada@acme.example", "1,234,567", "History", "Edit"):
        assert unsaid not in page.words


def test_a_page_costs_the_same_with_much_on_it(dana, session, acme, statements):
    def cost():
        dana.get(f"/office/companies/{acme}")
        statements.clear()
        dana.get(f"/office/companies/{acme}")
        return len(statements)

    few = cost()
    company = session.get_one(Company, acme)
    for number in range(60):
        there = AffiliationFactory(company=company)
        TouchFactory(company=company, by_id=dana.user_id, with_=[there.person])
        TaskFactory(company=company, owner_id=dana.user_id)
        CompanyFactory(parent_id=acme)
        DomainFactory(company=company, domain=f"acme-{number}.example")
    session.commit()
    assert cost() == few
    assert few <= 13


def test_the_timeline_shows_more_when_asked(dana, session, acme):
    company = session.get_one(Company, acme)
    for number in range(30):
        TouchFactory(company=company, by_id=dana.user_id, text=f"Call number {number}.")
    session.commit()
    page = dana.get(f"/office/companies/{acme}")
    assert "Call number 0." not in page.words
    assert "Show more" in page.words
    assert "Call number 0." in dana.get(f"/office/companies/{acme}?events=60").words
    dana.get(f"/office/companies/{acme}?events=x", status=400)


def test_missing_ones_are_not_there(dana):
    for company_id in ("999999", "0", "99999999999999", "x", "-1"):
        dana.get(f"/office/companies/{company_id}", status=404)


def test_a_new_company_is_kept_with_all_that_was_typed(sam, session):
    key = challenge(session, 2).key
    session.rollback()
    answer = sam.post(
        "/office/companies/new",
        {
            "name": "Halvorsen Bearings AS",
            "website": "www.halvorsen.example",
            "domains": "halvorsen.example, halvorsen-group.example",
            "country": "NO",
            "headcount": "5,000–19,999",
            "owner": str(sam.user_id),
            "challenges": [key],
        },
    )
    company = session.scalars(select(Company)).one()
    assert answer.location == f"/office/companies/{company.id}"
    assert (company.website, company.country) == ("https://www.halvorsen.example", "NO")
    assert company.owner_id == sam.user_id
    domains = session.scalars(select(CompanyDomain.domain).order_by(CompanyDomain.id)).all()
    assert domains == ["halvorsen.example", "halvorsen-group.example"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": ""}, "Enter the company’s name."),
        ({"name": "x" * 201}, "Please keep this to 200 characters."),
        ({"name": "Nul\x00"}, "cannot be stored"),
        ({"website": "javascript:alert(1)"}, "not a web address"),
        ({"domains": "taken.example"}, "already belongs to Taken"),
        ({"domains": "not a domain"}, "not a web domain"),
        ({"parent": "Nobody (#999999)"}, "no company with that number"),
        ({"parent": "Nobody"}, "No company is called"),
        ({"country": "XX"}, "Not a valid choice"),
        ({"owner": "999999"}, "Not a valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_typed_is_lost(sam, session, typed, said):
    DomainFactory(company__name="Taken", domain="taken.example")
    session.commit()
    page = sam.post("/office/companies/new", {"name": "Typed Name", "city": "Oslo", **typed}, 422)
    assert said in page.words
    assert 'value="Oslo"' in page.text


@pytest.mark.parametrize("naughty", NAUGHTY)
def test_naughty_texts_come_back_as_they_were(sam, session, naughty):
    fields = dict.fromkeys(("name", "legal_name", "sector", "city", "about", "source"), naughty)
    sam.post("/office/companies/new", fields)
    company = session.scalars(select(Company)).one()
    company_id = company.id
    assert [getattr(company, name) for name in fields] == [naughty] * 6
    session.rollback()
    page = sam.get(f"/office/companies/{company_id}")
    assert page.html.find("h1").get_text() == naughty
    assert page.html.find("script", string="alert(1)") is None
    assert naughty in [row[0] for row in sam.get("/office/companies").rows()]


def test_an_edit_of_what_changed_meanwhile_shows_both(sam, dana, session, acme):
    path = f"/office/companies/{acme}/edit"
    version = sam.get(path).hidden()["version"]
    dana.post(path, {"name": "Acme", "city": "Chicago", "version": version})
    page = sam.post(path, {"name": "Acme", "city": "Denver", "version": version}, 409)
    assert "Chicago" in page.words
    assert "Denver" in page.words
    assert page.html.find("a", href=f"/office/companies/{acme}")  # to look at it as it is now
    assert session.get_one(Company, acme).city == "Chicago"


def test_another_parent_is_so_from_the_day_that_is_said(sam, session, acme):
    path = f"/office/companies/{acme}/edit"
    alba, nova = (CompanyFactory(name=name).id for name in ("Alba Holding", "Nova Holding"))
    session.commit()
    assert sam.get(path).html.find("input", {"name": "parent_since"})["value"] == "2026-06-15"
    sent = {"name": "Acme", "version": "1", "parent": f"Alba Holding (#{alba})"}
    page = sam.post(path, {**sent, "parent_since": "2026-06-16"}, 422)
    assert "That day is ahead" in page.words
    sam.post(path, {**sent, "parent_since": "2026-02-01"})
    sent = {"name": "Acme", "version": "2", "parent": f"Nova Holding (#{nova})"}
    page = sam.post(path, {**sent, "parent_since": "2026-01-31"}, 422)
    assert "Choose a later day" in page.words
    sam.post(path, {**sent, "parent_since": "2026-06-15"})
    related = sam.get(f"/office/companies/{acme}").html.find(id="related").get_text(" ")
    said = " ".join(related.split())
    assert "Nova Holding Parent since Jun 15, 2026" in said
    assert "Alba Holding Former parent since Feb 1, 2026, until Jun 15, 2026" in said
    assert "Acme Norge Belongs to it" in said
    former = sam.get(f"/office/companies/{alba}").html.find(id="related").get_text(" ")
    assert "Belonged to it since Feb 1, 2026, until Jun 15, 2026" in " ".join(former.split())


def test_a_circle_of_parents_is_refused(sam, session, acme):
    child_id = session.scalars(select(Company.id).where(Company.parent_id == acme)).one()
    session.rollback()
    page = sam.post(
        f"/office/companies/{acme}/edit",
        {"name": "Acme", "parent": f"Acme Norge (#{child_id})", "version": "1"},
        422,
    )
    assert "cannot be above itself" in page.words


def test_archived_and_restored(sam, session, acme):
    sam.post(f"/office/companies/{acme}/archive")
    assert "Acme" not in names(sam.get("/office/companies"))
    sam.post(f"/office/companies/{acme}/restore")
    assert "Acme" in names(sam.get("/office/companies"))


def test_domains_are_added_doubted_and_removed(sam, session, acme):
    path = f"/office/companies/{acme}/domains"
    sam.post(path, {"domain": "https://acme-two.example/x"})
    named = CompanyDomain.domain == "acme-two.example"
    two = session.scalars(select(CompanyDomain.id).where(named)).one()
    session.rollback()
    sam.post(f"{path}/{two}/doubt")
    assert not session.scalars(select(CompanyDomain.verified).where(named)).one()
    session.rollback()
    sam.post(f"{path}/{two}/explode", status=404)
    sam.post(f"{path}/{two}/remove")
    sam.post(f"{path}/{two}/remove", status=404)
    page = sam.post(path, {"domain": "nonsense"}, 422)
    assert "not a web domain" in page.words


def test_suggestions_are_options(fay, session, acme):
    page = fay.get("/office/companies/suggest?q=acm")
    options = [option["value"] for option in page.html.find_all("option")]
    assert options[0] == f"Acme (#{acme})"
    assert len(options) == 2
    assert fay.get("/office/companies/suggest?q=").text.strip() == ""


def test_who_may_what(stranger, ada, rea, fay, acme):
    for path in ("/office/companies", "/office/companies.csv", f"/office/companies/{acme}"):
        stranger.get(path, status=302)
        ada.get(path, status=403)
        rea.get(path)
        fay.get(path)
    for path in ("new", f"{acme}/edit"):
        rea.get(f"/office/companies/{path}", status=403)
        fay.get(f"/office/companies/{path}", status=403)
    for path in ("archive", "restore", "domains"):
        fay.post(f"/office/companies/{acme}/{path}", status=403)


def test_a_text_and_filters_together_miss_nobody(dana, session, monkeypatch):
    monkeypatch.setattr(report, "MOST_MATCHES", 2)
    report._listed.cache_clear()
    report._counted.cache_clear()
    for number in range(4):
        CompanyFactory(name=f"Acme {number}", archived_on=date(2026, 1, 1))
    for number in range(4, 8):
        CompanyFactory(name=f"Acme {number}", sector="Fine chips" if number == 7 else "Other")
    CompanyFactory(name="Acme 8", country="NO")
    session.commit()
    alone = dana.get("/office/companies?q=acme")
    assert "More match than are listed" in alone.words
    assert len(names(alone)) == 2
    assert names(dana.get("/office/companies?q=acme&sector=Fine+chips")) == ["Acme 7"]
    assert names(dana.get("/office/companies?q=acme&country=NO")) == ["Acme 8"]
    assert len(dana.get("/office/companies.csv?q=acme").text.splitlines()) == 6
    report._listed.cache_clear()
    report._counted.cache_clear()


def test_a_company_that_is_on_record_is_shown_before_another_one_is_added(dana, session):
    known = CompanyFactory(name="Dunmarrow Steel", match_key="dunmarrow steel", city="Gary")
    known_id = known.id
    session.commit()
    page = dana.post("/office/companies/new", {"name": "Dunmarrow Steel, Inc."}, status=422)
    assert "is on record. Open it" in page.words
    assert page.html.select_one(f'main a[href="/office/companies/{known_id}"]') is not None
    dana.post("/office/companies/new", {"name": "Dunmarrow Steel, Inc.", "anyway": "y"})
    assert session.query(Company).filter_by(match_key="dunmarrow steel").count() == 2


def test_what_a_company_asked_and_that_it_was_answered_stand_on_its_page(dana, fay, session):
    asked = InquiryFactory(
        company_id=CompanyFactory().id,
        message="Is founding still open?",
        received_at=datetime(2026, 6, 2, 3, 0, tzinfo=UTC),
        answered_at=datetime(2026, 6, 3, 15, 0, tzinfo=UTC),
    )
    address = f"/office/companies/{asked.company_id}"
    session.commit()
    page = dana.get(address)
    told = page.html.select_one("#timeline").get_text(" ", strip=True)
    assert "Is founding still open?" in told
    assert "Jun 1, 2026" in told  # in the programme's zone
    assert "Inquiry answered" in told
    assert "Is founding still open?" not in fay.get(address).words
