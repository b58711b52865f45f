"""Proposed, confirmed or declined: a holding comes only of confirming, and one proposal is open."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import nominations, operations, queries
from crm.council.models import Holding, Nomination, Seat
from crm.council.nominations import NewNomination
from crm.council.rules import AlreadyHolds, HoldingRole
from crm.kit.actors import Actor
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory, PersonFactory
from tests.factories.council import HoldingFactory, NominationFactory, SeatFactory

EDGE: dict[str, Any] = {"by": Actor(1, "Dana Whitfield"), "now": NOW, "today": TODAY}
REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE
JULY = date(2026, 7, 1)


def colleague(seat: Seat) -> int:
    return int(AffiliationFactory(company=seat.company).person_id)


def wanted(person_id: int, role: HoldingRole = REP) -> NewNomination:
    return NewNomination(role=role, person_id=person_id, starts_on=JULY, proposed_by="Their CEO")


def holdings(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Holding)) or 0


def test_a_proposal_is_no_holding_until_it_is_confirmed(session: Session):
    seat = SeatFactory()
    person = colleague(seat)
    proposal = nominations.propose(session, seat, wanted(person), **EDGE)
    assert holdings(session) == 0
    holding = nominations.confirm(session, proposal, **EDGE)
    assert (holding.person_id, holding.role, holding.starts_on) == (person, REP, JULY)
    assert (proposal.decided_on, proposal.decided_by) == (TODAY, "Dana Whitfield")
    for again in (nominations.confirm, nominations.decline):
        more = {"reason": "No"} if again is nominations.decline else {}
        with pytest.raises(nominations.AlreadyDecided, match="confirmed"):
            again(session, proposal, **more, **EDGE)


def test_confirming_hands_a_held_seat_over_in_one_act(session: Session):
    present = HoldingFactory()
    proposal = nominations.propose(session, present.seat, wanted(colleague(present.seat)), **EDGE)
    nominations.confirm(session, proposal, **EDGE)
    session.refresh(present)
    assert present.ends_before == JULY
    assert holdings(session) == 2


def test_declined_with_its_reason_the_next_may_be_proposed(session: Session):
    seat = SeatFactory()
    first, second = colleague(seat), colleague(seat)
    proposal = nominations.propose(session, seat, wanted(first), **EDGE)
    with pytest.raises(nominations.ProposalOpen, match="Confirm or decline"):
        nominations.propose(session, seat, wanted(second), **EDGE)
    nominations.propose(session, seat, wanted(second, ALT), **EDGE)  # another role
    nominations.decline(session, proposal, reason="Too junior", **EDGE)
    nominations.propose(session, seat, wanted(second), **EDGE)
    told = [(n.decided_on, n.declined_reason) for n in queries.nominations_of(session, seat.id)]
    assert told[-1] == (TODAY, "Too junior")
    assert holdings(session) == 0


def test_who_cannot_sit_is_not_proposed(session: Session):
    held = HoldingFactory()
    with pytest.raises(operations.NotOfTheCompany):
        nominations.propose(session, held.seat, wanted(PersonFactory().id), **EDGE)
    with pytest.raises(AlreadyHolds):
        nominations.propose(session, held.seat, wanted(held.person_id, ALT), **EDGE)
    assert session.scalar(select(func.count()).select_from(Nomination)) == 0


def test_who_left_meanwhile_is_refused_when_confirmed(session: Session):
    seat = SeatFactory()
    job = AffiliationFactory(company=seat.company)
    proposal = nominations.propose(session, seat, wanted(job.person_id), **EDGE)
    job.ends_before = TODAY
    session.flush()
    with pytest.raises(operations.NotOfTheCompany):
        nominations.confirm(session, proposal, **EDGE)
    assert proposal.decided_on is None


def test_the_database_keeps_one_open_and_what_was_decided(session: Session):
    first = NominationFactory()
    seat, person = first.seat, first.person  # held: a commit lets go of them
    session.commit()
    with pytest.raises(IntegrityError, match=r"uq_nomination_open|nomination\.seat_id"):
        NominationFactory(seat=seat, person=person)
    session.rollback()
    decided = NominationFactory(declined=True).id
    session.commit()
    with pytest.raises(IntegrityError, match="nomination_is_decided"):
        session.execute(
            text("UPDATE nomination SET declined_reason = 'Other' WHERE id = :id"), {"id": decided}
        )
    session.rollback()
    with pytest.raises(IntegrityError, match="ck_nomination_"):
        NominationFactory(declined_reason="No day")
    session.rollback()


def test_the_database_s_refusal_is_told_in_words(session: Session, monkeypatch):
    seat = NominationFactory().seat
    monkeypatch.setattr(nominations, "_refuse_second", lambda *_: None)
    with pytest.raises(nominations.ProposalOpen, match="just now"):
        nominations.propose(session, seat, wanted(colleague(seat)), **EDGE)
