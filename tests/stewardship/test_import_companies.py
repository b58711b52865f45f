from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import func, select

from crm.companies import queries
from crm.companies.models import Company, CompanyChallenge, CompanyDomain
from crm.companies.rules import Headcount
from crm.journal.models import JournalEntry
from crm.kit.csv import stream
from crm.search.models import SearchEntry
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory, DomainFactory
from tests.stewardship.importing import counts

HUBSPOT = """\
Record ID,Company name,Company owner,Create Date,Phone Number,City,Country/Region,Industry,\
Company Domain Name,Number of Employees,State/Region
1,Halvorsen Bearings AS,Dana Whitfield,2024-02-01 10:00,+47 1,Kongsberg,Norway,COMPONENTS,\
www.Halvorsen.example,9200,Viken
2,Casco Biologics,,2024-02-01 10:00,,Portland,United States,Bioprocess,casco.example,,Maine
"""
SALESFORCE = """\
"Account Name";"Parent Account";"Billing City";"Billing State/Province";"Billing Country";\
"Website";"Industry";"Employees";"Account Owner";"Description"
"Müller Präzision GmbH";"Müller Holding";"Köln";"NRW";"Deutschland";"http://www.müller.example/start";\
"Machinery";"1.240";"Dana Whitfield";"Two
lines"
"Müller Holding";"";"Köln";"";"DE";"";"";"";"";""
"""


def company(session, name):
    return session.scalars(select(Company).where(Company.name == name)).one()


def domains(session):
    return dict(
        session.execute(
            select(CompanyDomain.domain, Company.name).join(CompanyDomain.company)
        ).all()
    )


def test_hubspots_headings_are_understood(imports, session, dana):
    report = imports("companies", HUBSPOT)
    assert counts(report) == (2, 0, 0)
    assert report.ignored == ("Record ID", "Create Date", "Phone Number")
    halvorsen = company(session, "Halvorsen Bearings AS")
    assert halvorsen.owner_id == dana.user_id
    assert (halvorsen.country, halvorsen.region) == ("NO", "Viken")
    assert halvorsen.headcount is Headcount.LARGE
    assert domains(session) == {
        "halvorsen.example": "Halvorsen Bearings AS",
        "casco.example": "Casco Biologics",
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_salesforces_headings_and_other_encodings_are_understood(imports, session, encoding):
    assert counts(imports("companies", SALESFORCE.encode(encoding))) == (2, 0, 0)
    muller = company(session, "Müller Präzision GmbH")
    holding = company(session, "Müller Holding").id
    assert muller.parent_id == holding
    assert parents(session, muller) == [(holding, None, None)]
    assert (muller.city, muller.country, muller.about) == ("Köln", "DE", "Two\nlines")
    assert muller.headcount is Headcount.MEDIUM
    assert (muller.name_key, muller.match_key) == ("muller prazision gmbh", "muller prazision")
    assert domains(session) == {"xn--mller-kva.example": "Müller Präzision GmbH"}


def parents(session, of):
    rows = queries.parents_of(session, of.id)
    return [(row.parent_id, row.starts_on, row.ends_before) for row in rows]


def test_whose_parent_is_another_now_has_it_from_today_on(imports, session):
    alba, nova = (CompanyFactory(name=name).id for name in ("Alba", "Nova"))
    CompanyFactory(name="Castings", parent_id=alba)
    CompanyFactory(name="Forgings")
    session.commit()
    lines = b"name,parent company\nCastings,Nova\nForgings,Alba\n"
    assert counts(imports("companies", lines)) == (0, 2, 0)
    castings, forgings = (company(session, name) for name in ("Castings", "Forgings"))
    assert parents(session, castings) == [(alba, None, TODAY), (nova, TODAY, None)]
    assert parents(session, forgings) == [(alba, TODAY, None)]
    assert (castings.parent_id, forgings.parent_id) == (nova, alba)
    assert counts(imports("companies", lines)) == (0, 0, 2)


def test_importing_again_changes_nothing(imports, session):
    imports("companies", HUBSPOT)
    before = session.scalar(select(func.count()).select_from(JournalEntry))
    assert counts(imports("companies", HUBSPOT)) == (0, 0, 2)
    assert session.scalar(select(func.count()).select_from(JournalEntry)) == before
    assert company(session, "Casco Biologics").version == 1


def test_what_the_file_says_anew_is_updated_and_journalled(imports, session, dana):
    imports("companies", HUBSPOT)
    report = imports("companies", "Name,Domain,Sector,City\nCasco,casco.example,Pharma,\n")
    assert counts(report) == (0, 1, 0)
    casco = company(session, "Casco")
    assert (casco.sector, casco.city, casco.version) == ("Pharma", "Portland", 2)
    assert (casco.name_key, casco.match_key) == ("casco", "casco")
    entry = session.scalars(
        select(JournalEntry).where(JournalEntry.kind == "company", JournalEntry.act == "changed")
    ).one()
    assert entry.changes == {
        "name": ["Casco Biologics", "Casco"],
        "sector": ["Bioprocess", "Pharma"],
    }
    assert entry.actor_id == dana.user_id


def test_new_companies_are_journalled_with_their_domains_and_found(imports, session, dana):
    imports("companies", HUBSPOT)
    id_ = company(session, "Halvorsen Bearings AS").id
    entry = session.scalars(
        select(JournalEntry).where(JournalEntry.kind == "company", JournalEntry.record_id == id_)
    ).one()
    assert (entry.act, entry.actor_name) == ("created", "Dana Whitfield")
    assert entry.changes["domains"] == [None, "halvorsen.example"]
    assert entry.changes["headcount"] == [None, "5,000–19,999"]
    found = session.scalars(select(SearchEntry).where(SearchEntry.record_id == id_)).one()
    assert found.title == "Halvorsen Bearings AS"
    assert "kongsberg" in found.folded


def test_a_company_is_known_by_its_domain_before_its_name(imports, session):
    DomainFactory(company=CompanyFactory(name="Acme"), domain="acme.example")
    CompanyFactory(name="Bolt Works")
    text = "Name,Domain\nAcme Corp,acme.example\nbolt  WORKS,bolt.example\nAcme,acme-de.example\n"
    report = imports("companies", text)
    assert counts(report) == (1, 2, 0)
    assert domains(session) == {
        "acme.example": "Acme Corp",
        "bolt.example": "bolt WORKS",
        "acme-de.example": "Acme",
    }


def test_likely_duplicates_are_told_and_never_merged(imports, session):
    CompanyFactory(name="Halvorsen Bearings AS")
    report = imports("companies", "Name\nHalvorsen Bearing\nPlant 12\nPlant 13\nOstley Paper\n")
    assert counts(report) == (4, 0, 0)
    assert [str(warning) for warning in report.warnings] == [
        "Row 2, column “Name”: Much like “Halvorsen Bearings AS”: perhaps the same company."
    ]


def test_an_owner_without_an_account_is_told_once_and_left_out(imports, session):
    report = imports("companies", "Name,Owner\nAcme,Jane Doe\nBolt,Jane Doe\n")
    assert [str(warning) for warning in report.warnings] == [
        "Row 2, column “Owner”: “Jane Doe” has no account here: left out (and 1 more rows)."
    ]
    assert company(session, "Bolt").owner_id is None


def test_challenges_are_added_by_number_key_or_name(imports, session):
    imports("companies", "Name,Challenges\nAcme,1; lean ;achieve sustainability AND circularity\n")
    assert session.scalar(select(func.count()).select_from(CompanyChallenge)) == 3
    assert counts(imports("companies", "Name,Challenges\nAcme,1\n")) == (0, 0, 1)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Sector\nGlass\n", "Row 1: No column is headed “name” or “company” or “company name”."),
        ("Name,Domain\n,acme.example\n", "Row 2, column “Name”: This cell is empty"),
        ("Name,Domain\nAcme,not a domain\n", "Row 2, column “Domain”: “not” is no web domain"),
        ("Name,Domain\nAcme,gmail.com\n", "Row 2, column “Domain”: gmail.com is where anybody"),
        ("Name,Website\nAcme,javascript:alert(1)\n", "Row 2, column “Website”: This is no web"),
        ("Name,Country\nAcme,Atlantis\n", "Row 2, column “Country”: This country is not known"),
        ("Name,Employees\nAcme,many\n", "Row 2, column “Employees”: This is no number of people"),
        ("Name,City\nAcme," + "x" * 201, "Row 2, column “City”: At most 200 characters"),
        ("Name\n" + "x" * 201, "Row 2, column “Name”: At most 200 characters"),
        ("Name,About\nAcme," + "x" * 4001, "Row 2, column “About”: At most 4,000 characters"),
        ("Name,Challenges\nAcme,9\n", "Row 2, column “Challenges”: There is no challenge “9”."),
        ("Name,Parent company\nAcme,Nobody\n", "Row 2, column “Parent company”: No company is"),
        ("Name,Parent company\nAcme,ACME\n", "Row 2, column “Parent company”: A company is not"),
        (
            "Name,Domain\nAcme,a.example\nAcme,b.example\nacme,\n",
            "Row 4, column “Name”: Several companies here are called “acme”; add the web domain.",
        ),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(imports, text, complaint):
    [said] = imports.refused("companies", text)
    assert said.startswith(complaint)


def test_a_circle_of_parents_is_refused(imports):
    text = "Name,Parent company\nA Works,B Works\nB Works,C Works\nC Works,A Works\n"
    assert len(imports.refused("companies", text)) == 3


def test_it_is_all_or_nothing(imports, session):
    complaints = imports.refused(
        "companies", "Name,Country\nGood,US\nBad,Atlantis\nWorse,Nowhere\n"
    )
    assert len(complaints) == 2
    assert session.scalar(select(func.count()).select_from(Company)) == 0
    assert (
        session.scalar(
            select(func.count()).select_from(JournalEntry).where(JournalEntry.kind == "company")
        )
        == 0
    )


def test_a_dry_run_tells_and_writes_nothing(imports, session):
    assert counts(imports("companies", HUBSPOT, write=False)) == (2, 0, 0)
    assert session.scalar(select(func.count()).select_from(Company)) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Name,Domain,City,Sector\nAcme,acme.example,Lynn,\nACME Inc,www.acme.example,Salem,Glass\n",
        "Name,Domain,City,Sector\nAcme,,Lynn,\nAcme,acme.example,Lynn,Glass\n",
        "Name,Domain,City,Sector\nAcme,acme.example,Lynn,\nacme,,Salem,Glass\n",
        "Name,Domain,City,Sector\nÅcme,,Lynn,\nBolt,,,\nacme,acme.example,Lynn,Glass\n",
    ],
)
def test_lines_about_one_company_are_taken_together(imports, session, text):
    report = imports("companies", text)
    assert "again" in str(report.warnings[0])
    acme = session.scalars(select(Company).where(Company.name != "Bolt")).one()
    assert (acme.city, acme.sector) == ("Lynn", "Glass")
    assert list(domains(session)) == ["acme.example"]
    again = imports("companies", text)
    assert (again.added, again.changed) == (0, 0)


def test_what_differs_in_a_later_line_is_told(imports):
    text = "Name,Domain,City\nAcme,acme.example,Lynn\nAcme Inc,acme.example,Salem\n"
    [warning] = imports("companies", text).warnings
    assert str(warning) == (
        "Row 3, column “Name”: This is the company of row 2 again; Name, City left as there."
    )


def test_domains_of_several_companies_in_one_row_are_refused(imports):
    DomainFactory(domain="acme.example", company=CompanyFactory(name="Acme"))
    DomainFactory(domain="bolt.example", company=CompanyFactory(name="Bolt"))
    [said] = imports.refused("companies", "Name,Domains\nAcme,acme.example; bolt.example\n")
    assert said == ("Row 2, column “Name”: Its domains belong to several companies: Acme and Bolt.")


def test_two_of_one_name_need_their_domain(imports):
    CompanyFactory(name="Acme")
    CompanyFactory(name="ACME")
    [said] = imports.refused("companies", "Name\nacme\n")
    assert "Several companies are called “acme”" in said


NAUGHTY = [
    "=1+1", "+47 Works", "-Minus", "@at", "'quoted", "'=both", '"; DROP TABLE company;--',
    "<script>alert(1)</script>", "مرحبا بالعالم", "🏭 Werke", "Ｆｕｌｌ",
    "{{ 7*7 }}", "\u202eturned",
]  # fmt: skip


def test_cells_guarded_by_our_own_exports_come_back_byte_equal(imports, session):
    rows = [(name, f"c{number}.example") for number, name in enumerate(NAUGHTY)]
    exported = "".join(stream(["Name", "Domains"], rows))
    assert next(csv.reader(io.StringIO(exported.split("\r\n")[1])))[0] == "'=1+1"
    assert counts(imports("companies", exported)) == (len(rows), 0, 0)
    kept = session.execute(
        select(Company.name, CompanyDomain.domain).join(CompanyDomain.company).order_by(Company.id)
    ).all()
    assert [tuple(row) for row in kept] == rows
    again = "".join(stream(["Name", "Domains"], kept))
    assert again == exported
    assert counts(imports("companies", again)) == (0, 0, len(rows))
