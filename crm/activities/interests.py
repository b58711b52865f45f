"""Interests: who has declared a stake in which company, and since when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.activities.models import Interest
from crm.activities.operations import WrongOrder
from crm.activities.rules import Stake
from crm.companies.models import Company
from crm.kit.actors import Actor
from crm.kit.days import runs_on
from crm.kit.db import lock
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.periods import Period
from crm.people.models import Person


class AlreadyDeclared(RuleBroken):
    """One stake of a person in a company is on record once at a time."""


@dataclass(frozen=True, kw_only=True)
class NewInterest:
    """A stake as it is declared, half-open in time."""

    stake: Stake
    starts_on: date
    ends_before: date | None = None
    note: str | None = None


def declare(
    session: Session,
    wanted: NewInterest,
    *,
    person_id: int,
    company_id: int,
    by: Actor,
    today: date,
) -> Interest:
    """Raises `NotFound`, `WrongOrder` if it would end before it begins, and `AlreadyDeclared`."""
    person = session.get(Person, person_id)
    if session.get(Company, company_id) is None or person is None:
        raise NotFound("There is no such company or person.")
    lock(session, person)
    _refuse_twice(session, wanted, person_id, company_id)
    interest = Interest(
        person_id=person_id, company_id=company_id, declared_on=today, by_name=by.name
    )
    _write(interest, wanted)
    session.add(interest)
    session.flush()
    return interest


def _refuse_twice(session: Session, wanted: NewInterest, person_id: int, company_id: int) -> None:
    known = select(Interest).where(
        Interest.person_id == person_id,
        Interest.company_id == company_id,
        Interest.stake == wanted.stake,
    )
    _check_order(wanted)
    period = Period(wanted.starts_on, wanted.ends_before)
    if any(interest.period.overlaps(period) for interest in session.scalars(known)):
        raise AlreadyDeclared(
            "They have declared this for that time already. Change it there.", field="stake"
        )


def correct(session: Session, interest: Interest, wanted: NewInterest, *, version: int) -> None:
    """Put it right, or say when it ended. Raises `Stale`, and `WrongOrder`."""
    if interest.version != version:
        raise Stale(
            "this interest",
            theirs={"What": interest.stake.value, "Note": interest.note or ""},
            yours={"What": wanted.stake.value, "Note": wanted.note or ""},
        )
    _write(interest, wanted)
    session.flush()


def get(session: Session, interest_id: int) -> Interest:
    """With its person and company. Raises `NotFound`."""
    found = session.scalars(
        select(Interest)
        .where(Interest.id == interest_id)
        .options(joinedload(Interest.person), joinedload(Interest.company))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such declared interest.")
    return found


def in_companies(
    session: Session, company_ids: Collection[int], day: date
) -> dict[int, Sequence[Interest]]:
    """Whose stakes in these companies stand on a day, by company; each with its person."""
    found = (
        select(Interest)
        .join(Interest.person)
        .where(Interest.company_id.in_(company_ids), runs_on(Interest, day))
        .options(joinedload(Interest.person))
        .order_by(Person.name_key, Interest.id)
    )
    by_company: dict[int, list[Interest]] = defaultdict(list)
    for interest in session.scalars(found):
        by_company[interest.company_id].append(interest)
    return dict(by_company)


def by_person(found: Iterable[Interest]) -> dict[int, list[str]]:
    """What somebody's stakes are called, by their id."""
    stakes: dict[int, list[str]] = defaultdict(list)
    for one in found:
        stakes[one.person_id].append(one.stake.value)
    return dict(stakes)


def of_people(
    session: Session, person_ids: Collection[int], day: date
) -> dict[int, Sequence[Interest]]:
    """The stakes these people have on a day, by person; each with its company."""
    found = (
        select(Interest)
        .join(Interest.company)
        .where(Interest.person_id.in_(person_ids), runs_on(Interest, day))
        .options(joinedload(Interest.company))
        .order_by(Company.name_key, Interest.id)
    )
    by_person: dict[int, list[Interest]] = defaultdict(list)
    for interest in session.scalars(found):
        by_person[interest.person_id].append(interest)
    return dict(by_person)


def of_person(session: Session, person_id: int) -> Sequence[Interest]:
    """All a person ever declared, those that stand first."""
    return session.scalars(
        select(Interest)
        .where(Interest.person_id == person_id)
        .options(joinedload(Interest.company))
        .order_by(Interest.ends_before.is_not(None), Interest.starts_on.desc(), Interest.id)
    ).all()


def _check_order(wanted: NewInterest) -> None:
    if wanted.ends_before is not None and wanted.ends_before <= wanted.starts_on:
        raise WrongOrder("The interest would end before it begins.", field="last_day")


def _write(interest: Interest, wanted: NewInterest) -> None:
    _check_order(wanted)
    interest.stake, interest.note = wanted.stake, wanted.note
    interest.starts_on, interest.ends_before = wanted.starts_on, wanted.ends_before
