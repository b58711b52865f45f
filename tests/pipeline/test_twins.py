"""What SQL says of an opportunity is what the rules say, on both sides of every edge."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

from sqlalchemy import select

from crm.pipeline import queries
from crm.pipeline.models import Opportunity, OpportunityTask, Stage
from crm.pipeline.rules import parked_on, stalled_on, weighted
from tests.conftest import TODAY
from tests.factories.activities import TaskFactory, TouchFactory
from tests.factories.companies import UserFactory
from tests.factories.pipeline import OpportunityFactory

AFTER = 30
AROUND = (-1, 0, 1)
QUIET = tuple(AFTER + edge for edge in AROUND)


def ago(days):
    return None if days is None else TODAY - timedelta(days=days)


def test_stalled(session):
    user = UserFactory().id
    expected = {}
    for moved, touched, step, back in product(QUIET, (None, *QUIET), (None, *AROUND), (None, 0, 1)):
        made = OpportunityFactory(stage_since=ago(moved), parked_until=ago(back))
        if touched is not None:
            TouchFactory(company=made.company, on=ago(touched), by_id=user)
            TouchFactory(company=made.company, on=TODAY, by_id=user, struck=True)
        if step is not None:
            for due, done in ((ago(step), False), (ago(90), False), (ago(-9), True)):
                task = TaskFactory(company=made.company, due_on=due, done=done, owner_id=user)
                session.add(OpportunityTask(opportunity_id=made.id, task_id=task.id))
        expected[made.id] = stalled_on(
            TODAY,
            stage_since=ago(moved),
            last_touch_on=ago(touched),
            last_step_on=ago(step),
            parked_until=ago(back),
            stalled_after_days=AFTER,
        )
    session.flush()
    found = session.execute(select(Opportunity.id, queries.stalled(TODAY, AFTER))).all()
    assert {id_: bool(said) for id_, said in found} == expected
    assert set(expected.values()) == {True, False}


def test_weighted_and_parked(session):
    values = (None, 0, 1, 10, 50, 99, 101, 333_333_33, 10**15)
    for minor, edge, at in product(
        values, (None, *AROUND), ("qualified", "campus-visit", "out-for-signature")
    ):
        OpportunityFactory(value_minor=minor, at=at, parked_until=ago(edge))
    found = session.execute(
        select(
            Opportunity.value_minor,
            Opportunity.parked_until,
            Stage.probability,
            queries.parked(TODAY),
            queries.weighted_minor(TODAY),
        ).join(Opportunity.stage)
    ).all()
    assert len(found) == len(values) * 4 * 3
    for minor, until, probability, is_parked, counts_for in found:
        assert bool(is_parked) == parked_on(TODAY, until)
        assert counts_for == weighted(minor, probability, parked=parked_on(TODAY, until))
