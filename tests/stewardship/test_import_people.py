from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.companies.models import Affiliation
from crm.journal.models import JournalEntry, JournalValue
from crm.people.models import Person, PersonAddress
from crm.search.models import SearchEntry
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    DomainFactory,
    PersonFactory,
)
from tests.stewardship.importing import counts

HUBSPOT = """\
First Name,Last Name,Email,Phone Number,Job Title,Company name,Lead Status
Ruth,Adeyemi,Ruth.Adeyemi@northlake.example,+1 937 555 0142,CMO,Northlake,New
José,da Silva,jose@northlake.example,,,Northlake,
"""
JOBS = """\
Name;Email;Company;Title;From;Last day;Champion
Priya Raman;priya@brightfield.example;Brightfield;VP Operations;2021-01-01;2025-08-08;no
Priya Raman;priya@brightfield.example;Estuary;SVP;2025-09-01;;yes
"""


@pytest.fixture
def companies(session):
    for name in ("Northlake", "Brightfield", "Estuary"):
        DomainFactory(company=CompanyFactory(name=name), domain=f"{name.lower()}.example")
    session.commit()


def test_hubspots_contacts_come_with_their_place_of_work(imports, session, companies):
    report = imports("people", HUBSPOT)
    assert counts(report) == (2, 0, 0)
    assert report.ignored == ("Lead Status",)
    ruth, jose = session.scalars(select(Person).order_by(Person.id))
    assert (ruth.name, ruth.phone, ruth.name_key) == (
        "Ruth Adeyemi",
        "+1 937 555 0142",
        "adeyemi ruth",
    )
    assert jose.name_key == "da silva jose"
    work = session.scalars(select(Affiliation).order_by(Affiliation.id)).all()
    assert [(w.person_id, w.title) for w in work] == [(ruth.id, "CMO"), (jose.id, None)]
    address = session.scalars(select(PersonAddress).order_by(PersonAddress.id)).first()
    assert (address.email_key, address.is_primary) == ("ruth.adeyemi@northlake.example", True)
    assert session.scalar(select(func.count()).where(SearchEntry.kind == "person")) == 2


def test_importing_again_changes_nothing(imports, session, companies):
    imports("people", HUBSPOT)
    imports("people", JOBS)
    before = session.scalar(select(func.count()).select_from(JournalEntry))
    assert counts(imports("people", HUBSPOT)) == (0, 0, 2)
    assert counts(imports("people", JOBS)) == (0, 0, 1)
    assert session.scalar(select(func.count()).select_from(JournalEntry)) == before


def test_several_lines_of_one_address_are_one_person_who_changed_jobs(imports, session, companies):
    assert counts(imports("people", JOBS)) == (1, 0, 0)
    old, new = session.scalars(select(Affiliation).order_by(Affiliation.id))
    assert old.person_id == new.person_id
    assert (old.starts_on, old.ends_before) == (date(2021, 1, 1), date(2025, 8, 9))
    assert (new.ends_before, new.champion) == (None, True)


def test_a_known_person_gets_a_title_an_alias_and_a_phone(imports, session, companies):
    ruth = PersonFactory(name="Ruth Adeyemi")
    AddressFactory(person=ruth, email="ruth@old.example")
    text = (
        "Name,Email,Other emails,Phone,Company domain,Title\n"
        "R. Adeyemi,ruth@northlake.example,RUTH@old.example,+1 5,northlake.example,CMO\n"
    )
    assert counts(imports("people", text)) == (0, 1, 0)
    session.expire_all()
    assert (ruth.name, ruth.phone) == ("Ruth Adeyemi", "+1 5")
    addresses = session.execute(
        select(PersonAddress.email, PersonAddress.is_primary).order_by(PersonAddress.id)
    ).all()
    assert [tuple(row) for row in addresses] == [
        ("ruth@old.example", True),
        ("ruth@northlake.example", False),
    ]
    assert counts(imports("people", text.replace("CMO", "COO"))) == (0, 1, 0)
    assert session.scalars(select(Affiliation.title)).all() == ["COO"]


def test_without_an_address_name_and_company_tell_who_it_is(imports, session, companies):
    ruth = AffiliationFactory(person=PersonFactory(name="Ruth Adeyemi", name_key="adeyemi ruth"))
    ruth.company.name = ruth.company.name_key = "acme"
    session.commit()
    text = "Name,Company,Title\nruth adeyemi,Acme,Chief\nRuth Adeyemi,Northlake,Other\n"
    assert counts(imports("people", text)) == (1, 1, 0)


def test_whoever_stands_there_twice_is_one_person_now_and_at_the_next_import(
    imports, session, companies
):
    text = (
        "Name,Email,Company,Title\n"
        "Ann,ann@x.example,Estuary,Chief\n"
        "Ann,,Estuary,\n"
        "Ann,a@y.example ann@x.example,Northlake,\n"
    )
    assert counts(imports("people", text)) == (1, 0, 0)
    assert counts(imports("people", text)) == (0, 0, 1)
    one_each = "Name,Email\nAnn,ann@x.example\nAnn,a@y.example\n"
    assert counts(imports("people", one_each)) == (0, 0, 1)


def test_personal_values_stand_apart_in_the_journal(imports, session, companies):
    imports("people", HUBSPOT)
    person = session.scalars(select(Person).order_by(Person.id)).first()
    entry = session.scalars(
        select(JournalEntry).where(
            JournalEntry.kind == "person", JournalEntry.record_id == person.id
        )
    ).one()
    assert entry.changes == {}
    value = session.scalars(select(JournalValue).where(JournalValue.entry_id == entry.id)).one()
    assert (value.subject_kind, value.subject_id) == ("person", person.id)
    assert value.changes["name"] == [None, "Ruth Adeyemi"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Name,Email\nAnn,ann\n", "Row 2, column “Email”: This is no e-mail address."),
        ("Name,Phone\n,+1 5\n", "Row 2, column “Name”: There is neither a name nor an address."),
        (
            "Name,Company\nAnn,Nowhere\n",
            "Row 2, column “Company”: No company is known as “Nowhere”",
        ),
        ("Name,From\nAnn,2024-02-30\n", "Row 2, column “From”: There is no such day"),
        ("Name,From\nAnn,last year\n", "Row 2, column “From”: This is no day"),
        ("Name,Champion\nAnn,perhaps\n", "Row 2, column “Champion”: Write yes or no."),
        ("Name,Phone\nAnn," + "1" * 61, "Row 2, column “Phone”: At most 60 characters"),
        (
            "Name,Company,From,Last day\nAnn,Estuary,2024-02-01,2024-01-01\n",
            "Row 2, column “Last day”: The last day lies before the first.",
        ),
        (
            "Name,Email\nAnn,a@x.example\nBob,b@x.example\nCy,a@x.example b@x.example\n",
            "Row 4, column “Email”: These addresses stand with different people above.",
        ),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_column(imports, companies, text, complaint):
    [said] = imports.refused("people", text)
    assert said.startswith(complaint)


@pytest.mark.parametrize(
    ("cell", "day_first", "read"),
    [
        ("2024-03-04", False, date(2024, 3, 4)),
        ("3/4/2024", False, date(2024, 3, 4)),
        ("3/4/2024", True, date(2024, 4, 3)),
        ("4.3.2024", False, date(2024, 3, 4)),
        ("2024-03-04T10:20:30Z", False, date(2024, 3, 4)),
        ("03/04/2024 9:15 AM", False, date(2024, 3, 4)),
    ],
)
def test_days_as_others_write_them(imports, session, companies, cell, day_first, read):
    imports("people", f"Name,Company,From\nAnn,Estuary,{cell}\n", day_first=day_first)
    assert session.scalars(select(Affiliation.starts_on)).one() == read
