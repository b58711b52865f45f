"""What surrounds an opportunity: its contacts and tasks, and leave to approach its company."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from sqlalchemy import Select, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.activities import queries as activities
from crm.activities.models import Clearance, Task, Touch
from crm.memberships.models import Tier
from crm.pipeline.models import LostReason, OpportunityTask, OpportunityTouch, Stage

MOST = 50


@dataclass(frozen=True, kw_only=True)
class Contact:
    """A contact report as one viewer may see it: without its text, it says there was one."""

    id: int
    kind: str
    on: date
    by: str
    text: str
    confidential: bool


def contacts(session: Session, opportunity_id: int, viewer: Viewer) -> Sequence[Contact]:
    """Those about this opportunity, the latest first. One SELECT."""
    found = session.execute(_contacts(viewer), {"opportunity": opportunity_id})
    return [
        Contact(
            id=touch.id,
            kind=touch.kind.value,
            on=touch.on,
            by=by,
            text=touch.text if reads else "",
            confidential=touch.confidential,
        )
        for touch, by, reads in found
    ]


@lru_cache(maxsize=64)
def _contacts(viewer: Viewer) -> Select[Touch, str, bool]:
    return (
        select(Touch, UserAccount.name, activities.read_by(viewer))
        .join(OpportunityTouch, OpportunityTouch.touch_id == Touch.id)
        .join(UserAccount, UserAccount.id == Touch.by_id)
        .where(
            OpportunityTouch.opportunity_id == bindparam("opportunity"),
            Touch.struck_at.is_(None),
            activities.seen_by(viewer),
        )
        .order_by(Touch.on.desc(), Touch.id.desc())
        .limit(MOST)
    )


def tasks(session: Session, opportunity_id: int) -> Sequence[Task]:
    """Its tasks with their owners, open ones first, by day. One SELECT."""
    return session.scalars(_tasks(), {"opportunity": opportunity_id}).all()


@cache
def _tasks() -> Select[Task]:
    over = or_(Task.done_on.is_not(None), Task.dropped_on.is_not(None))
    return (
        select(Task)
        .join(OpportunityTask, OpportunityTask.task_id == Task.id)
        .where(OpportunityTask.opportunity_id == bindparam("opportunity"))
        .options(joinedload(Task.owner))
        .order_by(over, Task.due_on, Task.id)
        .limit(MOST)
    )


def clearances(session: Session, company_id: int) -> Sequence[Clearance]:
    """Every leave to approach the company, the latest first. One SELECT."""
    return session.scalars(_clearances(), {"company": company_id}).all()


@cache
def _clearances() -> Select[Clearance]:
    return (
        select(Clearance)
        .where(Clearance.company_id == bindparam("company"))
        .order_by(Clearance.starts_on.desc(), Clearance.id.desc())
        .limit(MOST)
    )


def names(session: Session, mode_id: int, user_ids: Collection[int]) -> dict[str, dict[int, str]]:
    """What the ids in an opportunity's history stand for, by column. One SELECT."""
    parts = {
        "stage_id": select(Stage.id, Stage.name).where(Stage.mode_id == mode_id),
        "lost_reason_id": select(LostReason.id, LostReason.name),
        "tier_id": select(Tier.id, Tier.name),
        "owner_id": select(UserAccount.id, UserAccount.name).where(UserAccount.id.in_(user_ids)),
    }
    together = union_all(
        *(part.add_columns(literal(column).label("column")) for column, part in parts.items())
    )
    found: dict[str, dict[int, str]] = {column: {} for column in parts}
    for id_, name, column in session.execute(together):
        found[column][id_] = name
    return found
