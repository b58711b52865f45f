"""Terms on their way to an end: the board, and what came of those that ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from crm.accounts.models import UserAccount
from crm.activities.models import Task
from crm.companies.models import Company
from crm.kit.days import days_later
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import queries as memberships
from crm.memberships import rules as terms
from crm.memberships.models import Membership, Tier
from crm.retention import rules
from crm.retention.models import RenewalPlan
from crm.retention.rules import AHEAD, LOOK_BACK, CohortRow, Ended, Lane

FOLLOWING, DRAFTED = aliased(Membership), aliased(Membership)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A term without a signed successor. `step` and `step_on`: the next one that is open."""

    id: int
    lane: Lane
    company_id: int
    company: str
    tier: str
    founding: bool
    fee: Money
    ends_before: date
    owner_id: int | None
    owner: str
    likelihood: int | None
    step: str
    step_on: date | None
    drafted_id: int | None
    """The renewal that waits to be signed."""

    @property
    def last_day(self) -> date:
        return self.ends_before - timedelta(days=1)


def endings(
    session: Session, day: date, *, membership_id: int | None = None, owner_id: int | None = None
) -> list[Ending]:
    """Every term on the board, the soonest end first. One SELECT."""
    found = []
    for row in session.execute(_endings(day, membership_id, owner_id)):
        period = Period(row.starts_on, row.ends_before)
        lane = rules.lane_on(
            day,
            ends_before=row.ends_before,
            grace_ends_before=terms.grace_ends_before(period, row.grace_days),
        )
        if lane is not None:
            found.append(_ending(row, lane))
    return found


def _ending(row: Any, lane: Lane) -> Ending:
    return Ending(
        id=row.id,
        lane=lane,
        company_id=row.company_id,
        company=row.company,
        tier=row.tier,
        founding=row.founding,
        fee=Money(row.fee_minor, row.currency),
        ends_before=row.ends_before,
        owner_id=row.owner_id,
        owner=row.owner or "",
        likelihood=row.likelihood,
        step=row.step or "",
        step_on=row.step_on,
        drafted_id=row.drafted_id,
    )


def succeeded_by(day: date) -> ColumnElement[bool]:
    """The company of the enclosing `Membership` has a later term that both sides had signed."""
    return exists().where(
        FOLLOWING.company_id == Membership.company_id,
        FOLLOWING.starts_on >= memberships.RUNS_BEFORE,
        FOLLOWING.company_signed_on <= day,
        FOLLOWING.programme_signed_on <= day,
        or_(FOLLOWING.terminated_on.is_(None), FOLLOWING.terminated_on > FOLLOWING.starts_on),
    )


@lru_cache(maxsize=64)
def _endings(day: date, membership_id: int | None, owner_id: int | None) -> Select[Any]:
    drafted_id = (
        select(DRAFTED.id)
        .where(
            DRAFTED.company_id == Membership.company_id,
            DRAFTED.starts_on >= memberships.RUNS_BEFORE,
            DRAFTED.withdrawn_on.is_(None),
        )
        .order_by(DRAFTED.starts_on)
        .limit(1)
        .correlate(Membership)
        .scalar_subquery()
    )
    earliest = day - LOOK_BACK
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Membership.id,
            Membership.company_id,
            Company.name.label("company"),
            Tier.name.label("tier"),
            memberships.founding_on(day).label("founding"),
            memberships.fee_minor_on(day).label("fee_minor"),
            Membership.currency,
            Membership.starts_on,
            memberships.RUNS_BEFORE.label("ends_before"),
            Membership.grace_days,
            Company.owner_id,
            UserAccount.name.label("owner"),
            RenewalPlan.likelihood,
            Task.title.label("step"),
            Task.due_on.label("step_on"),
            drafted_id.label("drafted_id"),
        )
        .join(Membership.company)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(UserAccount, UserAccount.id == Company.owner_id)
        .outerjoin(RenewalPlan, RenewalPlan.id == Membership.id)
        .outerjoin(
            Task,
            and_(Task.id == RenewalPlan.task_id, Task.done_on.is_(None), Task.dropped_on.is_(None)),
        )
        .where(
            memberships.executed_by(day),
            Membership.starts_on <= day,
            ~memberships.terminated_by(day),
            day + timedelta(days=AHEAD[0]) >= memberships.RUNS_BEFORE,
            days_later(memberships.RUNS_BEFORE, Membership.grace_days) > earliest,
            ~succeeded_by(day),
        )
        .order_by(memberships.RUNS_BEFORE, Company.name_key, Membership.id)
    )
    if membership_id is not None:
        found = found.where(Membership.id == membership_id)
    if owner_id is not None:
        found = found.where(Company.owner_id == owner_id)
    return found


def rates(session: Session, day: date) -> Sequence[CohortRow]:
    """What came of the terms that had ended by a day, by the year they had started in."""
    rows = session.execute(_signed(day)).all()
    return rules.cohorts(_ended(rows, day), day)


def _ended(rows: Sequence[Any], day: date) -> list[Ended]:
    """`rows`: signed terms by company and start; each looks for the one that follows."""
    found = []
    for place, row in enumerate(rows):
        period = Period(row.starts_on, row.runs_before)
        stopped_on = row.terminated_on
        ended_on = row.runs_before if stopped_on is None else min(stopped_on, row.runs_before)
        following = rows[place + 1] if place + 1 < len(rows) else None
        again = following is not None and following.company_id == row.company_id
        found.append(
            Ended(
                started_on=row.starts_on,
                ended_on=ended_on,
                grace_ends_before=ended_on
                if stopped_on is not None
                else terms.grace_ends_before(period, row.grace_days),
                next_starts_on=following.starts_on if following is not None and again else None,
                fee_minor=row.fee_minor,
                currency=row.currency,
            )
        )
    return [one for one in found if one.ended_on > one.started_on]


@lru_cache(maxsize=8)
def _signed(day: date) -> Executable:
    return (
        select(
            Membership.company_id,
            Membership.starts_on,
            memberships.RUNS_BEFORE.label("runs_before"),
            Membership.terminated_on,
            Membership.grace_days,
            memberships.fee_minor_on(day).label("fee_minor"),
            Membership.currency,
        )
        .where(memberships.executed_by(day))
        .order_by(Membership.company_id, Membership.starts_on, Membership.id)
    )
