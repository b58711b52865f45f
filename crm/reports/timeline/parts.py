"""What the time line is made of, beside what other rooms tell of themselves: contacts, tasks done,
stages, inquiries.

Rows of what, id, on, title, text, by, by_id, confidential; the latest first.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    select,
    type_coerce,
)

from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.activities import queries as activities
from crm.activities.models import Task, Touch
from crm.pipeline.models import Inquiry, Mode, Opportunity, Stage, StageChange

THIS: BindParameter[int] = bindparam("company_id", type_=Integer)
TODAY: BindParameter[date] = bindparam("today", type_=Date)

ASKED, ANSWERED = "inquiry", "answered"


def touches(viewer: Viewer) -> Select[Any]:
    found: Select[Any] = (
        select(
            literal("touch").label("what"),
            Touch.id.label("id"),
            Touch.on.label("on"),
            type_coerce(Touch.kind, String).label("title"),
            case((activities.read_by(viewer), Touch.text), else_=null()).label("text"),
            UserAccount.name.label("by"),
            Touch.by_id.label("by_id"),
            Touch.confidential.label("confidential"),
        )
        .join(Touch.by)
        .where(
            Touch.company_id == THIS,
            Touch.struck_at.is_(None),
            activities.seen_by(viewer),
        )
    )
    return found.order_by(Touch.on.desc(), Touch.id.desc())


def tasks() -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            literal("task"),
            Task.id,
            Task.done_on,
            literal("Done"),
            Task.title,
            UserAccount.name,
            Task.owner_id,
            false(),
        )
        .join(Task.owner)
        .where(Task.company_id == THIS, Task.done_on.is_not(None))
    )
    return found.order_by(Task.done_on.desc(), Task.id.desc())


def stages() -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            literal("stage"),
            StageChange.opportunity_id,
            StageChange.on,
            type_coerce(StageChange.move, String),
            Mode.name + ": " + Stage.name,
            StageChange.by_name,
            StageChange.by_id,
            false(),
        )
        .join(StageChange.opportunity)
        .join(Opportunity.mode)
        .join(Stage, Stage.id == StageChange.to_stage_id)
        .where(Opportunity.company_id == THIS)
    )
    return found.order_by(StageChange.on.desc(), StageChange.id.desc())


def inquiries(what: str, at: SQLColumnExpression[Any]) -> Select[Any]:
    """What came in, or what was answered. `title` is the moment, which has its day in a zone."""
    answered = what == ANSWERED
    found: Select[Any] = select(  # type: ignore[assignment]
        literal(what),
        Inquiry.id,
        type_coerce(func.date(at), Date),
        cast(at, String),
        literal("") if answered else Inquiry.message,
        literal("") if answered else Inquiry.name,
        literal(0),
        false(),
    ).where(Inquiry.company_id == THIS, at.is_not(None))
    return found.order_by(at.desc(), Inquiry.id.desc())
