"""What our own lists export can be imported, and then changes nothing."""

from __future__ import annotations

from sqlalchemy import func, select

from crm.companies.models import Company
from crm.journal.models import JournalEntry
from crm.people.models import Person
from tests.factories.companies import CompanyFactory
from tests.stewardship.importing import counts
from tests.stewardship.test_demo import load


def test_the_demos_lists_come_back_unchanged(imports, session, dana):
    load(session)
    CompanyFactory(name="Loomline", name_key="loomline", sector="=Textiles", city="+Lowell")
    session.commit()
    companies = dana.get("/office/companies.csv").text
    people = dana.get("/office/people.csv?reason=test").text
    known = [session.scalar(select(func.count()).select_from(model)) for model in (Company, Person)]
    before = session.scalar(select(func.count()).select_from(JournalEntry))
    session.rollback()
    assert counts(imports("companies", companies)) == (0, 0, known[0])
    assert counts(imports("people", people)) == (0, 0, known[1])
    assert min(known) > 50
    assert session.scalar(select(func.count()).select_from(JournalEntry)) == before
