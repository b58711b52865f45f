"""Two who name a representative at once: one is named, the other is told."""

from __future__ import annotations

from functools import partial

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.council import operations, queries, rules
from crm.council.models import Holding
from crm.council.rules import HoldingRole
from crm.kit.actors import Actor
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory
from tests.factories.council import HoldingFactory, SeatFactory
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
