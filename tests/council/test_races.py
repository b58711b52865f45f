"""Two who name a representative at once: one is named, the other is told."""

from __future__ import annotations

from datetime import date
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from crm.council import chain, nominations, operations, queries, rules, taking_back
from crm.council.models import Holding, Nomination
from crm.council.nominations import NewNomination
from crm.council.rules import HoldingRole
from crm.kit.actors import Actor
from crm.kit.errors import NotFound
from tests.conftest import NOW, TODAY
from tests.databases import TestDatabase
from tests.factories.companies import AffiliationFactory
from tests.factories.council import HoldingFactory, NominationFactory, SeatFactory
from tests.racing import race

ROUNDS, RACERS = 4, 6
UNGUARDED = {
    "sqlite": (
        "DROP TRIGGER holding_one_a_role_insert",
        "DROP TRIGGER holding_one_a_role_update",
    ),
    "postgresql": ("ALTER TABLE holding DROP CONSTRAINT ex_holding_one_representative",),
}
REP = HoldingRole.REPRESENTATIVE
EDGE: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW, "today": TODAY}


def name(seat_id: int, person_id: int, session: Session) -> None:
    seat = queries.get_seat(session, seat_id)
    operations.name(session, seat, REP, person_id, starts_on=TODAY, **EDGE)


def hand_over(seat_id: int, person_id: int, session: Session) -> None:
    seat = queries.get_seat(session, seat_id)
    operations.hand_over(session, seat, REP, person_id, on=TODAY, **EDGE)


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


def end(holding_id: int, day: int, session: Session) -> None:
    holding = queries.get_holding(session, holding_id)
    operations.end_holding(
        session, holding, on=date(2026, 6, day), reason=f"Said on day {day}", **EDGE
    )


def take_back(holding_id: int, session: Session) -> None:
    taking_back.take_back(session, queries.get_holding(session, holding_id), **EDGE)


def test_of_those_who_end_one_holding_the_first_is_kept_and_the_others_told(
    app: Flask, session: Session
):
    for _ in range(ROUNDS):
        id_ = HoldingFactory().id
        session.commit()
        ends = race(app, [partial(end, id_, 20 - racer) for racer in range(RACERS)])
        assert ends.count(None) == 1
        assert all(one is None or isinstance(one, operations.EndedMeanwhile) for one in ends)
        kept = session.get_one(Holding, id_, populate_existing=True)
        day = 20 - ends.index(None)
        assert (kept.ends_before, kept.end_reason) == (date(2026, 6, day), f"Said on day {day}")
        session.commit()


def test_a_naming_is_taken_back_once(app: Flask, session: Session):
    for _ in range(ROUNDS):
        old = HoldingFactory()
        who = AffiliationFactory(company=old.seat.company).person_id
        new = operations.hand_over(session, old.seat, REP, who, on=TODAY, **EDGE)
        new_id, seat_id = new.id, old.seat_id
        session.commit()
        ends = race(app, [partial(take_back, new_id)] * RACERS)
        assert ends.count(None) == 1
        assert all(one is None or isinstance(one, NotFound) for one in ends)
        left = session.scalars(select(Holding.ends_before).where(Holding.seat_id == seat_id)).all()
        assert left == [None]
        session.commit()


def propose(seat_id: int, person_id: int, session: Session) -> None:
    seat = queries.get_seat(session, seat_id)
    wanted = NewNomination(
        role=REP,
        person_id=person_id,
        starts_on=TODAY,
        proposed_by="Their CEO",
    )
    nominations.propose(session, seat, wanted, **EDGE)


def confirm(nomination_id: int, session: Session) -> None:
    nomination = queries.get_nomination(session, nomination_id)
    nominations.confirm(session, nomination, **EDGE)


def decline(nomination_id: int, session: Session) -> None:
    nomination = queries.get_nomination(session, nomination_id)
    nominations.decline(session, nomination, reason="No", **EDGE)


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


def push_in(seat_id: int, person_id: int, session: Session) -> None:
    """Who has looked before: a holding without asking who sits there by now."""
    holding = Holding(
        seat_id=seat_id, person_id=person_id, role=REP, starts_on=TODAY, created_at=NOW
    )
    chain.write(session, holding, REP)


def at_a_free_seat(session: Session) -> tuple[int, list[int]]:
    seat = SeatFactory()
    people = [AffiliationFactory(company=seat.company).person_id for _ in range(RACERS)]
    seat_id = seat.id
    session.commit()
    return seat_id, people


def test_of_those_who_looked_before_the_database_keeps_one(app: Flask, session: Session):
    seat_id, people = at_a_free_seat(session)
    ends = race(app, [partial(push_in, seat_id, person) for person in people])
    assert ends.count(None) == 1
    assert all(end is None or isinstance(end, rules.SeatTaken) for end in ends)
    held = select(func.count()).select_from(Holding).where(Holding.seat_id == seat_id)
    assert session.scalar(held) == 1


def test_without_the_constraint_the_race_is_lost(session: Session, fresh_database: TestDatabase):
    """The negative control: it is the database that refuses, not luck. Never committed."""
    seat_id, people = at_a_free_seat(session)
    for statement in UNGUARDED[fresh_database.kind]:
        session.execute(text(statement))
    for person in people[:2]:
        push_in(seat_id, person, session)
    held = select(func.count()).select_from(Holding).where(Holding.seat_id == seat_id)
    assert session.scalar(held) == 2
    session.rollback()
    push_in(seat_id, people[0], session)
    with pytest.raises(rules.SeatTaken, match="just now"):
        push_in(seat_id, people[1], session)


def test_without_the_lock_two_who_end_a_holding_both_believe_it(
    app: Flask, session: Session, fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
):
    """The other control: two read that the holding is open; on SQLite one writes at a time."""
    id_ = HoldingFactory().id
    session.commit()
    both_have_read, held = Barrier(2), chain.held

    def unlocked(racer: Session, seat_id: int) -> list[rules.Held]:
        found = held(racer, seat_id)
        if fresh_database.kind == "postgresql":
            both_have_read.wait()
        return found

    monkeypatch.setattr(Select, "with_for_update", lambda asked: asked)
    monkeypatch.setattr(chain, "held", unlocked)
    ends = race(app, [partial(end, id_, day) for day in (20, 19)])
    assert ends.count(None) == (2 if fresh_database.kind == "postgresql" else 1)
