"""The pipeline of a day is what one saw who had stood beside it on that day."""

from __future__ import annotations

import random
from datetime import date, timedelta

from sqlalchemy import select

from crm.kit.actors import Actor
from crm.pipeline import asof, ending, operations, queries
from crm.pipeline.models import Mode, Stage
from tests.conftest import NOW
from tests.factories.companies import CompanyFactory

BY = {"by": Actor(1, "Sam Okafor"), "now": NOW}
FIRST = date(2026, 1, 1)
A_DAY = timedelta(days=1)


def test_it_is_what_was_seen_on_each_day(session):
    chance = random.Random(7)
    mode = session.scalars(select(Mode).where(Mode.key == "factories")).one()
    stages = session.scalars(select(Stage).where(Stage.mode_id == mode.id)).all()
    reason = queries.lost_reasons(session, mode.id)[0][0]
    companies = [CompanyFactory().id for _ in range(8)]
    made, seen = [], {}
    for day in (FIRST + n * A_DAY for n in range(45)):
        if len(made) < len(companies) and chance.random() < 0.4:
            made.append(
                operations.open_opportunity(
                    session,
                    company_id=companies[len(made)],
                    mode_id=mode.id,
                    owner_id=None,
                    on=day,
                    **BY,
                )
            )
        for opportunity in chance.sample(made, k=len(made) // 3):
            _act(session, opportunity, chance, stages, reason, day)
        seen[day] = {
            (o.id, session.get_one(Stage, o.stage_id).name, _is_parked(o, day))
            for o in made
            if o.won_on is None and o.lost_on is None
        }
    for day, was in seen.items():
        told = {(line.id, line.stage, line.parked) for line in asof.open_on(session, day)}
        assert told == was, day
    assert asof.open_on(session, FIRST - A_DAY) == []


def _act(session, opportunity, chance, stages, reason, day):
    edge = {**BY, "today": day}
    if opportunity.won_on is not None or opportunity.lost_on is not None:
        ending.reopen(session, opportunity, **edge)
        return
    match chance.choice(("move", "move", "move", "park", "unpark", "win", "lose")):
        case "move":
            others = [stage.id for stage in stages if stage.id != opportunity.stage_id]
            operations.move(session, opportunity, chance.choice(others), on=day, **edge)
        case "park" if opportunity.parked_until is None:
            operations.park(session, opportunity, day + 400 * A_DAY, **edge)
        case "unpark" if opportunity.parked_until is not None:
            operations.unpark(session, opportunity, **edge)
        case "win":
            ending.win(session, opportunity, on=day, **edge)
        case "lose":
            ending.lose(session, opportunity, reason, on=day, **edge)


def _is_parked(opportunity, day):
    return opportunity.parked_until is not None and day < opportunity.parked_until
