"""What SQL says of an opportunity is what the rules say, on both sides of every edge."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.pipeline import queries
from crm.pipeline.models import Opportunity, OpportunityTask, Stage
from crm.pipeline.rules import parked_on, stalled_on, weighted
from tests.conftest import TODAY
from tests.factories.activities import TaskFactory, TouchFactory
from tests.factories.pipeline import OpportunityFactory

AFTER = 30
AROUND = (-1, 0, 1)


def ago(days):
    return None if days is None else TODAY - timedelta(days=days)


@pytest.mark.parametrize("moved", [AFTER + edge for edge in AROUND])
@pytest.mark.parametrize("touched", [None, *(AFTER + edge for edge in AROUND)])
@pytest.mark.parametrize("step", [None, *AROUND])
@pytest.mark.parametrize("back", [None, *AROUND])
def test_stalled(session, moved, touched, step, back):
    opportunity = OpportunityFactory(stage_since=ago(moved), parked_until=ago(back))
    if touched is not None:
        TouchFactory(company=opportunity.company, on=ago(touched))
        TouchFactory(company=opportunity.company, on=TODAY, struck=True)
        TouchFactory(on=TODAY)
    if step is not None:
        for due, done in ((ago(step), False), (ago(90), False), (ago(-9), True)):
            task = TaskFactory(company=opportunity.company, due_on=due, done=done)
            session.add(OpportunityTask(opportunity_id=opportunity.id, task_id=task.id))
    session.flush()
    found = session.scalar(select(queries.stalled(TODAY, AFTER)).select_from(Opportunity))
    assert bool(found) == stalled_on(
        TODAY,
        stage_since=ago(moved),
        last_touch_on=ago(touched),
        last_step_on=ago(step),
        parked_until=ago(back),
        stalled_after_days=AFTER,
    )


@pytest.mark.parametrize("minor", [None, 0, 1, 10, 50, 99, 101, 333_333_33, 10**15])
def test_weighted_and_parked(session, minor):
    for edge in (None, *AROUND):
        OpportunityFactory(value_minor=minor, at="qualified", parked_until=ago(edge))
        OpportunityFactory(value_minor=minor, at="out-for-signature", parked_until=ago(edge))
    found = session.execute(
        select(
            Opportunity.parked_until,
            Stage.probability,
            queries.parked(TODAY),
            queries.weighted_minor(TODAY),
        ).join(Opportunity.stage)
    ).all()
    assert len(found) == 8
    for until, probability, is_parked, counts_for in found:
        assert bool(is_parked) == parked_on(TODAY, until)
        assert counts_for == weighted(minor, probability, parked=parked_on(TODAY, until))
