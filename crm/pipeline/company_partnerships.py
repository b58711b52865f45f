"""A company's major partnerships, as a part of what its page tells."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BindParameter, Select, case, literal, select

from crm.partnerships.workspace_models import Partnership
from crm.pipeline.models import Opportunity, Stage


def part(company_id: BindParameter[int]) -> Select[Any]:
    """Rows of what, id, text, more (the stage, or how it ended), starts_on, ends_before: the day it
    was closed. Open ones first."""
    stands = case(
        (Opportunity.won_on.is_not(None), "Won"),
        (Opportunity.lost_on.is_not(None), "Ended"),
        else_=Stage.name,
    )
    return (
        select(
            literal("partnership"),
            Partnership.id,
            Partnership.title,
            stands,
            Partnership.opened_on,
            Partnership.closed_on,
        )
        .join(Opportunity, Opportunity.partnership_id == Partnership.id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(Partnership.company_id == company_id)
        .order_by(Partnership.closed_on.is_not(None), Partnership.id.desc())
    )
