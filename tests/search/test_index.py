from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.companies import operations as companies
from crm.companies.models import Company
from crm.council.ballot_rules import BallotKind
from crm.people.models import Person
from crm.search import queries
from crm.search.models import SearchEntry
from crm.search.operations import reindex
from crm.search.rules import Kind, rank, words
from tests.conftest import TODAY
from tests.factories.ballots import BallotFactory
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    DomainFactory,
)
from tests.factories.meetings import MeetingFactory, council
from tests.factories.memberships import MembershipFactory
from tests.factories.pipeline import OpportunityFactory

EVERYTHING = dict.fromkeys(Kind)


def titles(session, text, scopes=EVERYTHING):
    found, _ = queries.find(session, text, scopes=scopes)
    return [result.title for result in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Müller & Söhne", ["muller", "sohne"]),
        ("ada.byron@acme-x.example", ["ada", "byron", "acme", "x", "example"]),
        ("snake_case", ["snake", "case"]),
        ("'; DROP TABLE company; --", ["drop", "table", "company"]),
        ("株式会社", ["株式会社"]),
        ("!!!", []),
    ],
)
def test_words_are_folded_and_bare(text, found):
    assert words(text) == found


def test_what_begins_like_the_question_comes_first():
    question = ("north", "lake")
    ranks = [rank(question, title) for title in ("North Lake", "North Lake AG", "Lake North", "X")]
    assert ranks == [0, 1, 2, 3]


def test_a_company_is_found_without_its_accents_by_the_beginnings_of_words(session):
    DomainFactory(company__name="Müller Söhne", domain="mueller.example")
    CompanyFactory(name="Other")
    session.commit()
    for text in ("muller", "SÖH mül", "mueller", "Mueller.Example"):
        assert titles(session, text) == ["Müller Söhne"]
    assert titles(session, "muller other") == []


def test_a_person_is_found_by_name_and_address_and_shown_with_their_company(session):
    there = AffiliationFactory(
        person__name="Ada Byron", company__name="Acme", title="Vice-president"
    )
    AddressFactory(person=there.person, email="countess@analytical.example")
    session.commit()
    (found,), _ = queries.find(session, "countess", scopes={Kind.PERSON: None})
    assert (found.title, found.subtitle) == ("Ada Byron", "Vice-president, Acme")


def test_a_company_that_is_renamed_is_found_anew_with_all_that_shows_its_name(session):
    company = CompanyFactory(name="Before")
    AffiliationFactory(company=company, person__name="Ada")
    MembershipFactory(company=company)
    OpportunityFactory(company=company)
    session.commit()
    draft = companies.NewCompany(name="After")
    companies.edit_company(session, company, draft, version=company.version, today=TODAY)
    session.commit()
    assert titles(session, "before") == []
    assert titles(session, "after") == ["After"] * 3
    (ada,), _ = queries.find(session, "ada", scopes=EVERYTHING)
    assert ada.subtitle.endswith("After")


def test_kinds_and_records_outside_the_scope_are_not_found(session):
    seen = AffiliationFactory(person__name="Ada One").person
    AffiliationFactory(person__name="Ada Two")
    session.commit()
    scope = select(Person.id).where(Person.id == seen.id)
    assert titles(session, "ada", {Kind.COMPANY: None, Kind.PERSON: scope}) == ["Ada One"]
    assert titles(session, "ada", {Kind.COMPANY: None}) == []


def test_archived_records_come_last(session):
    CompanyFactory(name="Acme", archived_on=date(2026, 1, 1))
    CompanyFactory(name="Acme Works")
    session.commit()
    assert titles(session, "acme") == ["Acme Works", "Acme"]


def test_a_list_is_narrowed_by_words(session):
    CompanyFactory(name="Acme")
    CompanyFactory(name="Other")
    session.commit()
    ids = queries.matching_ids(Kind.COMPANY, ("acm",), 100)
    assert session.scalars(select(Company.name).where(Company.id.op("IN")(ids))).all() == ["Acme"]


def test_bulk_writers_index_afterwards_and_what_is_gone_leaves(session):
    company = CompanyFactory(name="Acme")
    session.commit()
    connection = session.connection()
    connection.execute(
        Company.__table__.update().where(Company.id == company.id).values(name="Zenith")
    )
    reindex(session, Kind.COMPANY, [company.id, 999_999])
    session.commit()
    assert titles(session, "zenith") == ["Zenith"]
    connection = session.connection()
    connection.execute(Company.__table__.delete().where(Company.id == company.id))
    reindex(session, Kind.COMPANY, [company.id])
    session.commit()
    assert session.scalar(select(func.count()).select_from(SearchEntry)) == 0


def test_no_more_than_two_hundred_are_ranked(session):
    for number in range(250):
        CompanyFactory(name=f"Acme {number}")
    session.commit()
    found, more = queries.find(session, "acme", scopes=EVERYTHING, limit=12)
    assert len(found) == 12
    assert more


def test_one_statement(session, statements):
    CompanyFactory(name="Acme")
    session.commit()
    statements.clear()
    titles(session, "acme")
    assert len(statements) == 1


def test_meetings_and_ballots_are_found_by_what_they_are_about(session):
    MeetingFactory(title="Spring meeting", place="Room 35-310")
    BallotFactory(title="Where do we meet?", text="Castings", kind=BallotKind.CHOOSE)
    session.commit()
    for text, title in (
        ("spring 2026", "Spring meeting"), ("35 310", "Spring meeting"),
        ("leadership detroit", "Where do we meet?"), ("castings", "Where do we meet?"),
    ):  # fmt: skip
        assert titles(session, text) == [title]
    council(session).name = "Board"
    session.commit()
    found, _ = queries.find(session, "board", scopes=EVERYTHING)
    assert [(one.kind, one.subtitle) for one in found] == [
        (Kind.MEETING, "Board, July 14, 2026"),
        (Kind.BALLOT, "Board"),
    ]


def test_who_reads_the_council_finds_its_meetings_and_ballots(session, fay, ada):
    ballot, meeting = BallotFactory(title="Northern Site"), MeetingFactory(title="Northern Site")
    links = {f"/office/meetings/{meeting.id}", f"/office/ballots/{ballot.id}"}
    session.commit()
    there = {a["href"] for a in fay.get("/office/search?q=northern").html.find_all("a")}
    assert links <= there
    assert "Northern Site" not in ada.get("/office/search?q=northern").words
