"""Letters of a seat wait until a person releases them, and go out once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import operations, queries, taking_back, writing
from crm.council.models import Seat, SeatLetter
from crm.council.rules import HoldingRole, LetterKind
from crm.kit.actors import Actor
from crm.mail.models import OutgoingMail
from crm.people.models import Person
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, AffiliationFactory, CompanyFactory
from tests.factories.council import HoldingFactory, SeatFactory

BY: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW}
EDGE = BY | {"today": TODAY}
REP = HoldingRole.REPRESENTATIVE


def colleague(seat: Seat, name: str) -> Person:
    person: Person = AffiliationFactory(company=seat.company, person__name=name).person
    AddressFactory(person=person, email=f"{name.split()[0].casefold()}@aldous.example")
    return person


def letters(session: Session, seat: Seat) -> list[tuple[str, LetterKind]]:
    found = queries.letters_of(session, seat.id)
    return sorted((letter.person.name, letter.kind) for letter in found)


def release_all(session: Session, seat: Seat) -> dict[str, str]:
    for letter in queries.letters_of(session, seat.id):
        writing.release(session, letter, **BY)
    return {mail.to: mail.body for mail in session.scalars(select(OutgoingMail))}


@pytest.fixture
def seat(session: Session) -> Seat:
    found: Seat = SeatFactory(company=CompanyFactory(name="Aldous Mills"))
    return found


def test_who_comes_is_welcomed_once_somebody_says_so(session: Session, seat: Seat):
    operations.name(session, seat, REP, colleague(seat, "Ann Ode").id, starts_on=TODAY, **EDGE)
    assert letters(session, seat) == [("Ann Ode", LetterKind.WELCOME)]
    assert session.scalar(select(OutgoingMail.id)) is None
    (body,) = release_all(session, seat).values()
    assert "From June 15, 2026 on you speak for Aldous Mills" in body
    assert "Sam Okafor" in body
    (letter,) = queries.letters_of(session, seat.id)
    for again in (writing.release, writing.drop):
        with pytest.raises(writing.NoLetter, match="gone out"):
            again(session, letter, **BY)


def test_a_handover_is_told_to_both(session: Session, seat: Seat):
    old = HoldingFactory(seat=seat, person=colleague(seat, "Ann Ode"))
    bo = colleague(seat, "Bo Quist")
    operations.hand_over(session, old.seat, REP, bo.id, on=date(2026, 7, 1), **EDGE)
    assert letters(session, seat) == [
        ("Ann Ode", LetterKind.HANDOVER),
        ("Bo Quist", LetterKind.HANDOVER),
    ]
    sent = release_all(session, seat)
    assert "passes to Bo Quist" in sent["ann@aldous.example"]
    assert "after Ann Ode" in sent["bo@aldous.example"]
    assert "July 1, 2026" in sent["bo@aldous.example"]


def test_who_steps_down_is_thanked(session: Session, seat: Seat):
    old = HoldingFactory(seat=seat, person=colleague(seat, "Ann Ode"))
    operations.end_holding(session, old, on=TODAY, reason="Retired", **EDGE)
    (body,) = release_all(session, seat).values()
    assert "since October 1, 2025, for Aldous Mills" in body


def test_what_was_long_ago_is_recorded_and_not_written_about(session: Session, seat: Seat):
    long_ago = TODAY - timedelta(days=90)
    ann = colleague(seat, "Ann Ode")
    operations.name(session, seat, REP, ann.id, starts_on=long_ago, **EDGE)
    assert letters(session, seat) == []


def test_the_programme_s_day_decides_what_is_long_ago(session: Session, seat: Seat):
    evening = datetime(2026, 6, 16, 2, 0, tzinfo=UTC)  # the fifteenth still, in Boston
    on, ann = TODAY - timedelta(days=89), colleague(seat, "Ann Ode")
    operations.name(session, seat, REP, ann.id, starts_on=on, **{**EDGE, "now": evening})
    assert letters(session, seat) == [("Ann Ode", LetterKind.WELCOME)]


def test_of_a_naming_that_is_taken_back_no_letter_is_left(session: Session, seat: Seat):
    old = HoldingFactory(seat=seat, person=colleague(seat, "Ann Ode"))
    bo = colleague(seat, "Bo Quist")
    new = operations.hand_over(session, old.seat, REP, bo.id, on=date(2026, 7, 1), **EDGE)
    taking_back.take_back(session, new, **EDGE)
    assert letters(session, seat) == []


def test_without_an_address_the_letter_is_held_back(session: Session, seat: Seat):
    person = AffiliationFactory(company=seat.company).person
    operations.name(session, seat, REP, person.id, starts_on=TODAY, **EDGE)
    (letter,) = queries.letters_of(session, seat.id)
    with pytest.raises(writing.NoLetter, match="no e-mail address"):
        writing.release(session, letter, **BY)
    writing.drop(session, letter, **BY)
    assert letters(session, seat) == []
    assert session.scalars(select(SeatLetter.dropped_at)).one() == NOW
