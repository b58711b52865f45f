"""Reads of contributions: the ledger of a day, its sums, and what is due soon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from crm.companies.models import Company
from crm.kit.errors import NotFound
from crm.kit.money import Money
from crm.partnerships.facility_models import Facility
from crm.partnerships.models import Contribution, ContributionStep, Evidence
from crm.partnerships.rules import AHEAD, HELD, OVER, Alarm, Basis, Given, Kind, Stage
from crm.people.models import Person
from crm.search.queries import matching_ids
from crm.search.rules import Kind as Findable
from crm.search.rules import asked

STEP = aliased(ContributionStep)
RESPONSIBLE = aliased(Person, name="responsible")
MOST_MATCHES = 500
SHOWN: dict[str, frozenset[Stage]] = {
    "held": HELD,
    "offered": frozenset({Stage.OFFERED}),
    "over": OVER,
    "all": frozenset(Stage),
}


@dataclass(frozen=True, kw_only=True)
class ContributionSearch:
    """The filters of the ledger as of a day; `show` is one of `SHOWN`, `sort` one of `SORTS` or
    (who may see money) `VALUE`, `-` before it downwards."""

    day: date
    q: str = ""
    kind: Kind | None = None
    given: Given | None = None
    facility_id: int | None = None
    company_id: int | None = None
    show: str = "all"
    sort: str = "company"

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def select(self, *, money: bool) -> Select[Any]:
        """In order, which cannot tie; `money`: with value, basis and who valued it."""
        day = self.day
        found: Select[Any] = select(  # type: ignore[assignment]
            Contribution.id,
            Contribution.company_id,
            Company.name.label("company"),
            Contribution.title,
            Contribution.kind,
            Contribution.given,
            stage_on(day).label("stage"),
            *(day_of(stage, day).label(f"{stage.name.lower()}_on") for stage in Stage),
            Contribution.loan_ends_on,
            Contribution.licence_ends_on,
            Contribution.disposal_on,
            Contribution.facility_id,
            Facility.name.label("facility"),
            Contribution.location,
            RESPONSIBLE.name.label("responsible"),
            Contribution.property_tag,
        )
        if money:
            found = found.add_columns(
                Contribution.gift_reference,
                Contribution.basis,
                Contribution.amount_minor,
                Contribution.currency,
                Contribution.valuer,
                Contribution.valued_by,
                Contribution.valued_on,
            )
        found = found.select_from(Contribution).outerjoin(
            RESPONSIBLE, RESPONSIBLE.id == Contribution.responsible_id
        )
        return self._filtered(found).order_by(*self._order(), Company.name_key, Contribution.id)

    def _order(self) -> Sequence[Any]:
        """What has no such day, or no value, comes last either way."""
        down, key = self.sort.startswith("-"), self.sort.removeprefix("-")
        if key == VALUE:
            by: Sequence[Any] = (Contribution.currency, Contribution.amount_minor)
        elif key == "company":
            return (Company.name_key.desc(),) if down else ()
        else:
            by = (_SORTED[key](self.day),)
        return by[0].is_(None), *(column.desc() if down else column for column in by)

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def sums(self) -> Select[Any]:
        """Of what was accepted by the day: by basis and currency, how many and how much.

        What is not valued yet has no basis, what is not countable no currency: their number counts.
        """
        found: Select[Any] = select(  # type: ignore[assignment]
            Contribution.basis,
            Contribution.currency,
            func.count().label("number"),
            func.sum(Contribution.amount_minor).label("minor"),
        ).select_from(Contribution)
        return (
            self._filtered(found)
            .where(day_of(Stage.ACCEPTED, self.day).is_not(None))
            .group_by(Contribution.basis, Contribution.currency)
            .order_by(Contribution.basis.is_(None), Contribution.basis, Contribution.currency)
        )

    def _filtered(self, found: Select[Any]) -> Select[Any]:
        found = found.join(Company, Company.id == Contribution.company_id).outerjoin(
            Facility, Facility.id == Contribution.facility_id
        )
        found = found.where(stage_on(self.day).in_(SHOWN[self.show]))
        for column, value in (
            (Contribution.kind, self.kind),
            (Contribution.given, self.given),
            (Contribution.facility_id, self.facility_id),
            (Contribution.company_id, self.company_id),
        ):
            if value is not None:
                found = found.where(column == value)
        if words := asked(self.q):
            ids = matching_ids(Findable.CONTRIBUTION, words, MOST_MATCHES)
            found = found.where(Contribution.id.op("IN")(ids))
        elif self.q:
            found = found.where(Contribution.title.icontains(self.q, autoescape=True))
        return found


@dataclass(frozen=True, kw_only=True)
class Sum:
    """What was accepted on one basis in one currency. No amount: not countable, or not valued."""

    basis: Basis | None
    number: int
    amount: Money | None


def sums(session: Session, search: ContributionSearch) -> Sequence[Sum]:
    """One SELECT. Bases and currencies are never added up."""
    return [
        Sum(
            basis=row.basis,
            number=row.number,
            amount=None if row.currency is None else Money(int(row.minor), row.currency),
        )
        for row in session.execute(search.sums())
    ]


@lru_cache(maxsize=64)
def stage_on(day: date) -> ColumnElement[Stage | None]:
    """The stage of the enclosing `Contribution` on a day; NULL before it was offered."""
    return (
        select(STEP.stage)
        .where(STEP.contribution_id == Contribution.id, STEP.on <= day, STEP.struck_at.is_(None))
        .order_by(STEP.on.desc(), STEP.id.desc())
        .limit(1)
        .correlate(Contribution)
        .scalar_subquery()
    )


@lru_cache(maxsize=512)
def day_of(stage: Stage, day: date) -> ColumnElement[date | None]:
    """When the enclosing `Contribution` came to a stage; NULL where it had not by the day."""
    came: ColumnElement[Any] = (
        select(STEP.on)
        .where(
            STEP.contribution_id == Contribution.id,
            STEP.stage == stage,
            STEP.on <= day,
            STEP.struck_at.is_(None),
        )
        .correlate(Contribution)
        .scalar_subquery()
    )
    return came


def _ends_on(day: date) -> ColumnElement[Any]:
    """When it was over by the day, or else when its loan is."""
    over = (day_of(stage, day) for stage in (Stage.RETURNED, Stage.ENDED))
    return func.coalesce(*over, Contribution.loan_ends_on)


_SORTED: dict[str, Callable[[date], ColumnElement[Any]]] = {
    "title": lambda day: func.lower(Contribution.title),
    "accepted": lambda day: day_of(Stage.ACCEPTED, day),
    "ends": _ends_on,
}
SORTS, VALUE = ("company", *_SORTED), "value"


@lru_cache(maxsize=16)
def due_soon(day: date) -> Select[Any]:
    """What alarms on a day, the earliest first: the SQL twin of `rules.alarms`."""
    parts = [
        select(
            Contribution.id,
            Contribution.title,
            Contribution.company_id,
            literal(alarm.value).label("alarm"),
            on.label("on"),
        ).where(on <= day + AHEAD, stage_on(day).in_(HELD))
        for alarm, on in (
            (Alarm.LOAN, Contribution.loan_ends_on),
            (Alarm.LICENCE, Contribution.licence_ends_on),
            (Alarm.DISPOSAL, Contribution.disposal_on),
        )
    ]
    due = parts[0].union_all(*parts[1:]).subquery()
    return (
        select(due.c.id, due.c.title, Company.name.label("company"), due.c.alarm, due.c.on)
        .join(Company, Company.id == due.c.company_id)
        .order_by(due.c.on, due.c.id, due.c.alarm)
    )


def get(session: Session, contribution_id: int) -> Contribution:
    """With its company, facility, contact and who answers for it. Raises `NotFound`."""
    found = session.scalars(
        select(Contribution)
        .join(Contribution.company)
        .where(Contribution.id == contribution_id)
        .options(
            contains_eager(Contribution.company),
            joinedload(Contribution.facility),
            joinedload(Contribution.contact),
            joinedload(Contribution.responsible),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such contribution.")
    return found


def steps_of(session: Session, contribution_id: int) -> Sequence[ContributionStep]:
    """In the order in which they came, as they are now; those that were struck stand among them."""
    found = select(ContributionStep).where(ContributionStep.contribution_id == contribution_id)
    found = found.order_by(ContributionStep.on, ContributionStep.id)
    return session.scalars(found.execution_options(populate_existing=True)).all()


def get_step(session: Session, step_id: int) -> ContributionStep:
    """Raises `NotFound`."""
    found = session.get(ContributionStep, step_id)
    if found is None:
        raise NotFound("There is no such stage.")
    return found


def standing(steps: Sequence[ContributionStep]) -> Sequence[ContributionStep]:
    """Without those that were struck; the last says where the contribution is."""
    return [step for step in steps if step.struck_at is None]


def evidence_of(session: Session, contribution_id: int) -> Sequence[Evidence]:
    """With the documents, the latest first."""
    found = select(Evidence).where(Evidence.contribution_id == contribution_id)
    return session.scalars(
        found.options(joinedload(Evidence.document)).order_by(Evidence.id.desc())
    ).all()


def get_evidence(session: Session, evidence_id: int) -> Evidence:
    found = session.get(Evidence, evidence_id, options=[joinedload(Evidence.document)])
    if found is None:
        raise NotFound("There is no such file.")
    return found
