"""Reads of facilities and of who takes part in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from crm.companies.models import Company
from crm.kit.days import runs_on
from crm.kit.errors import NotFound
from crm.partnerships.facility_models import Facility, FacilityStep, Participation
from crm.partnerships.rules import FacilityStage, ParticipationKind
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked

STEP = aliased(FacilityStep)
MOST_MATCHES = 500


@dataclass(frozen=True, kw_only=True)
class FacilitySearch:
    """Facilities as they stand on a day: what is open, with `closed` all of them."""

    day: date
    closed: bool = False

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def select(self) -> Select[Any]:
        """With the stage, and how many companies take part on the day."""
        stage = stage_on(self.day)
        part = (
            select(func.count(Participation.company_id.distinct()))
            .where(Participation.facility_id == Facility.id, runs_on(Participation, self.day))
            .correlate(Facility)
            .scalar_subquery()
        )
        found: Select[Any] = select(
            Facility.id,
            Facility.name,
            Facility.place,
            stage.label("stage"),
            since(self.day).label("since"),
            part.label("companies"),
        ).order_by(func.lower(Facility.name), Facility.id)
        kept = stage.is_not(None) if self.closed else stage != FacilityStage.CLOSED
        return found.where(kept)


@dataclass(frozen=True, kw_only=True)
class ParticipationSearch:
    """The filters of the list; `show`: now · all."""

    day: date
    q: str = ""
    kind: ParticipationKind | None = None
    facility_id: int | None = None
    show: str = "now"

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def select(self) -> Select[Any]:
        found: Select[Any] = (
            select(  # type: ignore[assignment]
                Participation.id,
                Participation.company_id,
                Company.name.label("company"),
                Participation.facility_id,
                Facility.name.label("facility"),
                Participation.kind,
                Participation.starts_on,
                Participation.ends_before,
                Participation.note,
            )
            .join(Participation.company)
            .join(Participation.facility)
            .order_by(
                Company.name_key, func.lower(Facility.name), Participation.starts_on,
                Participation.id,
            )
        )  # fmt: skip
        if self.show == "now":
            found = found.where(runs_on(Participation, self.day))
        if self.kind is not None:
            found = found.where(Participation.kind == self.kind)
        if self.facility_id is not None:
            found = found.where(Participation.facility_id == self.facility_id)
        if words := asked(self.q):
            ids = matching_ids(Kind.COMPANY, words, MOST_MATCHES)
            found = found.where(Participation.company_id.op("IN")(ids))
        elif self.q:
            found = found.where(Company.name.icontains(self.q, autoescape=True))
        return found


@lru_cache(maxsize=64)
def stage_on(day: date) -> ColumnElement[FacilityStage | None]:
    """The stage of the enclosing `Facility` on a day; NULL before it was begun."""
    return _last_on(day, STEP.stage)


@lru_cache(maxsize=64)
def since(day: date) -> ColumnElement[date | None]:
    """Since when the enclosing `Facility` is in the stage it has on a day."""
    return _last_on(day, STEP.on)


def _last_on(day: date, column: Any) -> ColumnElement[Any]:
    return (
        select(column)
        .where(STEP.facility_id == Facility.id, STEP.on <= day)
        .order_by(STEP.on.desc(), STEP.id.desc())
        .limit(1)
        .correlate(Facility)
        .scalar_subquery()
    )


def get(session: Session, facility_id: int) -> Facility:
    """Raises `NotFound`."""
    found = session.get(Facility, facility_id)
    if found is None:
        raise NotFound("There is no such facility.")
    return found


def steps_of(session: Session, facility_id: int) -> Sequence[FacilityStep]:
    """In the order in which they came."""
    found = select(FacilityStep).where(FacilityStep.facility_id == facility_id)
    return session.scalars(found.order_by(FacilityStep.on, FacilityStep.id)).all()


def names(session: Session) -> Sequence[Row[int, str]]:
    """Id and name of every facility."""
    return session.execute(
        select(Facility.id, Facility.name).order_by(func.lower(Facility.name), Facility.id)
    ).all()


def participations_in(session: Session, facility_id: int) -> Sequence[Participation]:
    """Those that go on first, then the latest; with their companies."""
    found = select(Participation).where(Participation.facility_id == facility_id)
    return session.scalars(
        found.options(joinedload(Participation.company)).order_by(
            Participation.ends_before.is_not(None),
            Participation.starts_on.desc(),
            Participation.id,
        )
    ).all()


def get_participation(session: Session, participation_id: int) -> Participation:
    """With its facility and company. Raises `NotFound`."""
    found = session.scalars(
        select(Participation)
        .where(Participation.id == participation_id)
        .options(joinedload(Participation.facility), joinedload(Participation.company))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such participation.")
    return found
