"""A naming made by mistake is taken back: whoever handed the seat over keeps it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import operations, queries, taking_back, writing
from crm.council.models import Holding, Seat, SeatLetter
from crm.council.rules import AlreadyHolds, HoldingRole, LetterKind, SeatTaken
from crm.kit.actors import Actor
from crm.kit.errors import NotFound
from crm.mail.models import OutgoingMail
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, AffiliationFactory
from tests.factories.council import HoldingFactory, SeatFactory

EDGE: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW, "today": TODAY}
REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE
SINCE, JULY, AUGUST, DECEMBER = (
    date(2025, 10, 1),
    date(2026, 7, 1),
    date(2026, 8, 1),
    date(2026, 12, 1),
)


@pytest.fixture
def seat(session: Session) -> Seat:
    found: Seat = SeatFactory()
    return found


@pytest.fixture
def ann(seat: Seat) -> Holding:
    found: Holding = HoldingFactory(seat=seat)
    return found


def colleague(seat: Seat) -> int:
    person = AffiliationFactory(company=seat.company).person
    AddressFactory(person=person)
    return int(person.id)


def over(session: Session, seat: Seat, on: date, **more: Any) -> Holding:
    return operations.hand_over(session, seat, REP, colleague(seat), on=on, **more, **EDGE)


def chain(session: Session, seat: Seat) -> list[tuple[date, date | None, str | None]]:
    found = queries.holdings_of(session, seat.id)
    return [(held.starts_on, held.ends_before, held.end_reason) for held in found]


def test_who_handed_over_keeps_the_seat_as_before(session: Session, seat: Seat, ann: Holding):
    bo = over(session, seat, DECEMBER, reason="New job")
    assert chain(session, seat) == [(DECEMBER, None, None), (SINCE, DECEMBER, "New job")]
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(SINCE, None, None)]


def test_who_was_to_step_down_later_still_does(session: Session, seat: Seat, ann: Holding):
    operations.end_holding(session, ann, on=DECEMBER, reason="Retires", **EDGE)
    bo = over(session, seat, JULY)
    assert chain(session, seat)[1] == (SINCE, JULY, None)
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(SINCE, DECEMBER, "Retires")]


def test_who_stepped_down_does_not_come_back(session: Session, seat: Seat, ann: Holding):
    operations.end_holding(session, ann, on=JULY, reason="Retires", **EDGE)
    bo = operations.name(session, seat, REP, colleague(seat), starts_on=JULY, **EDGE)
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(SINCE, JULY, "Retires")]


def test_who_stepped_down_earlier_since_does_not_come_back(
    session: Session, seat: Seat, ann: Holding
):
    bo = over(session, seat, AUGUST)
    operations.end_holding(session, ann, on=JULY, reason="Ill", seen=AUGUST, **EDGE)
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(SINCE, JULY, "Ill")]


def test_in_a_chain_the_next_takes_over_from_who_is_left(
    session: Session, seat: Seat, ann: Holding
):
    bo = over(session, seat, JULY)
    cy = over(session, seat, DECEMBER, reason="A year each")
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(DECEMBER, None, None), (SINCE, DECEMBER, "A year each")]
    waiting = {(one.person_id, one.kind) for one in queries.letters_of(session, seat.id)}
    assert waiting == {
        (ann.person_id, LetterKind.HANDOVER),
        (cy.person_id, LetterKind.HANDOVER),
    }
    taking_back.take_back(session, cy, **EDGE)
    assert chain(session, seat) == [(SINCE, None, None)]
    assert queries.letters_of(session, seat.id) == []


def test_who_steps_down_on_the_day_of_the_next_hands_over_to_nobody(
    session: Session, seat: Seat, ann: Holding
):
    operations.end_holding(session, ann, on=DECEMBER, reason="Retires", **EDGE)
    bo = over(session, seat, JULY)
    cy = over(session, seat, DECEMBER)
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(DECEMBER, None, None), (SINCE, DECEMBER, "Retires")]
    taking_back.take_back(session, cy, **EDGE)
    assert chain(session, seat) == [(SINCE, DECEMBER, "Retires")]


def test_the_successor_of_one_who_never_sat_stays(session: Session, seat: Seat):
    bo = operations.name(session, seat, REP, colleague(seat), starts_on=JULY, **EDGE)
    over(session, seat, DECEMBER)
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(DECEMBER, None, None)]


def test_up_to_whoever_was_named_next(session: Session, seat: Seat, ann: Holding):
    bo = over(session, seat, JULY)
    operations.end_holding(session, bo, on=AUGUST, reason="Ill", **EDGE)
    operations.name(session, seat, REP, colleague(seat), starts_on=DECEMBER, **EDGE)
    taking_back.take_back(session, bo, **EDGE)
    assert chain(session, seat) == [(DECEMBER, None, None), (SINCE, DECEMBER, None)]


def test_not_where_they_have_another_part_by_now(session: Session, seat: Seat, ann: Holding):
    bo = over(session, seat, JULY)
    operations.name(session, seat, ALT, ann.person_id, starts_on=JULY, **EDGE)
    with pytest.raises(AlreadyHolds, match="Take that back first"):
        taking_back.take_back(session, bo, **EDGE)


def test_a_letter_that_went_out_stays_and_a_new_act_has_a_new_one(
    session: Session, seat: Seat, ann: Holding
):
    AddressFactory(person=ann.person)
    bo = over(session, seat, JULY)
    for letter in queries.letters_of(session, seat.id):
        writing.release(session, letter, by=EDGE["by"], now=NOW)
    for mail in session.scalars(select(OutgoingMail)):
        mail.sent_at = NOW
    assert taking_back.take_back(session, bo, **EDGE) == 2
    told = session.scalars(select(SeatLetter)).all()
    assert [(one.holding_id, one.released_at) for one in told] == [(None, NOW)] * 2
    with pytest.raises(writing.NoLetter, match="taken back"):
        writing.written(session, told[0], by=EDGE["by"])
    again = {**EDGE, "now": NOW + timedelta(minutes=5)}
    operations.hand_over(session, seat, REP, colleague(seat), on=AUGUST, **again)
    fresh = [one for one in queries.letters_of(session, seat.id) if one.released_at is None]
    assert len(fresh) == 2
    for letter in fresh:
        writing.release(session, letter, by=EDGE["by"], now=again["now"])


def test_what_was_taken_back_is_not_taken_back_again(session: Session, seat: Seat, ann: Holding):
    bo = over(session, seat, JULY)
    taking_back.take_back(session, bo, **EDGE)
    with pytest.raises(NotFound, match="taken this naming back"):
        taking_back.take_back(session, bo, **EDGE)


def test_a_holding_has_a_day_at_least(session: Session, seat: Seat):
    with pytest.raises(IntegrityError, match="ck_holding_order"):
        HoldingFactory(seat=seat, starts_on=TODAY, ends_before=TODAY)
    session.rollback()


def test_a_promoted_alternate_gives_that_up_and_has_it_again(
    session: Session, seat: Seat, ann: Holding
):
    bo = HoldingFactory(seat=seat, alternate=True, ends_before=DECEMBER, end_reason="Retires")
    now = operations.hand_over(session, seat, REP, bo.person_id, on=JULY, reason="Ill", **EDGE)
    assert (bo.ends_before, bo.end_reason) == (JULY, "became the representative")
    assert (ann.ends_before, now.ends_before) == (JULY, None)
    taking_back.take_back(session, now, **EDGE)
    assert (bo.ends_before, bo.end_reason) == (DECEMBER, "Retires")
    assert (ann.ends_before, ann.end_reason) == (None, None)


def test_a_promoted_alternate_has_it_again_up_to_whoever_stands_in_next(
    session: Session, seat: Seat, ann: Holding
):
    bo = HoldingFactory(seat=seat, alternate=True)
    now = operations.hand_over(session, seat, REP, bo.person_id, on=JULY, **EDGE)
    operations.name(session, seat, ALT, colleague(seat), starts_on=AUGUST, **EDGE)
    taking_back.take_back(session, now, **EDGE)
    assert (bo.ends_before, ann.ends_before) == (AUGUST, None)


def test_the_alternate_takes_over_a_vacant_seat_too(session: Session, seat: Seat):
    bo = HoldingFactory(seat=seat, alternate=True, starts_on=TODAY)
    now = operations.name(session, seat, REP, bo.person_id, starts_on=JULY, **EDGE)
    assert bo.ends_before == JULY
    taking_back.take_back(session, bo, **EDGE)
    assert (now.promoted_id, now.starts_on) == (None, JULY)


@pytest.mark.parametrize(
    ("how", "stops"),
    [
        ({}, True),
        ({"attempts": 2, "last_error": "451"}, True),
        ({"sent_at": NOW}, False),
        ({"failed_at": NOW}, False),
        ({"lease": "a", "leased_until": NOW}, False),
    ],
)
def test_a_released_letter_is_stopped_while_it_waits(
    session: Session, seat: Seat, how: dict[str, Any], stops: bool
):
    bo = operations.name(session, seat, REP, colleague(seat), starts_on=JULY, **EDGE)
    (letter,) = queries.letters_of(session, seat.id)
    writing.release(session, letter, by=EDGE["by"], now=NOW)
    mail = session.scalars(select(OutgoingMail)).one()
    for column, value in how.items():
        setattr(mail, column, value)
    assert taking_back.take_back(session, bo, **EDGE) == (not stops)
    kept = 0 if stops else 1
    assert len(session.scalars(select(OutgoingMail.id)).all()) == kept
    assert len(queries.letters_of(session, seat.id)) == kept


def test_who_was_to_step_down_stays_or_goes_another_day(session: Session, seat: Seat, ann: Holding):
    AddressFactory(person=ann.person)
    operations.end_holding(session, ann, on=JULY, reason="Retires", **EDGE)
    (letter,) = queries.letters_of(session, seat.id)
    writing.release(session, letter, by=EDGE["by"], now=NOW)
    operations.end_holding(session, ann, on=DECEMBER, reason="Retires", seen=JULY, **EDGE)
    (letter,) = queries.letters_of(session, seat.id)
    assert (ann.ends_before, letter.released_at) == (DECEMBER, None)
    operations.end_holding(session, ann, on=None, reason=None, seen=DECEMBER, **EDGE)
    assert (ann.ends_before, ann.end_reason) == (None, None)
    assert queries.letters_of(session, seat.id) == []
    assert session.scalar(select(OutgoingMail.id)) is None


def test_who_handed_over_does_not_stay_on(session: Session, seat: Seat, ann: Holding):
    over(session, seat, JULY)
    with pytest.raises(SeatTaken, match="Take that naming back first"):
        operations.end_holding(session, ann, on=DECEMBER, reason=None, seen=JULY, **EDGE)
