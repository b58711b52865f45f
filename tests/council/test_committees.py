"""A committee of the programme's file: seats by name, the same chain, and a chair."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import chairs, loading, operations, queries
from crm.council.models import Body, Chair, Seat
from crm.council.participants import Part, participants_on
from crm.council.roster import titled_on
from crm.council.rules import ELECTED, HoldingRole, TooEarly, Vacancy
from crm.kit.actors import Actor
from crm.programme import rules as programme
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, AffiliationFactory, PersonFactory
from tests.factories.council import HoldingFactory
from tests.factories.memberships import MembershipFactory

EDGE: dict[str, Any] = {"by": Actor(1, "Sam Okafor"), "now": NOW}
REP, ALT = HoldingRole.REPRESENTATIVE, HoldingRole.ALTERNATE
FILE = programme.parse(Path("programme.toml").read_text(encoding="utf-8"))


def steering(session: Session) -> Body:
    return session.scalars(select(Body).where(Body.key == "steering")).one()


def seats(session: Session) -> list[Seat]:
    found = select(Seat).where(Seat.body_id == steering(session).id).order_by(Seat.id)
    return list(session.scalars(found))


def seat_number(session: Session, number: int) -> Seat:
    return queries.get_seat(session, seats(session)[number - 1].id)


def load(session: Session, count: int) -> None:
    bodies = [replace(body, seats=count) if body.seats else body for body in FILE.bodies]
    loading.load(session, replace(FILE, bodies=tuple(bodies)), now=NOW, today=TODAY)


def test_the_file_gives_the_seats_and_takes_them_back(session: Session):
    assert [seat.title for seat in seats(session)] == [f"Seat {n}" for n in range(1, 9)]
    load(session, 6)
    lines = titled_on(session, steering(session).id, TODAY)
    assert [line.title for line in lines][-1] == "Seat 6"
    assert len(titled_on(session, steering(session).id, TODAY - timedelta(days=1))) == 8
    load(session, 8)
    assert len(titled_on(session, steering(session).id, TODAY)) == 8
    assert len(seats(session)) == 8


def test_whoever_is_on_record_holds_a_seat_without_any_company(session: Session):
    seat = seat_number(session, 1)
    first, second = PersonFactory(), PersonFactory()
    operations.name(session, seat, REP, first.id, starts_on=TODAY, today=TODAY, **EDGE)
    ahead = TODAY + timedelta(days=30)
    operations.hand_over(session, seat, REP, second.id, on=ahead, today=TODAY, **EDGE)
    told = []
    for day in (TODAY - timedelta(days=1), TODAY, ahead):
        line = titled_on(session, steering(session).id, day)[0]
        told.append((line.representative.name if line.representative else None, line.vacancy))
    assert told == [(None, Vacancy.UNNAMED), (first.name, None), (second.name, None)]
    gone = PersonFactory(archived_on=TODAY)
    with pytest.raises(operations.NotOfTheCompany, match="on record"):
        operations.name(session, seat, ALT, gone.id, starts_on=TODAY, today=TODAY, **EDGE)


def test_its_members_take_part_and_each_seat_votes_once(session: Session):
    one, other = seat_number(session, 1), seat_number(session, 2)
    member, stands_in, alone = PersonFactory(), PersonFactory(), PersonFactory()
    AddressFactory(person=member, email="hart@university.example")
    HoldingFactory(seat=one, person=member)
    HoldingFactory(seat=one, person=stands_in, alternate=True)
    HoldingFactory(seat=other, person=alone, alternate=True)
    found = participants_on(session, steering(session), TODAY)
    assert [(p.person_id, p.part, p.votes, p.company_id) for p in found] == [
        (member.id, Part.MEMBER, True, None),
        (stands_in.id, Part.ALTERNATE, False, None),
        (alone.id, Part.ALTERNATE, True, None),
    ]
    assert found[0].email == "hart@university.example"


def test_a_body_has_one_chair_at_a_time(session: Session):
    body = steering(session)
    first, second = PersonFactory(), PersonFactory()
    HoldingFactory(seat=seat_number(session, 1), person=first)
    HoldingFactory(seat=seat_number(session, 2), person=second)
    with pytest.raises(chairs.NotOnTheBody):
        chairs.name_chair(session, body, PersonFactory().id, on=TODAY, **EDGE)
    old = chairs.name_chair(session, body, first.id, on=TODAY, **EDGE)
    with pytest.raises(chairs.ChairTaken, match="already"):
        chairs.name_chair(session, body, first.id, on=TODAY, **EDGE)
    with pytest.raises(chairs.ChairTaken, match="very day"):
        chairs.name_chair(session, body, second.id, on=TODAY, **EDGE)
    ahead = date(2026, 9, 1)
    new = chairs.name_chair(session, body, second.id, on=ahead, **EDGE)
    assert (old.ends_before, new.ends_before) == (ahead, None)
    told = [queries.chair_on(session, body.id, day) for day in (TODAY, ahead)]
    assert [chair.person_id for chair in told if chair] == [first.id, second.id]
    with pytest.raises(TooEarly):
        chairs.end_chair(session, new, on=ahead, **EDGE)
    chairs.end_chair(session, new, on=date(2026, 12, 1), **EDGE)
    assert queries.chair_on(session, body.id, date(2026, 12, 1)) is None


def test_who_no_longer_sits_on_the_body_leads_nothing(session: Session):
    body, person = steering(session), PersonFactory()
    holding = HoldingFactory(seat=seat_number(session, 1), person=person)
    chair = chairs.name_chair(session, body, person.id, on=TODAY, **EDGE)
    ahead = TODAY + timedelta(days=30)
    operations.end_holding(session, holding, on=ahead, reason=None, today=TODAY, **EDGE)
    told = [
        chairs.leads(chair, titled_on(session, body.id, day))
        for day in (ahead - timedelta(days=1), ahead)
    ]
    assert told == [True, False]


def test_who_was_elected_and_left_the_associates_sits_on_the_council_no_more(session: Session):
    council = session.scalars(select(Body).where(Body.key == "council")).one()
    company = MembershipFactory(tier="associate", years=2).company
    job = AffiliationFactory(company=company, ends_before=TODAY)
    seat = session.scalars(select(Seat).where(Seat.title == ELECTED)).one()
    HoldingFactory(seat=seat, person=job.person)
    there = [
        [sitter.person_id for sitter in chairs.sitting_on(session, council, day)]
        for day in (TODAY - timedelta(days=1), TODAY)
    ]
    assert there == [[job.person_id], []]


def test_the_database_refuses_a_second_chair(session: Session):
    body, person = steering(session), PersonFactory()
    for n in range(2):
        session.add(Chair(body_id=body.id, person_id=person.id, starts_on=TODAY, created_at=NOW))
        if n == 0:
            session.flush()
    with pytest.raises(IntegrityError, match="ex_chair_one"):
        session.flush()
    session.rollback()


def test_a_seat_has_a_company_or_a_title(session: Session):
    body = steering(session)
    for more in ({}, {"company_id": 1, "title": "Seat 9"}):
        session.add(Seat(body_id=body.id, kind="own", created_at=NOW, **more))
        with pytest.raises(IntegrityError, match="ck_seat_company_or_title"):
            session.flush()
        session.rollback()
