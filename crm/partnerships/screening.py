"""Screening a company for restricted parties: recorded, struck, and asked for before effort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from crm.companies.models import Company
from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.partnerships import workspace_rules as rules
from crm.partnerships.workspace_models import Screening
from crm.partnerships.workspace_rules import Result, Verdict

LAST, OTHER = aliased(Screening), aliased(Screening)


class AlreadyStruck(RuleBroken):
    """What is struck stays so: record a screening anew."""


@dataclass(frozen=True, kw_only=True)
class NewScreening:
    """Who looked, in which lists, and what came of it. The note is confidential."""

    screened_on: date
    screened_by: str
    service: str
    result: Result
    valid_until: date | None = None
    note: str | None = None


def record(
    session: Session,
    company_id: int,
    wanted: NewScreening,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Screening:
    """Of an archived company too: one looks before it is restored, and keeps what was found."""
    company = _kept(session, company_id)
    if wanted.screened_on > today:
        raise RuleBroken("It was screened today, or on a day before.", field="screened_on")
    if wanted.valid_until is not None:
        if wanted.result is not Result.CLEAR:
            raise RuleBroken(
                "Only a clear result is good until a day: leave it empty.", field="valid_until"
            )
        if wanted.valid_until < wanted.screened_on:
            raise RuleBroken("It cannot end before the screening itself.", field="valid_until")
    made = Screening(
        company_id=company_id,
        screened_on=wanted.screened_on,
        screened_by=wanted.screened_by,
        service=wanted.service,
        result=wanted.result,
        valid_until=wanted.valid_until,
        note=wanted.note,
        by_name=by.name,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, made, "recorded", company.name, by=by, now=now)
    return made


def strike(
    session: Session, screening: Screening, *, reason: str, by: Actor, now: datetime
) -> None:
    """It was recorded by mistake. It stays to be read, and counts no more."""
    company = _kept(session, screening.company_id)
    db.lock(session, screening)
    if screening.struck_at is not None:
        raise AlreadyStruck(f"{screening.struck_by} struck it already: {screening.struck_reason}")
    screening.struck_at, screening.struck_reason, screening.struck_by = now, reason, by.name
    session.flush()
    _note(session, screening, "struck", company.name, by=by, now=now)


def require(session: Session, company_id: int, day: date) -> None:
    """Raises `NotScreened` unless the company is clear on the day. Its screenings stay as they
    are until this transaction ends."""
    keep(session, company_id)
    company = session.get_one(Company, company_id)
    rules.refuse_unscreened(company.name, verdict_of(session, company_id, day))


def keep(session: Session, company_id: int) -> None:
    """Nothing is screened until this transaction ends. Whoever goes on to lock an opportunity asks
    first: who reports a contact holds the company, too, and then the opportunity."""
    session.execute(select(Company.id).where(Company.id == company_id).with_for_update(read=True))


def verdict_of(session: Session, company_id: int, day: date) -> Verdict:
    last = session.scalars(
        select(Screening)
        .where(
            Screening.company_id == company_id,
            Screening.screened_on <= day,
            Screening.struck_at.is_(None),
        )
        .order_by(Screening.screened_on.desc(), Screening.id.desc())
        .limit(1)
    ).first()
    return rules.verdict(day, last.screened if last is not None else None)


def verdict_on(company_id: SQLColumnExpression[int], day: date) -> ColumnElement[Any]:
    """The SQL twin of `verdict_of`, for a company of the enclosing select; never NULL."""
    ended = LAST.valid_until < day
    word = case(
        ((LAST.result == Result.CLEAR) & ended, Verdict.EXPIRED.value),
        *((LAST.result == one, one.value) for one in Result),
    )
    found: ColumnElement[Any] = (
        select(word)
        .where(LAST.company_id == company_id, LAST.screened_on <= day, LAST.struck_at.is_(None))
        .order_by(LAST.screened_on.desc(), LAST.id.desc())
        .limit(1)
        .correlate_except(LAST)
        .scalar_subquery()
    )
    told: ColumnElement[Any] = func.coalesce(found, Verdict.NONE.value)
    return told


@lru_cache(maxsize=64)
def in_question(day: date) -> Any:
    """The companies whose last screening by a day found a possible match, and since when."""
    later = (
        select(OTHER.id)
        .where(
            OTHER.company_id == LAST.company_id,
            OTHER.struck_at.is_(None),
            OTHER.screened_on <= day,
            or_(
                OTHER.screened_on > LAST.screened_on,
                (OTHER.screened_on == LAST.screened_on) & (OTHER.id > LAST.id),
            ),
        )
        .exists()
    )
    return select(LAST.company_id, LAST.screened_on).where(
        LAST.result == Result.POSSIBLE, LAST.struck_at.is_(None), LAST.screened_on <= day, ~later
    )


def of_company(session: Session, company_id: int) -> Sequence[Screening]:
    """The latest first; those that were struck stand among them."""
    found = select(Screening).where(Screening.company_id == company_id)
    return session.scalars(found.order_by(Screening.screened_on.desc(), Screening.id.desc())).all()


def get(session: Session, screening_id: int) -> Screening:
    """With its company. Raises `NotFound`."""
    found = session.get(Screening, screening_id, options=[joinedload(Screening.company)])
    if found is None:
        raise NotFound("There is no such screening.")
    return found


def _kept(session: Session, company_id: int) -> Company:
    """The company; of what asks for its screening at this moment, one waits for the other."""
    company = session.get(Company, company_id)
    if company is None:
        raise NotFound("There is no such company.")
    session.execute(
        select(Company.id).where(Company.id == company_id).with_for_update(key_share=True)
    )
    return company


def _note(
    session: Session, made: Screening, act: str, company: str, *, by: Actor, now: datetime
) -> None:
    journal.note(
        session,
        act,
        kind="screening",
        record_id=made.id,
        label=company,
        parent=("company", made.company_id),
        by=by,
        now=now,
    )
