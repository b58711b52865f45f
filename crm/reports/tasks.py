"""Somebody's tasks, as the list asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from crm.activities import queries
from crm.activities.models import Task
from crm.companies.models import Company
from crm.pipeline.models import OpportunityTask


@dataclass(frozen=True, kw_only=True)
class TaskSearch:
    """Whose, and in which state: open (soonest first), done or dropped (latest first)."""

    owner_id: int
    state: str = "open"

    def select(self) -> Select[Any]:
        found: Select[Any] = (
            select(  # type: ignore[assignment]
                Task.id,
                Task.title,
                Task.due_on,
                Task.done_on,
                Task.dropped_on,
                Task.company_id,
                Company.name.label("company"),
                OpportunityTask.opportunity_id,
            )
            .outerjoin(Company, Company.id == Task.company_id)
            .outerjoin(OpportunityTask, OpportunityTask.task_id == Task.id)
            .where(Task.owner_id == self.owner_id)
        )
        if self.state == "done":
            ended = found.where(Task.done_on.is_not(None))
            return ended.order_by(Task.done_on.desc(), Task.id.desc())
        if self.state == "dropped":
            ended = found.where(Task.dropped_on.is_not(None))
            return ended.order_by(Task.dropped_on.desc(), Task.id.desc())
        return found.where(queries.open_tasks()).order_by(Task.due_on, Task.id)
