"""Reads of opportunities. Here stands the SQL twin of `rules.stalled_on`; a test holds both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased, joinedload

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.policy import GRANTS, Permission
from crm.accounts.rules import Kind
from crm.activities.models import Task, Touch
from crm.kit.errors import NotFound
from crm.pipeline.giving_models import OpportunityContribution
from crm.pipeline.models import (
    LostReason,
    Mode,
    Opportunity,
    OpportunityTask,
    OpportunityTouch,
    Stage,
    StageChange,
)

T = TypeVar("T")
IS_OPEN = and_(Opportunity.won_on.is_(None), Opportunity.lost_on.is_(None))
IS_TO_DO = and_(Task.done_on.is_(None), Task.dropped_on.is_(None))


def parked(day: date) -> ColumnElement[bool]:
    """The SQL twin of `rules.parked_on`."""
    return and_(Opportunity.parked_until.is_not(None), Opportunity.parked_until > day)


def stalled(day: date, after_days: int) -> ColumnElement[bool]:
    """The SQL twin of `rules.stalled_on`, for open opportunities."""
    limit = day - timedelta(days=after_days)
    ahead = (
        select(func.max(Task.due_on))
        .join(OpportunityTask, OpportunityTask.task_id == Task.id)
        .where(OpportunityTask.opportunity_id == Opportunity.id, IS_TO_DO)
        .correlate(Opportunity)
        .scalar_subquery()
    )
    # The latest of each, not "is there one": PostgreSQL would join those in, which takes longer to
    # plan than to look up, and with a plan made for any day it reads every contact there is.
    return and_(
        IS_OPEN,
        or_(Opportunity.parked_until.is_(None), Opportunity.parked_until <= day),
        Opportunity.stage_since < limit,
        func.coalesce(touched_on() < limit, true()),
        func.coalesce(ahead < day, true()),
    )


def touched_on() -> ScalarSelect[date]:
    """The last contact with the company of the enclosing `Opportunity`, whoever may know of it."""
    return (
        select(func.max(Touch.on))
        .where(Touch.company_id == Opportunity.company_id, Touch.struck_at.is_(None))
        .correlate(Opportunity)
        .scalar_subquery()
    )


def next_step(column: SQLColumnExpression[T]) -> ScalarSelect[T]:
    """A column of the earliest open task of the enclosing `Opportunity`."""
    return (
        select(column)
        .join(OpportunityTask, OpportunityTask.task_id == Task.id)
        .where(OpportunityTask.opportunity_id == Opportunity.id, IS_TO_DO)
        .order_by(Task.due_on, Task.id)
        .limit(1)
        .correlate(Opportunity)
        .scalar_subquery()
    )


def weighted_minor(day: date) -> ColumnElement[int]:
    """The SQL twin of `rules.weighted`, with the stage of the enclosing select."""
    value = func.coalesce(Opportunity.value_minor, 0)
    return case((parked(day), 0), else_=(value * Stage.probability + 50) // 100)


def get(session: Session, opportunity_id: int) -> Opportunity:
    """An opportunity with all it names. Raises `NotFound`."""
    found = session.scalars(_whole(), {"id": opportunity_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such opportunity.")
    return found


@cache
def _whole() -> Select[Opportunity]:
    return (
        select(Opportunity)
        .where(Opportunity.id == bindparam("id"))
        .options(
            joinedload(Opportunity.company),
            joinedload(Opportunity.mode),
            joinedload(Opportunity.stage),
            joinedload(Opportunity.owner),
            joinedload(Opportunity.tier),
            joinedload(Opportunity.inquiry),
            joinedload(Opportunity.lost_reason),
            joinedload(Opportunity.membership),
        )
    )


def untouched(session: Session, opportunity_id: int) -> bool:
    """Whether nothing happened to it since: no contact, task, stage change or contribution."""
    changes = select(func.count()).where(StageChange.opportunity_id == opportunity_id)
    nothing = (
        ~exists().where(of == opportunity_id)
        for of in (
            OpportunityTouch.opportunity_id,
            OpportunityTask.opportunity_id,
            OpportunityContribution.opportunity_id,
        )
    )
    return bool(session.scalar(select(and_(changes.scalar_subquery() <= 1, *nothing))))


class StageChoice(NamedTuple):
    id: int
    name: str
    probability: int
    screened: bool
    """Only for companies that are screened, and clear."""


@dataclass(frozen=True, kw_only=True)
class ModeStages:
    """A mode and its live stages, in order."""

    id: int
    key: str
    name: str
    membership: bool
    stages: tuple[StageChoice, ...]


def modes(session: Session) -> Sequence[ModeStages]:
    """The modes on offer with their live stages. One SELECT."""
    found = session.execute(_modes())
    by_mode: dict[int, ModeStages] = {}
    for id_, key, name, membership, *stage in found:
        known = by_mode.get(id_)
        stages = known.stages if known is not None else ()
        by_mode[id_] = ModeStages(
            id=id_,
            key=key,
            name=name,
            membership=membership,
            stages=(*stages, StageChoice._make(stage)),
        )
    return list(by_mode.values())


@cache
def _modes() -> Select[int, str, str, bool, int, str, int, bool]:
    return (
        select(
            Mode.id,
            Mode.key,
            Mode.name,
            Mode.membership,
            Stage.id,
            Stage.name,
            Stage.probability,
            Stage.screened,
        )
        .join(Stage, Stage.mode_id == Mode.id)
        .where(Mode.retired_on.is_(None), Stage.retired_on.is_(None))
        .order_by(Mode.position, Mode.id, Stage.position, Stage.id)
    )


def lost_reasons(session: Session, mode_id: int) -> Sequence[tuple[int, str]]:
    """The reasons on offer for this mode: those of all first, as the programme's file has them."""
    found = session.execute(
        select(LostReason.id, LostReason.name)
        .where(
            LostReason.retired_on.is_(None),
            or_(LostReason.mode_id.is_(None), LostReason.mode_id == mode_id),
        )
        .order_by(LostReason.position, LostReason.id)
    )
    return [(id_, name) for id_, name in found]


def of_company(session: Session, company_id: int) -> Sequence[Opportunity]:
    """A company's opportunities with mode, stage and owner, open ones first. One SELECT."""
    return session.scalars(_of_company(), {"company": company_id}).all()


@cache
def _of_company() -> Select[Opportunity]:
    return (
        select(Opportunity)
        .where(Opportunity.company_id == bindparam("company"))
        .options(
            joinedload(Opportunity.mode),
            joinedload(Opportunity.stage),
            joinedload(Opportunity.owner),
        )
        .order_by(case((IS_OPEN, 0), else_=1), Opportunity.opened_on.desc(), Opportunity.id.desc())
    )


@dataclass(frozen=True, kw_only=True)
class Change:
    """One line of an opportunity's stage history."""

    id: int
    move: str
    from_stage: str | None
    to_stage: str
    to_stage_id: int
    on: date
    by_name: str


def history(session: Session, opportunity_id: int) -> Sequence[Change]:
    """Every dated act, the first one first. One SELECT."""
    found = session.execute(_history(), {"opportunity": opportunity_id})
    return [
        Change(
            id=id_, move=move, from_stage=was, to_stage=now, to_stage_id=stage_id, on=on, by_name=by
        )
        for id_, move, was, now, stage_id, on, by in found
    ]


@cache
def _history() -> Select[*tuple[Any, ...]]:
    before, after = aliased(Stage), aliased(Stage)
    columns: tuple[Any, ...] = (
        StageChange.id,
        StageChange.move,
        before.name,
        after.name,
        after.id,
        StageChange.on,
        StageChange.by_name,
    )
    return (
        select(*columns)
        .select_from(StageChange)
        .outerjoin(before, before.id == StageChange.from_stage_id)
        .join(after, after.id == StageChange.to_stage_id)
        .where(StageChange.opportunity_id == bindparam("opportunity"))
        .order_by(StageChange.on, StageChange.id)
    )


def owners(session: Session) -> Sequence[tuple[int, str]]:
    """Who may own an opportunity: active users of the office who may edit the pipeline."""
    return [(id_, name) for id_, name in session.execute(_owners())]


@cache
def _owners() -> Select[int, str]:
    roles = GRANTS[Permission.PIPELINE_EDIT]
    return (
        select(UserAccount.id, UserAccount.name)
        .where(
            UserAccount.kind == Kind.OFFICE,
            UserAccount.disabled_at.is_(None),
            exists().where(UserRole.user_id == UserAccount.id, UserRole.role.in_(roles)),
        )
        .order_by(UserAccount.name, UserAccount.id)
    )


def is_stalled(session: Session, opportunity_id: int, day: date, after_days: int) -> bool:
    return bool(session.scalar(_is_stalled(day, after_days), {"id": opportunity_id}))


@lru_cache(maxsize=64)
def _is_stalled(day: date, after_days: int) -> Select[bool]:
    return select(stalled(day, after_days)).where(Opportunity.id == bindparam("id"))
