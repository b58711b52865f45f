"""Racers at a company's last place: one gets it. Without the database's word, more would."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crm.council import place_rules, places
from crm.council.models import Body, Place
from crm.council.place_rules import PlaceRole
from crm.council.places import NewPlace
from crm.kit.actors import Actor
from tests.conftest import NOW, TODAY
from tests.factories.companies import AffiliationFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory
from tests.racing import race

RACERS = 6
BY = Actor(1, "Sam Okafor")
UNGUARDED = {
    "sqlite": (
        "DROP TRIGGER ex_place_one_a_slot_insert",
        "DROP TRIGGER ex_place_one_a_slot_update",
    ),
    "postgresql": ("ALTER TABLE place DROP CONSTRAINT ex_place_one_a_slot",),
}


def take(group_id: int, company_id: int, person_id: int, session: Session) -> None:
    wanted = NewPlace(person_id=person_id, company_id=company_id, starts_on=TODAY)
    places.take(session, session.get_one(Body, group_id), wanted, by=BY, now=NOW)


def push_in(group_id: int, company_id: int, person_id: int, session: Session) -> None:
    """Who has looked before: a place without asking what is taken by now."""
    place = Place(
        body_id=group_id, company_id=company_id, person_id=person_id, slot=2,
        role=PlaceRole.MEMBER, starts_on=TODAY, created_at=NOW,
    )  # fmt: skip
    places._write(session, place)


def at_the_last_place(session: Session) -> tuple[int, int, list[int]]:
    company = MembershipFactory(tier="member").company
    group = WorkingGroupFactory()
    PlaceFactory(group=group, company=company)
    people = [AffiliationFactory(company=company).person_id for _ in range(RACERS)]
    session.commit()
    return group.id, company.id, people


def counted(session: Session, group_id: int) -> int:
    found = session.scalar(select(func.count()).where(Place.body_id == group_id, Place.slot == 2))
    session.rollback()
    return found or 0


@pytest.mark.parametrize("act", [take, push_in])
def test_of_those_who_want_the_last_place_one_gets_it(app: Flask, session: Session, act):
    group, company, people = at_the_last_place(session)
    session.rollback()
    ends = race(app, [partial(act, group, company, person) for person in people])
    assert ends.count(None) == 1
    assert all(end is None or isinstance(end, place_rules.PlacesUsedUp) for end in ends)
    assert counted(session, group) == 1


def test_of_groups_joined_at_once_no_more_than_the_tier_gives(app: Flask, session: Session):
    company = MembershipFactory(tier="member").company
    groups = [WorkingGroupFactory().id for _ in range(RACERS)]
    person, company_id = AffiliationFactory(company=company).person_id, company.id
    session.commit()
    ends = race(app, [partial(take, group, company_id, person) for group in groups])
    assert ends.count(None) == 2
    assert all(end is None or isinstance(end, place_rules.GroupsUsedUp) for end in ends)


def test_without_the_constraint_the_race_is_lost(session: Session, fresh_database):
    """The negative control: it is the database that refuses, not luck. Never committed."""
    group, company, people = at_the_last_place(session)
    for statement in UNGUARDED[fresh_database.kind]:
        session.execute(text(statement))
    for person in people[:2]:
        push_in(group, company, person, session)
    found = select(func.count()).where(Place.body_id == group, Place.slot == 2)
    assert session.scalar(found) == 2
    session.rollback()
    push_in(group, company, people[0], session)
    with pytest.raises(place_rules.PlacesUsedUp):
        push_in(group, company, people[1], session)
