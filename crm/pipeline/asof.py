"""The pipeline as it stood on a day, told by its dated acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from crm.pipeline.models import Mode, Opportunity, Stage, StageChange
from crm.pipeline.rules import ENDS, Move


class OpenOn(NamedTuple):
    """An opportunity that was open on the day, in the stage it stood in then."""

    id: int
    company_id: int
    mode_position: int
    mode: str
    stage_position: int
    stage: str
    probability: int
    expected_on: date | None
    value_minor: int | None
    currency: str
    parked: bool


def open_on(session: Session, day: date) -> Sequence[OpenOn]:
    """Its last act by that day was no end. One SELECT.

    Parked: the last act parked it, and either a later act ended that, or the day it was parked
    until had not come.
    """
    place = (
        func.row_number()
        .over(
            partition_by=StageChange.opportunity_id,
            order_by=(StageChange.on.desc(), StageChange.id.desc()),
        )
        .label("place")
    )
    acts = (
        select(StageChange.opportunity_id, StageChange.to_stage_id, StageChange.move, place)
        .where(StageChange.on <= day)
        .subquery()
    )
    later = aliased(StageChange)
    changed_later = exists().where(later.opportunity_id == Opportunity.id, later.on > day)
    was_parked = and_(
        acts.c.move == Move.PARKED, or_(changed_later, Opportunity.parked_until > day)
    )
    found = session.execute(
        select(
            Opportunity.id,
            Opportunity.company_id,
            Mode.position,
            Mode.name,
            Stage.position,
            Stage.name,
            Stage.probability,
            Opportunity.expected_on,
            Opportunity.value_minor,
            Opportunity.currency,
            was_parked,
        )
        .join(acts, and_(acts.c.opportunity_id == Opportunity.id, acts.c.place == 1))
        .join(Stage, Stage.id == acts.c.to_stage_id)
        .join(Mode, Mode.id == Opportunity.mode_id)
        .where(acts.c.move.not_in(ENDS))
        .order_by(Mode.position, Stage.position, Opportunity.id)
    )
    return [OpenOn._make(row) for row in found]
