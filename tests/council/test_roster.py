"""The roster of any day: who speaks for whom, and why nobody does."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from crm.council.roster import roster_on, speakers_on
from crm.council.roster_lines import NOT_YET, VACANT
from crm.council.rules import SeatKind, Vacancy
from crm.memberships.rules import Status
from tests.conftest import TODAY
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory


def test_a_seat_stands_while_its_company_s_membership_does(session: Session):
    seat = SeatFactory()
    MembershipFactory(company=seat.company, starts_on=date(2025, 10, 1), years=1)
    told = {
        day: [line.status for line in roster_on(session, day)]
        for day in (
            date(2025, 9, 30),
            date(2025, 10, 1),
            date(2026, 10, 1),
            date(2026, 11, 29),
            date(2026, 11, 30),
        )
    }
    assert told == {
        date(2025, 9, 30): [Status.UPCOMING],
        date(2025, 10, 1): [Status.ACTIVE],
        date(2026, 10, 1): [Status.GRACE],
        date(2026, 11, 29): [Status.GRACE],
        date(2026, 11, 30): [],
    }


def test_a_seat_has_one_line_through_a_renewal_and_its_kind_from_the_tier(session: Session):
    seat = SeatFactory()
    MembershipFactory(company=seat.company, starts_on=date(2025, 10, 1), years=1)
    MembershipFactory(company=seat.company, tier="associate", starts_on=date(2026, 10, 1))
    for day, status, kind in (
        (TODAY, Status.ACTIVE, SeatKind.OWN),
        (date(2026, 10, 1), Status.ACTIVE, SeatKind.SHARED),
    ):
        (line,) = roster_on(session, day)
        assert (line.status, line.kind) == (status, kind)


def test_vacant_by_computation_when_the_holder_leaves(session: Session):
    seat = SeatFactory(company=CompanyFactory(name="Casco Biologics"))
    MembershipFactory(company=seat.company)
    left = date(2026, 3, 1)
    champion = AffiliationFactory(company=seat.company, ends_before=left).person
    HoldingFactory(seat=seat, person=champion)
    for day, vacancy in ((left - timedelta(days=1), None), (left, Vacancy.LEFT)):
        (line,) = roster_on(session, day)
        assert line.vacancy is vacancy
        assert line.representative is not None
        told = speakers_on(session, day)
        assert told == ({} if vacancy else {seat.company_id: champion.name})


def test_vacant_seats_come_first_and_names_next(session: Session):
    for name in ("Zeta", "Alba", "Nova"):
        seat = SeatFactory(company=CompanyFactory(name=name))
        MembershipFactory(company=seat.company)
        if name != "Zeta":
            HoldingFactory(seat=seat)
    roster = roster_on(session, TODAY)
    assert [line.company for line in roster] == ["Zeta", "Alba", "Nova"]
    assert roster[0].vacancy is Vacancy.UNNAMED


def test_the_roster_is_one_statement_however_long(session: Session, statements: list[str]):
    for _ in range(4):
        holding = HoldingFactory()
        HoldingFactory(seat=holding.seat, alternate=True)
        MembershipFactory(company=holding.seat.company)
    session.commit()
    statements.clear()
    roster = roster_on(session, TODAY)
    assert len(statements) == 1
    assert all(line.representative and line.alternate for line in roster)
    assert len(roster) == 4


def test_a_tier_without_a_seat_has_no_representative_whoever_is_named(session: Session):
    holding = HoldingFactory()
    MembershipFactory(company=holding.seat.company, tier="start-up")
    assert roster_on(session, TODAY) == []
    assert speakers_on(session, TODAY) == {}


def test_before_a_term_begins_nobody_is_vacant_and_who_left_does_not_speak(session: Session):
    for name in ("Alba", "Casco", "Nova"):
        seat = SeatFactory(company=CompanyFactory(name=name))
        MembershipFactory(company=seat.company, upcoming=True)
        if name != "Alba":
            left = TODAY if name == "Casco" else None
            job = AffiliationFactory(company=seat.company, ends_before=left)
            HoldingFactory(seat=seat, person=job.person)
    found = {line.company: line for line in roster_on(session, TODAY)}
    told = {name: (line.vacancy, line.nobody) for name, line in found.items()}
    assert told == {"Alba": (None, NOT_YET), "Casco": (None, NOT_YET), "Nova": (None, "")}
    assert speakers_on(session, TODAY).keys() == {found["Nova"].company_id}
    begun = roster_on(session, date(2026, 9, 1))
    assert {line.company: line.nobody for line in begun} == {
        "Alba": VACANT,
        "Casco": VACANT,
        "Nova": "",
    }
