"""Somebody leaves: their account closes and their work passes to a colleague, in one act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from crm.accounts import operations as accounts
from crm.accounts import queries as users
from crm.accounts.models import UserAccount
from crm.accounts.policy import GRANTS, Permission, Viewer
from crm.activities import handover as activities
from crm.companies import handover as companies
from crm.journal import operations as journal
from crm.journal.bulk import set_column
from crm.kit.errors import RuleBroken
from crm.pipeline.models import Inquiry, Opportunity


class NeedsSuccessor(RuleBroken):
    """Work must not be left with a closed account."""


@dataclass(frozen=True)
class Work:
    """What somebody would leave behind."""

    companies: int
    opportunities: int
    tasks: int
    inquiries: int

    @property
    def any(self) -> bool:
        return bool(self.companies or self.opportunities or self.tasks or self.inquiries)

    @property
    def words(self) -> str:
        """`2 companies, 1 open task`"""
        counted = (
            (self.companies, "company", "companies"),
            (self.opportunities, "open opportunity", "open opportunities"),
            (self.tasks, "open task", "open tasks"),
            (self.inquiries, "inquiry waiting", "inquiries waiting"),
        )
        return ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in counted if n)


def work_of(session: Session, user_id: int) -> Work:
    return Work(
        companies=companies.owned(session, user_id),
        opportunities=_count(session, _open_opportunities(user_id)),
        tasks=activities.open_tasks(session, user_id),
        inquiries=_count(session, _waiting_inquiries(user_id)),
    )


def successors(session: Session, user_id: int) -> list[tuple[int, str]]:
    """Who can take over: active users who may work in the pipeline."""
    able = users.holders(session, GRANTS[Permission.PIPELINE_EDIT])
    return [(id_, name) for id_, name in able if id_ != user_id]


def retire(
    session: Session, user_id: int, *, successor_id: int | None, by: Viewer, now: datetime
) -> UserAccount:
    """Disable the account and hand its work over."""
    user = users.get(session, user_id)
    work = work_of(session, user_id)
    able = dict(successors(session, user_id))
    if successor_id is not None and successor_id not in able:
        raise NeedsSuccessor("Choose an active colleague of the staff.", field="successor")
    if work.any and successor_id is None:
        raise NeedsSuccessor(f"Say who takes over: {work.words}.", field="successor")
    accounts.disable(session, user, by=by, now=now)
    if successor_id is not None and work.any:
        _hand_over(session, user_id, successor_id, by=by, now=now)
        said = f"{work.words} to {able[successor_id]}"
        journal.note(
            session,
            "handed over",
            kind="user",
            record_id=user_id,
            label=said,
            by=by.actor,
            now=now,
        )
    return user


def _hand_over(session: Session, user_id: int, to: int, *, by: Viewer, now: datetime) -> None:
    companies.hand_over(session, user_id, to, by=by.actor, now=now)
    activities.hand_over(session, user_id, to, by=by.actor, now=now)
    set_column(
        session,
        Opportunity.owner_id,
        to,
        where=_open_opportunities(user_id),
        parent=("company", Opportunity.company_id),
        by=by.actor,
        now=now,
    )
    set_column(
        session, Inquiry.owner_id, to, where=_waiting_inquiries(user_id), by=by.actor, now=now
    )


def _open_opportunities(user_id: int) -> ColumnElement[bool]:
    return and_(
        Opportunity.owner_id == user_id,
        Opportunity.won_on.is_(None),
        Opportunity.lost_on.is_(None),
    )


def _waiting_inquiries(user_id: int) -> ColumnElement[bool]:
    return and_(Inquiry.owner_id == user_id, Inquiry.outcome.is_(None))


def _count(session: Session, where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(where)) or 0
