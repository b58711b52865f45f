"""A group closes on one day, told in one place; what was had until then stays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.council import place_queries
from crm.council import queries as council
from crm.council.models import Body, Place
from crm.council.place_rules import TooEarly
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.working_groups import deliverables, joining, mailings, operations, queries
from crm.working_groups.deliverables import NewDeliverable
from crm.working_groups.mailings import NewMailing
from crm.working_groups.operations import AlreadyClosed
from crm.working_groups.queries import GroupSearch
from crm.working_groups.rules import Answer, DeliverableKind
from tests.conftest import NOW, TODAY
from tests.factories.companies import PersonFactory
from tests.factories.working_groups import AskingFactory, PlaceFactory, WorkingGroupFactory
from tests.working_groups.test_joining import DATED, draft

SOON = TODAY + timedelta(days=30)


def close(session, group, on: date, *, today: date = TODAY):
    told = {"by": Actor(1, "Sam Okafor"), "now": NOW, "today": today}
    kept = queries.get(session, group.id)
    operations.close(session, kept, on=on, reason="It is done", **told)
    return kept


def test_closing_ends_the_places_and_answers_who_waits(session):
    group = WorkingGroupFactory()
    place, ahead = PlaceFactory(group=group), PlaceFactory(group=group, starts_on=date(2026, 9, 1))
    asking = AskingFactory(group=group)
    ahead_id = ahead.id
    kept = close(session, group, TODAY)
    assert (place.ends_before, kept.closed_on) == (TODAY, TODAY)
    assert session.get(Place, ahead_id) is None
    assert (asking.answer, asking.answered_on) == (Answer.WITHDRAWN, TODAY)
    assert place_queries.members_on(session, TODAY, body_id=group.id) == []
    with pytest.raises(AlreadyClosed):
        close(session, group, TODAY)


def test_a_closing_day_of_the_past_takes_no_place_away(session):
    """Who came in February was there, and the minutes name them."""
    group = WorkingGroupFactory()
    places = [PlaceFactory(group=group, starts_on=date(2026, month, 1)).id for month in (2, 5)]
    for on in (date(2026, 1, 1), date(2026, 3, 1), date(2026, 5, 1)):
        with pytest.raises(TooEarly, match="May 2, 2026 at the earliest"):
            close(session, group, on)
    assert session.scalars(select(Place.id).order_by(Place.id)).all() == places
    close(session, group, date(2026, 5, 2))
    kept = session.scalars(select(Place.ends_before).where(Place.id.in_(places))).all()
    assert kept == [date(2026, 5, 2)] * 2


def test_nor_does_it_move_the_day_on_which_somebody_left(session):
    group = WorkingGroupFactory()
    PlaceFactory(group=group, ends_before=date(2026, 5, 1), end_reason="New job")
    with pytest.raises(TooEarly, match="May 1, 2026 at the earliest"):
        close(session, group, date(2026, 4, 30))
    close(session, group, date(2026, 5, 1))


def test_a_group_is_not_closed_before_it_was_founded_nor_founded_after_it_closes(session):
    group = WorkingGroupFactory()
    with pytest.raises(RuleBroken, match="founded on October 1, 2025"):
        close(session, group, date(2025, 9, 30))
    kept = close(session, group, SOON)
    late = draft(founded_on=SOON + timedelta(days=1))
    with pytest.raises(RuleBroken, match="founded no later"):
        operations.edit(session, kept, late, version=kept.version, today=TODAY)


def test_up_to_its_last_day_a_group_that_closes_is_open(session):
    group = WorkingGroupFactory()
    asking = AskingFactory(group=group)
    kept = close(session, group, SOON)
    assert asking.answered_on == TODAY
    assert joining.appoint(session, kept, PersonFactory().id, on=TODAY, **DATED).ends_before == SOON
    operations.edit(session, kept, draft(), version=kept.version, today=TODAY)
    acts = (
        lambda today: mailings.write(
            session, kept, NewMailing(subject="A", text="B"), **{**DATED, "today": today}
        ),
        lambda today: deliverables.plan(
            session, kept, NewDeliverable(title="A", kind=DeliverableKind.OTHER),
            **{**DATED, "today": today},
        ),
        lambda today: joining.appoint(
            session, kept, PersonFactory().id, on=TODAY, **{**DATED, "today": today}
        ),
    )  # fmt: skip
    for act in acts:
        act(SOON - timedelta(days=1))
        with pytest.raises(AlreadyClosed, match="closed since"):
            act(SOON)

    def listed(show: str, day: date) -> list[int]:
        return [row.id for row in session.execute(GroupSearch(day=day, show=show).select())]

    for day, is_open in ((SOON - timedelta(days=1), True), (SOON, False)):
        assert listed("open", day) == [group.id] * is_open
        assert listed("closed", day) == [group.id] * (not is_open)
        asked = {body.id for body in council.bodies(session, day, with_groups=True)}
        assert (group.id in asked) is is_open


def test_a_group_that_closes_may_close_sooner(session):
    group = WorkingGroupFactory()
    place = PlaceFactory(group=group)
    close(session, group, SOON)
    for on in (SOON, SOON + timedelta(days=1)):
        with pytest.raises(AlreadyClosed, match="Choose an earlier day"):
            close(session, group, on)
    close(session, group, TODAY)
    assert place.ends_before == session.get_one(Body, group.id).retired_on == TODAY
