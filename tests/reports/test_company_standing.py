from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.kit.money import Money
from crm.memberships.rules import Status
from crm.reports import company_standing
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.council import HoldingFactory
from tests.factories.memberships import MembershipFactory


def test_a_company_s_terms_since_when_and_its_seat_in_two_statements(
    session: Session, statements: list[str]
):
    holding = HoldingFactory()
    company = holding.seat.company
    MembershipFactory(company=company, starts_on=date(2022, 10, 1))
    MembershipFactory(company=company)
    id_, person = company.id, holding.person.name
    session.commit()
    statements.clear()
    told = company_standing.of_company(session, id_, day=TODAY, money=True)
    assert len(statements) == 2
    assert [term.status for term in told.terms] == [Status.ACTIVE, Status.LAPSED]
    assert told.member_since == date(2022, 10, 1)
    assert told.seat is not None
    assert told.seat.representative is not None
    assert told.seat.representative.name == person
    assert told.terms[0].fee == Money(25_000_000, "USD")
    plain = company_standing.of_company(session, id_, day=TODAY, money=False)
    assert {term.fee for term in plain.terms} == {None}


def test_a_former_member_is_member_since_no_day(session: Session):
    past = MembershipFactory(lapsed=True)
    told = company_standing.of_company(session, past.company_id, day=TODAY, money=True)
    assert told.member_since is None
    assert told.seat is None
    prospect = CompanyFactory()
    told = company_standing.of_company(session, prospect.id, day=TODAY, money=True)
    assert told.terms == ()
