"""A group that closes while people come into it: nobody stays in a closed group."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import Executable, func, or_, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import places
from crm.council.models import Body, Place
from crm.council.place_rules import PlaceRole
from crm.council.places import GroupClosed, NewPlace
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.working_groups.models import WorkingGroup
from tests.conftest import NOW, TODAY
from tests.factories.companies import PersonFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory
from tests.racing import race

BY = Actor(1, "Sam Okafor")
UNGUARDED = {
    "sqlite": (
        "DROP TRIGGER place_within_group_insert",
        "DROP TRIGGER place_within_group_update",
        "DROP TRIGGER group_outlives_places_update",
    ),
    "postgresql": (
        "DROP TRIGGER place_within_group ON place",
        "DROP TRIGGER group_outlives_places ON body",
    ),
}


def take(group_id: int, person_id: int, session: Session) -> None:
    body = session.get_one(Body, group_id)
    wanted = NewPlace(person_id=person_id, company_id=None, starts_on=TODAY)
    places.take(session, body, wanted, by=BY, now=NOW)


def push_in(group_id: int, person_id: int, session: Session) -> None:
    """Who has looked before: a place without asking whether the group is open by now."""
    session.add(
        Place(
            body_id=group_id, person_id=person_id, role=PlaceRole.MEMBER, starts_on=TODAY,
            created_at=NOW,
        )
    )  # fmt: skip
    try:
        session.flush()
    except IntegrityError as error:
        assert "place_within_group" in str(error.orig)  # noqa: PT017
        raise GroupClosed("The group closed.") from None


def close(group_id: int, session: Session) -> None:
    body = session.get_one(Body, group_id)
    places.close_group(session, body, on=TODAY, by=BY, now=NOW, today=TODAY)


def beyond(session: Session, group_id: int) -> int:
    reach = or_(Place.ends_before.is_(None), Place.ends_before > TODAY)
    found = session.scalar(select(func.count()).where(Place.body_id == group_id, reach))
    return found or 0


@pytest.mark.parametrize("act", [take, push_in])
def test_whoever_comes_in_as_a_group_closes_is_not_left_in_it(app: Flask, session: Session, act):
    group = WorkingGroupFactory()
    PlaceFactory(group=group, university=True)
    people, group_id = [PersonFactory().id for _ in range(4)], group.id
    session.commit()
    acts = [partial(act, group_id, person) for person in people]
    ends = race(app, [*acts[:2], partial(close, group_id), *acts[2:]])
    assert all(end is None or isinstance(end, RuleBroken) for end in ends)
    closed = session.get_one(Body, group_id).retired_on is not None
    assert closed is (ends[2] is None)
    assert beyond(session, group_id) == (0 if closed else 1 + ends.count(None))
    session.rollback()


def test_without_the_database_s_word_a_closed_group_takes_people(session, fresh_database):
    """The negative control: it is the database that refuses, not luck. Never committed."""
    group_id, person = WorkingGroupFactory(closed_on=TODAY).id, PersonFactory().id
    session.commit()
    for statement in UNGUARDED[fresh_database.kind]:
        session.execute(text(statement))
    push_in(group_id, person, session)
    assert beyond(session, group_id) == 1
    session.rollback()
    with pytest.raises(GroupClosed):
        push_in(group_id, person, session)


def test_the_database_closes_no_group_over_its_places_or_before_its_founding(session):
    group = WorkingGroupFactory()
    place, founded = PlaceFactory(group=group, university=True), group.founded_on
    closes = update(Body).where(Body.id == group.id)
    early = closes.values(retired_on=founded - timedelta(days=1))
    refused(session, closes.values(retired_on=TODAY), "group_outlives_places")
    session.delete(place)
    session.flush()
    refused(session, early, "group_closes_after_founding")
    session.execute(closes.values(retired_on=TODAY))
    later = update(WorkingGroup).where(WorkingGroup.id == group.id)
    later = later.values(founded_on=TODAY + timedelta(days=1))
    refused(session, later, "group_founded_before_closing")


def refused(session: Session, statement: Executable, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), session.begin_nested():
        session.execute(statement)
