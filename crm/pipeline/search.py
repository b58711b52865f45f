"""The pipeline's one search: board, table, totals, export and saved view all ask it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, Select, and_, cast, func, or_, select
from sqlalchemy.orm import Session, join

from crm.accounts.models import UserAccount
from crm.activities.models import Task
from crm.companies.models import Company, CompanyChallenge
from crm.kit.among import among
from crm.kit.text import fold
from crm.pipeline import queries
from crm.pipeline.models import LostReason, Mode, Opportunity, OpportunityTask, Stage
from crm.programme.models import Challenge

NOBODY = 0
"""As `owner_id`: those without an owner."""
CARDS = 15
"""How many a column of the board shows; the table has the rest."""
KEPT = 128
"""Searches whose statements are kept."""


class Ending(StrEnum):
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    ALL = "all"


class Parked(StrEnum):
    ONLY = "only"
    WITHOUT = "without"


SORTS = ("company", "stage", "value", "owner", "step", "since", "expected")


@dataclass(frozen=True, kw_only=True)
class PipelineSearch:
    """Which opportunities, seen on a day. The order cannot tie."""

    today: date
    stalled_after: int
    q: str = ""
    mode: str | None = None
    stage_id: int | None = None
    owner_id: int | None = None
    challenge: str | None = None
    source: str = ""
    stalled: bool = False
    parked: Parked | None = None
    ending: Ending = Ending.OPEN
    sort: str = "stage"

    @property
    def filtered(self) -> bool:
        """Whether anything but the mode narrows it."""
        asked = (self.q, self.stage_id, self.challenge, self.source, self.stalled, self.parked)
        return any(asked) or self.owner_id is not None or self.ending is not Ending.OPEN

    def conditions(self) -> list[ColumnElement[bool]]:
        """For a select of `Opportunity`."""
        found: list[ColumnElement[bool]] = []
        match self.ending:
            case Ending.OPEN:
                found.append(queries.IS_OPEN)
            case Ending.WON:
                found.append(Opportunity.won_on.is_not(None))
            case Ending.LOST:
                found.append(Opportunity.lost_on.is_not(None))
        if self.mode is not None:
            of_key = select(Mode.id).where(Mode.key == self.mode).scalar_subquery()
            found.append(Opportunity.mode_id == of_key)
        if self.stage_id is not None:
            found.append(Opportunity.stage_id == self.stage_id)
        if self.owner_id == NOBODY:
            found.append(Opportunity.owner_id.is_(None))
        elif self.owner_id is not None:
            found.append(Opportunity.owner_id == self.owner_id)
        if self.challenge is not None:
            found.append(_cares_about(self.challenge))
        if self.source:
            found.append(Opportunity.source.icontains(self.source, autoescape=True))
        if self.stalled:
            found.append(queries.stalled(self.today, self.stalled_after))
        if self.parked is not None:
            is_parked = queries.parked(self.today)
            found.append(is_parked if self.parked is Parked.ONLY else ~is_parked)
        if self.q:
            found.append(
                or_(_is_called(self.q), Opportunity.source.icontains(self.q, autoescape=True))
            )
        return found

    def select(self) -> Select[Any]:
        """One row an opportunity, as the table shows it; `steps` has what is next."""
        return _listed(self)

    def counted(self) -> Select[Any]:
        """The same opportunities, without order and adornment."""
        return select(Opportunity.id).where(*self.conditions())

    def export(self) -> Select[Any]:
        """The same rows, each with its next step."""
        return self.select().add_columns(
            queries.next_step(Task.title).label("step"),
            queries.next_step(Task.due_on).label("step_on"),
        )

    def order(self) -> list[ColumnElement[Any]]:
        backwards = self.sort.startswith("-")
        by: dict[str, list[ColumnElement[Any]]] = {
            "company": [Company.name_key.expression],
            "stage": [Mode.position.expression, Stage.position.expression],
            "value": [func.coalesce(Opportunity.value_minor, 0)],
            "owner": [func.coalesce(UserAccount.name, "")],
            "step": [func.coalesce(queries.next_step(Task.due_on), date(9999, 1, 1))],
            "since": [Opportunity.stage_since.expression],
            "expected": [func.coalesce(Opportunity.expected_on, date(9999, 1, 1))],
        }
        columns = [*by[self.sort.removeprefix("-")], Opportunity.id.expression]
        return [column.desc() if backwards else column.asc() for column in columns]


@dataclass(frozen=True, kw_only=True)
class StageTotal:
    """What stands in one stage, in one currency: how many, their value and what it counts for."""

    stage_id: int
    currency: str
    count: int
    value_minor: int
    weighted_minor: int


def totals(session: Session, search: PipelineSearch) -> Sequence[StageTotal]:
    """By stage and currency, summed by the database. One SELECT."""
    return [
        StageTotal(
            stage_id=stage_id,
            currency=currency,
            count=count,
            value_minor=value,
            weighted_minor=weighted,
        )
        for stage_id, currency, count, value, weighted in session.execute(_summed(search))
    ]


def cards(session: Session, search: PipelineSearch) -> Sequence[Row[Any]]:
    """The first `CARDS` of each stage, the last moved on top. One SELECT."""
    return session.execute(_carded(search)).all()


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What is to be done about an opportunity: the next open task, and the day of the last."""

    title: str
    due_on: date
    last_on: date


def steps(session: Session, ids: Collection[int]) -> dict[int, Steps]:
    """The open tasks of these opportunities, by opportunity. One SELECT, however many."""
    if not ids:
        return {}
    found: dict[int, Steps] = {}
    rows = session.execute(_stepped(), {"opportunities": ids})
    for id_, _, due_on, title in sorted(rows, key=itemgetter(0, 2, 1)):
        known = found.get(id_)
        found[id_] = (
            Steps(title=title, due_on=due_on, last_on=due_on)
            if known is None
            else replace(known, last_on=due_on)
        )
    return found


# A statement is a value, and building one costs more than running it: each is kept.


@lru_cache(maxsize=KEPT)
def _summed(search: PipelineSearch) -> Select[*tuple[Any, ...]]:
    columns: tuple[Any, ...] = (
        Opportunity.stage_id,
        Opportunity.currency,
        func.count(),
        cast(func.coalesce(func.sum(Opportunity.value_minor), 0), BigInteger),
        cast(func.coalesce(func.sum(queries.weighted_minor(search.today)), 0), BigInteger),
    )
    return (
        select(*columns)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .where(*search.conditions())
        .group_by(Opportunity.stage_id, Opportunity.currency)
        .order_by(Opportunity.stage_id, Opportunity.currency)
    )


@lru_cache(maxsize=KEPT)
def _carded(search: PipelineSearch) -> Select[Any]:
    place = (
        func.row_number()
        .over(
            partition_by=Opportunity.stage_id,
            order_by=(Opportunity.stage_since.desc(), Opportunity.id.desc()),
        )
        .label("place")
    )
    ranked = select(Opportunity.id, place).where(*search.conditions()).subquery()
    columns: tuple[Any, ...] = (
        *_card(),
        Opportunity.stage_id,
    )
    return (
        select(*columns)
        .select_from(Opportunity)
        .join(ranked, and_(ranked.c.id == Opportunity.id, ranked.c.place <= CARDS))
        .join(Company, Company.id == Opportunity.company_id)
        .outerjoin(UserAccount, UserAccount.id == Opportunity.owner_id)
        .order_by(Opportunity.stage_id, ranked.c.place)
    )


@lru_cache(maxsize=KEPT)
def _listed(search: PipelineSearch) -> Select[Any]:
    columns: tuple[Any, ...] = (
        *_card(),
        Company.id.label("company_id"),
        Mode.name.label("mode"),
        Stage.name.label("stage"),
        Stage.probability,
        Opportunity.expected_on,
        Opportunity.source,
        Opportunity.opened_on,
        Opportunity.won_on,
        Opportunity.lost_on,
        queries.weighted_minor(search.today).label("weighted_minor"),
        select(LostReason.name)
        .where(LostReason.id == Opportunity.lost_reason_id)
        .correlate(Opportunity)
        .scalar_subquery()
        .label("lost_reason"),
    )
    # One explicit join: what counts rows swaps the columns and keeps this.
    joined = (
        join(Opportunity, Company, Company.id == Opportunity.company_id)
        .join(Mode, Mode.id == Opportunity.mode_id)
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(UserAccount, UserAccount.id == Opportunity.owner_id)
    )
    return (
        select(*columns).select_from(joined).where(*search.conditions()).order_by(*search.order())
    )


@cache
def _stepped() -> Select[int, int, date, str]:
    return (
        select(OpportunityTask.opportunity_id, Task.id, Task.due_on, Task.title)
        .join(Task, Task.id == OpportunityTask.task_id)
        .where(among(OpportunityTask.opportunity_id, "opportunities"), queries.IS_TO_DO)
    )


def _card() -> tuple[Any, ...]:
    """What a card shows, but for its steps."""
    return (
        Opportunity.id,
        Company.name.label("company"),
        Opportunity.value_minor,
        Opportunity.currency,
        UserAccount.name.label("owner"),
        Opportunity.stage_since,
        Opportunity.parked_until,
        queries.touched_on().label("touched_on"),
    )


def _is_called(q: str) -> ColumnElement[bool]:
    return (
        select(Company.id)
        .where(
            Company.id == Opportunity.company_id,
            Company.name_key.contains(fold(q), autoescape=True),
        )
        .correlate(Opportunity)
        .exists()
    )


def _cares_about(challenge: str) -> ColumnElement[bool]:
    return (
        select(CompanyChallenge.company_id)
        .join(Challenge, Challenge.id == CompanyChallenge.challenge_id)
        .where(CompanyChallenge.company_id == Opportunity.company_id, Challenge.key == challenge)
        .correlate(Opportunity)
        .exists()
    )
