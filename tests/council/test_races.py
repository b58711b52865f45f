"""Two who name a representative at once: one is named, the other is told."""

from __future__ import annotations

from functools import partial

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crm.council import nominations, operations, queries, rules
from crm.council.models import Holding, Nomination
from crm.council.nominations import NewNomination
from crm.council.rules import HoldingRole
from crm.kit.actors import Actor
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory
from tests.factories.council import HoldingFactory, NominationFactory, SeatFactory
from tests.racing import race

ROUNDS, RACERS = 4, 6
BY = Actor(1, "Sam Okafor")


def name(seat_id: int, person_id: int, session: Session) -> None:
    seat = queries.get_seat(session, seat_id)
    operations.name_representative(session, seat, person_id, starts_on=TODAY, by=BY, now=NOW)


def hand_over(seat_id: int, person_id: int, session: Session) -> None:
    seat = queries.get_seat(session, seat_id)
    role = HoldingRole.REPRESENTATIVE
    operations.hand_over(session, seat, role, person_id, on=TODAY, by=BY, now=NOW)


def test_of_namings_at_once_one_is_kept(app: Flask, session: Session):
    for _ in range(ROUNDS):
        seat = SeatFactory()
        people = [AffiliationFactory(company=seat.company).person.id for _ in range(RACERS)]
        seat_id = seat.id
        session.commit()
        ends = race(app, [partial(name, seat_id, person) for person in people])
        assert ends.count(None) == 1
        assert all(end is None or isinstance(end, rules.SeatTaken) for end in ends)
        assert session.scalar(select(func.count()).where(Holding.seat_id == seat_id)) == 1
        session.commit()


def test_of_handovers_at_once_one_is_kept_and_no_day_is_doubled(app: Flask, session: Session):
    old = HoldingFactory()
    people = [AffiliationFactory(company=old.seat.company).person.id for _ in range(RACERS)]
    seat_id, since = old.seat_id, old.starts_on
    session.commit()
    ends = race(app, [partial(hand_over, seat_id, person) for person in people])
    assert ends.count(None) == 1
    held = session.scalars(select(Holding).where(Holding.seat_id == seat_id)).all()
    assert [(h.starts_on, h.ends_before) for h in held if h.ends_before] == [(since, TODAY)]
    assert len(held) == 2


def propose(seat_id: int, person_id: int, session: Session) -> None:
    seat = queries.get_seat(session, seat_id)
    wanted = NewNomination(
        role=HoldingRole.REPRESENTATIVE,
        person_id=person_id,
        starts_on=TODAY,
        proposed_by="Their CEO",
    )
    nominations.propose(session, seat, wanted, by=BY, now=NOW, today=TODAY)


def confirm(nomination_id: int, session: Session) -> None:
    nomination = queries.get_nomination(session, nomination_id)
    nominations.confirm(session, nomination, by=BY, now=NOW, today=TODAY)


def decline(nomination_id: int, session: Session) -> None:
    nomination = queries.get_nomination(session, nomination_id)
    nominations.decline(session, nomination, reason="No", by=BY, now=NOW, today=TODAY)


def test_of_proposals_at_once_one_is_open(app: Flask, session: Session):
    for _ in range(ROUNDS):
        seat = SeatFactory()
        people = [AffiliationFactory(company=seat.company).person.id for _ in range(RACERS)]
        seat_id = seat.id
        session.commit()
        ends = race(app, [partial(propose, seat_id, person) for person in people])
        assert ends.count(None) == 1
        assert all(end is None or isinstance(end, nominations.ProposalOpen) for end in ends)
        assert session.scalar(select(func.count()).where(Nomination.seat_id == seat_id)) == 1
        session.commit()


def test_a_proposal_is_decided_once(app: Flask, session: Session):
    for _ in range(ROUNDS):
        nomination = NominationFactory()
        id_, seat_id = nomination.id, nomination.seat_id
        session.commit()
        acts = [partial(confirm, id_), partial(decline, id_)] * (RACERS // 2)
        ends = race(app, acts)
        assert ends.count(None) == 1
        assert all(end is None or isinstance(end, nominations.AlreadyDecided) for end in ends)
        held = session.scalar(select(func.count()).where(Holding.seat_id == seat_id))
        reason = session.scalar(select(Nomination.declined_reason).where(Nomination.id == id_))
        assert held == (0 if reason else 1)
        session.commit()


def test_without_lock_and_rule_the_race_for_a_seat_is_lost(
    app: Flask, session: Session, monkeypatch
):
    """The control: it is the lock and the constraint, not luck, that keep holders apart."""
    if session.get_bind().dialect.name == "sqlite":
        assert _writers_take_turns(session)
        return
    monkeypatch.setattr(operations, "_held", lambda *_: [])
    session.execute(text("ALTER TABLE holding DROP CONSTRAINT ex_holding_one_representative"))
    session.commit()
    lost = 0
    try:
        for _ in range(ROUNDS):
            seat = SeatFactory()
            people = [AffiliationFactory(company=seat.company).person.id for _ in range(RACERS)]
            seat_id = seat.id
            session.commit()
            lost += race(app, [partial(name, seat_id, who) for who in people]).count(None) > 1
    finally:
        session.execute(text("DELETE FROM seat_letter"))
        session.execute(text("DELETE FROM holding"))
        session.execute(
            text(
                "ALTER TABLE holding ADD CONSTRAINT ex_holding_one_representative EXCLUDE USING "
                "gist (int8range(seat_id::int8, seat_id::int8, '[]') WITH &&, "
                "daterange(starts_on, ends_before) WITH &&) WHERE (role = 'representative')"
            )
        )
        session.commit()
    assert lost == ROUNDS


def _writers_take_turns(session: Session) -> bool:
    """SQLite has one writer at a time, and its rule is a trigger: both are there."""
    triggers = text("SELECT count(*) FROM sqlite_master WHERE name LIKE 'holding_one_a_role_%'")
    return session.scalar(triggers) == 2
