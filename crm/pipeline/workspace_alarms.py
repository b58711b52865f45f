"""What of major partnerships needs somebody: a screening in question, an NDA that ends, no step."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, literal, select

from crm.activities.models import Task
from crm.companies.models import Company
from crm.partnerships import screening
from crm.partnerships.workspace_models import Partnership
from crm.partnerships.workspace_rules import AHEAD, Nda
from crm.pipeline import queries
from crm.pipeline.models import Opportunity

POSSIBLE, NDA_ENDS, NO_STEP = "possible match", "NDA ends", "no next step"


@lru_cache(maxsize=16)
def alarms(day: date) -> Select[Any]:
    """Id, title, company, alarm and its day, the earliest first; of open workspaces alone."""
    in_question = screening.in_question(day).subquery()
    open_ = (
        select(Partnership.id)
        .join(Opportunity, Opportunity.partnership_id == Partnership.id)
        .where(Partnership.closed_on.is_(None), queries.IS_OPEN)
    )
    matched = (
        select(
            Partnership.id,
            literal(POSSIBLE).label("alarm"),
            in_question.c.screened_on.label("on"),
        )
        .join(in_question, in_question.c.company_id == Partnership.company_id)
        .where(Partnership.id.in_(open_))
    )
    # An NDA binds until its last day, whatever became of the opportunity: the workspace says. The
    # twin of `workspace_rules.nda_alarms`.
    ending = select(Partnership.id, literal(NDA_ENDS), Partnership.nda_expires_on).where(
        Partnership.closed_on.is_(None),
        Partnership.nda == Nda.SIGNED,
        Partnership.nda_expires_on <= day + AHEAD,
    )
    idle = (
        select(Partnership.id, literal(NO_STEP), Opportunity.stage_since)
        .join(Opportunity, Opportunity.partnership_id == Partnership.id)
        .where(
            Partnership.closed_on.is_(None),
            queries.IS_OPEN,
            ~queries.parked(day),
            queries.next_step(Task.id).is_(None),
        )
    )
    due = matched.union_all(ending, idle).subquery()
    return (
        select(due.c.id, Partnership.title, Company.name.label("company"), due.c.alarm, due.c.on)
        .join(Partnership, Partnership.id == due.c.id)
        .join(Company, Company.id == Partnership.company_id)
        .order_by(due.c.on, due.c.id, due.c.alarm)
    )
