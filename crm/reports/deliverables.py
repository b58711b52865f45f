"""What working groups make: kind, stage on the day, when it is due and where it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.models import Body
from crm.reports.columns import Column, Kind, Report, Row
from crm.working_groups import queries
from crm.working_groups.models import Deliverable
from crm.working_groups.queries import STEP
from crm.working_groups.rules import Stage

COLUMNS = (
    Column("Group", share=1.5),
    Column("Deliverable", share=2),
    Column("Kind", share=0.9),
    Column("Stage", share=0.9),
    Column("Due on", Kind.DAY, 1),
    Column("Published on", Kind.DAY, 1),
    Column("Link", share=2),
    Column("Readable by", share=0.9),
    Column("id", Kind.ID, printed=False),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By group and due day; what was planned later than the day is not there yet."""
    return [
        (
            row.group,
            row.title,
            row.kind,
            row.stage,
            row.due_on,
            row.published_on if row.stage == Stage.PUBLISHED else None,
            row.link,
            row.readers,
            row.id,
        )
        for row in session.execute(_deliverables(day))
    ]


@lru_cache(maxsize=64)
def _deliverables(day: date) -> Select[Any]:
    published_on = (
        select(func.max(STEP.on))
        .where(STEP.deliverable_id == Deliverable.id, STEP.stage == Stage.PUBLISHED, STEP.on <= day)
        .correlate(Deliverable)
        .scalar_subquery()
    )
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Deliverable.id,
            Body.name.label("group"),
            Deliverable.title,
            Deliverable.kind,
            queries.stage_on(day).label("stage"),
            Deliverable.due_on,
            published_on.label("published_on"),
            Deliverable.link,
            Deliverable.readers,
        )
        .join(Body, Body.id == Deliverable.group_id)
        .where(queries.stage_on(day).is_not(None))
    )
    return found.order_by(
        func.lower(Body.name), Deliverable.due_on.is_(None), Deliverable.due_on, Deliverable.id
    )


REPORT = Report(
    name="deliverables",
    title="Deliverables",
    about="Roadmaps, case studies and white papers of the working groups: stage, due day, link.",
    needs=P.COUNCIL_READ,
    columns=columns,
    rows=rows,
)
