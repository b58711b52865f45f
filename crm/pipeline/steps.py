"""What is done about an opportunity: its contact reports, and its next steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from crm.activities import operations as activities
from crm.activities.models import Task, Touch
from crm.activities.operations import NewTask, NewTouch
from crm.kit.actors import Actor
from crm.pipeline.models import Opportunity, OpportunityTask, OpportunityTouch


def plan_step(
    session: Session, opportunity: Opportunity, draft: NewTask, *, by: Actor, now: datetime
) -> Task:
    """A task of this opportunity; the earliest open one is its next step."""
    owned = replace(
        draft,
        company_id=opportunity.company_id,
        owner_id=draft.owner_id or opportunity.owner_id,
    )
    task = activities.add_task(session, owned, by=by, now=now)
    session.add(OpportunityTask(opportunity_id=opportunity.id, task_id=task.id))
    session.flush()
    return task


def report_contact(
    session: Session, opportunity: Opportunity, draft: NewTouch, *, by: Actor, now: datetime
) -> Touch:
    """A contact report that was about this opportunity."""
    about = replace(draft, company_id=opportunity.company_id)
    touch = activities.log_touch(session, about, by=by, now=now)
    session.add(OpportunityTouch(opportunity_id=opportunity.id, touch_id=touch.id))
    session.flush()
    return touch
