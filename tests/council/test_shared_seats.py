"""One seat for several companies: those related, and the associates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council import operations
from crm.council.ballot_queries import entitled_on
from crm.council.models import Body, Holding, Seat
from crm.council.participants import Part, participants_on
from crm.council.roster import roster_on, speakers_on
from crm.council.roster_lines import RosterLine
from crm.council.rules import ELECTED, HoldingRole, SeatKind, Vacancy
from crm.kit.actors import Actor
from crm.programme.models import Programme
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory

EDGE: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW, "today": TODAY}
REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE


def member(name: str, *, parent: Company | None = None, **term: Any) -> Seat:
    company = CompanyFactory(name=name, parent=parent)
    MembershipFactory(company=company, **term)
    seat: Seat = SeatFactory(company=company)
    return seat


def lines(session: Session, day: date = TODAY, **more: Any) -> dict[str, RosterLine]:
    session.flush()
    return {line.company: line for line in roster_on(session, day, **more)}


def council(session: Session) -> Body:
    return session.scalars(select(Body).where(Body.key == "council")).one()


def test_each_related_member_has_a_line_and_the_topmost_carries_the_seat(session: Session):
    top = member("Aldous")
    below = member("Aldous Castings", parent=top.company)
    holding = HoldingFactory(seat=top)
    found = lines(session)
    assert found["Aldous"].shared_with == ""
    assert found["Aldous Castings"].shared_with == "Aldous"
    for line in found.values():
        assert line.seat_id == top.id
        assert line.representative is not None
        assert line.representative.person_id == holding.person_id
        assert line.vacancy is None
        (alone,) = roster_on(session, TODAY, company_id=line.company_id)
        assert alone == line
    assert speakers_on(session, TODAY).keys() == {top.company_id, below.company_id}
    (speaker,) = participants_on(session, council(session), TODAY)  # one vote for a shared seat
    assert (speaker.company_id, speaker.seat_id, speaker.votes) == (top.company_id, top.id, True)


def test_when_the_topmost_s_term_is_over_the_next_carries(session: Session):
    top = member("Aldous", starts_on=date(2025, 10, 1), years=1)
    below = member("Aldous Castings", parent=top.company, years=3)
    over = date(2026, 11, 30)
    assert lines(session, over - timedelta(days=1))["Aldous Castings"].seat_id == top.id
    after = lines(session, over)
    assert list(after) == ["Aldous Castings"]
    assert (after["Aldous Castings"].seat_id, after["Aldous Castings"].shared_with) == (
        below.id,
        "",
    )


def test_who_was_bought_had_a_seat_of_its_own_before(session: Session):
    bought = date(2026, 3, 1)
    top = member("Alpha")
    below = CompanyFactory(name="Beta", parent=top.company, parent_since=bought)
    MembershipFactory(company=below)
    seat: Seat = SeatFactory(company=below)
    theirs = HoldingFactory(seat=seat)
    HoldingFactory(seat=top)
    for day, company in ((bought - timedelta(days=1), "Beta"), (bought, "Alpha")):
        line = lines(session, day)["Beta"]
        assert line.seat_name == company
        assert line.representative is not None
        assert (line.representative.person_id == theirs.person_id) is (company == "Beta")
        assert roster_on(session, day, company_id=below.id) == [line]
        speakers = participants_on(session, council(session), day)
        assert len(speakers) == (2 if company == "Beta" else 1)


def test_an_agreement_may_give_a_seat_of_its_own(session: Session):
    top = member("Aldous")
    below = member("Aldous Castings", parent=top.company, own_seat=True)
    found = lines(session)
    assert (found["Aldous"].seat_id, found["Aldous Castings"].seat_id) == (top.id, below.id)


def test_a_colleague_of_any_company_that_shares_the_seat_may_hold_it(session: Session):
    top = member("Aldous")
    below = member("Aldous Castings", parent=top.company)
    theirs = AffiliationFactory(company=below.company)
    operations.name(session, top, REP, theirs.person_id, starts_on=TODAY, **EDGE)
    assert {line.vacancy for line in lines(session).values()} == {None}
    theirs.ends_before = TODAY
    assert {line.vacancy for line in lines(session).values()} == {Vacancy.LEFT}
    stranger = AffiliationFactory().person
    with pytest.raises(operations.NotOfTheCompany, match="one of the companies"):
        operations.name(session, top, ALT, stranger.id, starts_on=TODAY, **EDGE)


def elected(session: Session) -> Seat:
    return session.scalars(select(Seat).where(Seat.title == ELECTED)).one()


def test_associates_share_the_seat_they_elect_a_holder_to(session: Session):
    first, second = (CompanyFactory(name=name) for name in ("Brook", "Creek"))
    for company in (first, second):
        MembershipFactory(company=company, tier="associate", years=2)
    seat = elected(session)
    assert {line.vacancy for line in lines(session).values()} == {Vacancy.UNNAMED}
    person = AffiliationFactory(company=second).person
    other = AffiliationFactory(company=first).person
    operations.name(session, seat, REP, person.id, starts_on=TODAY, **EDGE)
    operations.name(session, seat, ALT, other.id, starts_on=TODAY, **EDGE)
    found = lines(session)
    for line in found.values():
        assert (line.kind, line.seat_id, line.shared_with) == (SeatKind.SHARED, seat.id, ELECTED)
        assert line.representative is not None
        assert line.representative.name == person.name
        assert not line.votes  # the seat does, not each of them
        assert roster_on(session, TODAY, company_id=line.company_id) == [line]
    sitting = participants_on(session, council(session), TODAY)
    assert [(one.person_id, one.company_id, one.votes) for one in sitting] == [
        (person.id, second.id, True),
        (other.id, first.id, False),
    ]


def test_only_an_associate_s_colleague_is_elected(session: Session):
    MembershipFactory(tier="associate", years=2)
    seat = elected(session)
    founder = AffiliationFactory(company=member("Aldous").company).person
    with pytest.raises(operations.NotOfTheCompany):
        operations.name(session, seat, REP, founder.id, starts_on=TODAY, **EDGE)
    assert session.scalar(select(Holding.id)) is None


def test_observers_and_members_without_a_seat(session: Session):
    watches = member("Public Works", tier="public-partner", years=1)
    MembershipFactory(company=CompanyFactory(name="Loomline"), tier="start-up", years=1)
    HoldingFactory(seat=watches)
    assert list(lines(session)) == ["Public Works"]
    everyone = lines(session, everyone=True)
    assert list(everyone) == ["Public Works", "Loomline"]
    assert (everyone["Loomline"].kind, everyone["Loomline"].vacancy) == (None, None)
    (one,) = participants_on(session, council(session), TODAY)
    assert (one.part, one.votes) == (Part.OBSERVER, False)


def test_in_grace_a_seat_votes_if_its_agreement_says_so(session: Session):
    member("Silent", grace=True)
    member("Heard", grace=True, grace_votes=True)
    found = lines(session)
    assert (found["Silent"].votes, found["Heard"].votes) == (False, True)


def test_a_shared_seat_votes_for_a_daughter_while_its_carrier_is_silent(session: Session):
    programme = session.scalars(select(Programme)).one()
    programme.facts = {**programme.facts, "council": {"weights": {"founding": 3}}}
    top = member("Aldous", grace=True)
    below = member("Aldous Castings", parent=top.company, tier="founding")
    HoldingFactory(seat=top)
    found = lines(session)
    assert (found["Aldous"].votes, found["Aldous"].voters) == (True, (below.company_id,))
    (speaker,) = participants_on(session, council(session), TODAY)
    assert (speaker.seat_id, speaker.votes) == (top.id, True)
    (entitled,) = entitled_on(session, council(session), TODAY)
    assert (entitled.participant.person_id, entitled.weight) == (speaker.person_id, 3)


def test_nobody_votes_by_a_shared_seat_whose_companies_are_all_silent(session: Session):
    top = member("Aldous", grace=True)
    member("Aldous Castings", parent=top.company, grace=True)
    HoldingFactory(seat=top)
    assert not lines(session)["Aldous"].votes
    assert entitled_on(session, council(session), TODAY) == []


def test_the_elected_seat_votes_while_an_associate_would(session: Session):
    silent, heard = (CompanyFactory(name=name) for name in ("Brook", "Creek"))
    MembershipFactory(company=silent, tier="associate", years=2, starts_on=date(2024, 5, 20))
    person = AffiliationFactory(company=silent).person
    operations.name(session, elected(session), REP, person.id, starts_on=TODAY, **EDGE)
    assert entitled_on(session, council(session), TODAY) == []
    MembershipFactory(company=heard, tier="associate", years=2)
    (entitled,) = entitled_on(session, council(session), TODAY)
    assert entitled.participant.person_id == person.id


def test_an_observer_s_alternate_is_an_alternate_and_has_no_vote(session: Session):
    watches = member("Public Works", tier="public-partner", years=1)
    HoldingFactory(seat=watches, alternate=True)
    (one,) = participants_on(session, council(session), TODAY)
    assert (one.part, one.votes) == (Part.ALTERNATE, False)


def test_the_roster_asks_as_often_however_many_share(session: Session, statements: list[str]):
    counted = []
    for n in (1, 5):
        for _ in range(n):
            top = member(f"Top {n}{_}")
            HoldingFactory(seat=top)
            member(f"Below {n}{_}", parent=top.company)
            MembershipFactory(tier="associate", years=2)
        session.commit()
        statements.clear()
        roster_on(session, TODAY)
        counted.append(len(statements))
    assert counted == [4, 4]
