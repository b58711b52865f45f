"""Who is in a working group on a day, and how many places a company has: derived from its term."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, joinedload

from crm.companies.models import Affiliation, Company
from crm.council import place_rules
from crm.council.models import Body, Place
from crm.council.place_rules import Entitlement, Gap, PlaceRole
from crm.kit.days import runs_on
from crm.kit.errors import NotFound
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.people.models import Person, PersonAddress

UNIVERSITY = "University"
"""Whom somebody without a company is of."""
LEFT = "Has left the company"
"""Why a place ended when a colleague stepped in."""
WORK, OTHER = aliased(Affiliation), aliased(Place)
_ORDER = {role: place for place, role in enumerate(PlaceRole)}


@dataclass(frozen=True, kw_only=True)
class Member:
    """A place that has begun and not ended on the day; `gap`: why nobody sits on it."""

    place_id: int
    body_id: int
    person_id: int
    name: str
    title: str | None
    email: str | None
    user_id: int | None
    company_id: int | None
    company: str
    role: PlaceRole
    since: date
    until: date | None
    votes: bool
    gap: Gap | None


def members_on(session: Session, day: date, *, body_id: int | None = None) -> list[Member]:
    """The members of a group, or of all, on a day: chairs first, then by company. One SELECT."""
    if body_id is None:
        found = session.execute(_members_of_all(day))
    else:
        found = session.execute(_members_of_one(day), {"body_id": body_id})
    members = {row.id: _member(row) for row in found}
    return sorted(members.values(), key=lambda one: (one.body_id, _ORDER[one.role]))


@lru_cache(maxsize=64)
def _members_of_all(day: date) -> Select[Any]:
    return _members(day, ranked(day))


@lru_cache(maxsize=64)
def _members_of_one(day: date) -> Select[Any]:
    asked = bindparam("body_id", type_=Integer)
    theirs = Place.company_id.in_(select(OTHER.company_id).where(OTHER.body_id == asked))
    return _members(day, ranked(day, theirs)).where(Place.body_id == asked)


def _members(day: date, ranks: Subquery) -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Place.id,
            Place.body_id,
            Place.person_id,
            Person.name,
            Person.user_id,
            PersonAddress.email,
            WORK.title,
            WORK.id.label("work"),
            Place.company_id,
            Company.name.label("company"),
            Place.role,
            Place.slot,
            Place.starts_on,
            Place.ends_before,
            Tier.group_count,
            Tier.group_places,
            Tier.votes,
            ranks.c.nth,
        )
        .join(Person, Person.id == Place.person_id)
        .outerjoin(Company, Company.id == Place.company_id)
        .outerjoin(
            PersonAddress,
            and_(PersonAddress.person_id == Person.id, PersonAddress.is_primary.is_(True)),
        )
        .outerjoin(WORK, works(day))
        .outerjoin(
            Membership,
            and_(Membership.company_id == Place.company_id, memberships.in_force_on(day)),
        )
        .outerjoin(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(ranks, has_rank(ranks))
    )
    return found.where(runs_on(Place, day)).order_by(
        Place.body_id,
        func.coalesce(Company.name_key, ""),
        Place.starts_on,
        Place.id,
        WORK.id.desc(),
    )


def works(day: date) -> ColumnElement[bool]:
    """The holder's affiliation on a day with the place's company; of the university, with any."""
    return and_(
        WORK.person_id == Place.person_id,
        or_(Place.company_id.is_(None), WORK.company_id == Place.company_id),
        runs_on(WORK, day),
    )


def ranked(day: date, *only: ColumnElement[bool]) -> Subquery:
    """The SQL twin of `place_rules.ranked`: `nth` of each `company_id` and `body_id`.

    `only`: of which companies, in terms of `Place`; it is quicker than of all.
    """
    first = func.min(Place.starts_on)
    nth = func.row_number().over(partition_by=Place.company_id, order_by=(first, Place.body_id))
    return (
        select(Place.company_id, Place.body_id, nth.label("nth"))
        .where(Place.company_id.is_not(None), Place.starts_on <= day, *only)
        .group_by(Place.company_id, Place.body_id)
        .having(func.max(case((runs_on(Place, day), 1), else_=0)) == 1)
        .subquery()
    )


def has_rank(ranks: Subquery) -> ColumnElement[bool]:
    return and_(ranks.c.company_id == Place.company_id, ranks.c.body_id == Place.body_id)


def is_open(day: date) -> ColumnElement[bool]:
    """The SQL twin of `place_rules.is_open`."""
    return or_(Body.retired_on.is_(None), Body.retired_on > day)


def _member(row: Any) -> Member:
    entitled = entitlement(row.group_count, row.group_places, row.votes)
    of_university, works_somewhere = row.company_id is None, row.work is not None
    return Member(
        place_id=row.id,
        body_id=row.body_id,
        person_id=row.person_id,
        name=row.name,
        title=None if of_university else row.title,
        email=row.email,
        user_id=row.user_id,
        company_id=row.company_id,
        company=row.company or UNIVERSITY,
        role=row.role,
        since=row.starts_on,
        until=row.ends_before,
        votes=bool(entitled and entitled.votes),
        gap=place_rules.gap(
            company_id=row.company_id,
            slot=row.slot,
            here=works_somewhere is not of_university,
            entitled=entitled,
            nth=row.nth,
        ),
    )


def entitlement(groups: int | None, places: int | None, votes: bool | None) -> Entitlement | None:
    """None: no term gives the company anything on the day."""
    if places is None:
        return None
    return Entitlement(groups=groups, places=places, votes=bool(votes))


def entitlement_on(session: Session, company_id: int, day: date) -> Entitlement | None:
    """What the company's term gives it on a day; None if none is in force then."""
    row = session.execute(_entitled(day), {"company_id": company_id}).first()
    return None if row is None else entitlement(*row)


@lru_cache(maxsize=64)
def _entitled(day: date) -> Select[Any]:
    found: Select[Any] = (
        select(Tier.group_count, Tier.group_places, Tier.votes)  # type: ignore[assignment]
        .select_from(Membership)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .where(Membership.company_id == bindparam("company_id"), memberships.in_force_on(day))
    )
    return found


def companies_with_places(session: Session, day: date) -> list[tuple[int, str]]:
    """Id and name of the members whose tier gives places in working groups on a day."""
    found = (
        select(Company.id, Company.name)
        .join(Membership, Membership.company_id == Company.id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .where(memberships.in_force_on(day), Tier.group_places > 0)
        .order_by(Company.name_key, Company.id)
    )
    return [(id_, name) for id_, name in session.execute(found)]


def get_place(session: Session, place_id: int) -> Place:
    """With its person, company and group's name. Raises `NotFound`."""
    found = session.get(
        Place,
        place_id,
        options=[joinedload(Place.person), joinedload(Place.company), joinedload(Place.body)],
    )
    if found is None:
        raise NotFound("There is no such place.")
    return found


def other_places(session: Session, body_id: int, day: date) -> Sequence[Place]:
    """Those of a group that ended by the day or begin after it, the latest first."""
    found = select(Place).where(Place.body_id == body_id, ~runs_on(Place, day))
    return session.scalars(
        found.options(joinedload(Place.person), joinedload(Place.company)).order_by(
            Place.starts_on.desc(), Place.id.desc()
        )
    ).all()


def roles_in(session: Session, body_id: int) -> Sequence[Row[int, PlaceRole, bool]]:
    """Id and role of each place of a group, and whether it follows one of the same person on the
    same number. One SELECT."""
    follows = exists().where(
        OTHER.body_id == Place.body_id,
        OTHER.person_id == Place.person_id,
        OTHER.slot.is_not_distinct_from(Place.slot),
        OTHER.ends_before == Place.starts_on,
    )
    found = select(Place.id, Place.role, follows.label("follows")).where(Place.body_id == body_id)
    return session.execute(found).all()


def stepped_in_for(session: Session, place: Place) -> str | None:
    """Whose place, of another person of the company, ended as this one began on it; None: it was
    free."""
    found = (
        select(Person.name)
        .join(Place, Place.person_id == Person.id)
        .where(
            Place.body_id == place.body_id,
            Place.company_id == place.company_id,
            Place.slot == place.slot,
            Place.person_id != place.person_id,
            Place.ends_before == place.starts_on,
            Place.end_reason == LEFT,
        )
    )
    return session.scalar(found)
