"""Who sits where on a day. A seat stands while its company's membership does: derived, not kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    and_,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from crm.companies.models import Affiliation, Company
from crm.council.models import Body, Holding, Seat
from crm.council.rules import HoldingRole, SeatKind, Vacancy
from crm.kit.errors import NotFound
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import SeatEntitlement, Status
from crm.people.models import Person

COUNCIL = "council"
"""The key under which programme.toml names the council."""


# Built once: a statement is a value, and building one costs more than running it.
HOLDINGS = {role: aliased(Holding, name=f"as_{role}") for role in HoldingRole}
PEOPLE = {role: aliased(Person, name=f"the_{role}") for role in HoldingRole}
EMPLOYMENT, SEATED = aliased(Affiliation), aliased(Tier)


@dataclass(frozen=True, kw_only=True)
class Sitter:
    """Who holds a role on the day; `here`: they still belong to the company."""

    holding_id: int
    person_id: int
    name: str
    since: date
    until: date | None
    here: bool

    @property
    def vacancy(self) -> Vacancy | None:
        return None if self.here else Vacancy.LEFT


@dataclass(frozen=True, kw_only=True)
class RosterLine:
    """A company's seat on the council on a day."""

    seat_id: int
    company_id: int
    company: str
    kind: SeatKind
    votes: bool
    tier: str
    status: Status
    membership_id: int
    term_ends_before: date
    representative: Sitter | None
    alternate: Sitter | None

    @property
    def vacancy(self) -> Vacancy | None:
        """Why no representative speaks for the seat."""
        if self.representative is None:
            return Vacancy.UNNAMED
        return self.representative.vacancy


def roster_on(session: Session, day: date, *, company_id: int | None = None) -> list[RosterLine]:
    """The seats that stand on a day, or will by a signed term; vacant ones first. One SELECT.

    What a seat is follows from the tier of the term that carries it on that day.
    """
    if company_id is None:
        found = session.execute(_roster(day))
    else:
        found = session.execute(_roster_of_one(day), {"company_id": company_id})
    lines: dict[int, RosterLine] = {}
    for row in found:
        seat_id, company, name, kind, votes, tier, word, membership, ends = row[:9]
        lines.setdefault(  # a company in grace with its next term signed: the earlier one carries
            seat_id,
            RosterLine(
                seat_id=seat_id,
                company_id=company,
                company=name,
                kind=SeatKind(kind),
                votes=votes,
                tier=tier,
                status=Status(word),
                membership_id=membership,
                term_ends_before=ends,
                representative=_sitter(row[9:15]),
                alternate=_sitter(row[15:21]),
            ),
        )
    return sorted(lines.values(), key=lambda line: line.vacancy is None)


@lru_cache(maxsize=64)
def _roster(day: date) -> Select[Any]:
    carried = or_(
        memberships.in_force_on(day),
        and_(
            memberships.executed_by(day),
            Membership.starts_on > day,
            ~memberships.terminated_by(day),
        ),
    )
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Seat.id,
            Company.id,
            Company.name,
            Tier.seat,
            Tier.votes,
            Tier.name,
            memberships.status_on(day),
            Membership.id,
            memberships.RUNS_BEFORE,
        )
        .join(Seat.body)
        .join(Seat.company)
        .join(Membership, and_(Membership.company_id == Seat.company_id, carried))
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .where(Body.key == COUNCIL, Tier.seat != SeatEntitlement.NONE)
        .order_by(Company.name_key, Seat.id, Membership.starts_on)
    )
    for role in HoldingRole:
        holding, person = HOLDINGS[role], PEOPLE[role]
        sits = and_(holding.seat_id == Seat.id, holding.role == role, _covers(holding, day))
        found = (
            found.outerjoin(holding, sits)
            .outerjoin(person, person.id == holding.person_id)
            .add_columns(
                holding.id,
                person.id,
                person.name,
                holding.starts_on,
                holding.ends_before,
                belongs_on(day, holding.person_id, Seat.company_id),
            )
        )
    return found


@lru_cache(maxsize=64)
def _roster_of_one(day: date) -> Select[Any]:
    return _roster(day).where(Seat.company_id == bindparam("company_id"))


@lru_cache(maxsize=64)
def representative_on(day: date) -> ColumnElement[str | None]:
    """The name of the council's representative for the company of the enclosing `Membership`.

    Nobody, if the holder has left the company: the seat is vacant by computation.
    """
    return (
        select(Person.name)
        .join(Holding, Holding.person_id == Person.id)
        .join(Seat, Seat.id == Holding.seat_id)
        .join(Body, Body.id == Seat.body_id)
        .where(
            Body.key == COUNCIL,
            Seat.company_id == Membership.company_id,
            Holding.role == HoldingRole.REPRESENTATIVE,
            _covers(Holding, day),
            belongs_on(day, Holding.person_id, Seat.company_id),
            exists().where(
                SEATED.id == memberships.tier_id_on(day), SEATED.seat != SeatEntitlement.NONE
            ),
        )
        .correlate(Membership)
        .scalar_subquery()
    )


def belongs_on(
    day: date, person_id: SQLColumnExpression[int], company_id: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """Whether the person is affiliated with the company on a day."""
    affiliation = EMPLOYMENT
    return exists().where(
        affiliation.person_id == person_id,
        affiliation.company_id == company_id,
        or_(affiliation.starts_on.is_(None), affiliation.starts_on <= day),
        or_(affiliation.ends_before.is_(None), affiliation.ends_before > day),
    )


def council_name(session: Session) -> str:
    """As the programme's file calls it; a word for it where none was loaded."""
    return session.scalar(select(Body.name).where(Body.key == COUNCIL)) or "Council"


def get_council(session: Session) -> Body:
    """Raises `NotFound` where no programme was loaded."""
    found = session.scalars(select(Body).where(Body.key == COUNCIL)).one_or_none()
    if found is None:
        raise NotFound("The programme has no council. Load programme.toml first.")
    return found


def council_id(session: Session) -> int | None:
    return session.scalar(select(Body.id).where(Body.key == COUNCIL))


def get_seat(session: Session, seat_id: int) -> Seat:
    """A seat with its company and body. Raises `NotFound`."""
    found = _seats().where(Seat.id == seat_id)
    seat = session.scalars(found).one_or_none()
    if seat is None:
        raise NotFound("There is no such seat.")
    return seat


def seat_of_company(session: Session, company_id: int) -> Seat | None:
    """The company's seat on the council, whether or not it stands today."""
    found = _seats().where(Body.key == COUNCIL, Seat.company_id == company_id)
    return session.scalars(found).one_or_none()


def get_holding(session: Session, holding_id: int) -> Holding:
    found = session.get(Holding, holding_id, options=[joinedload(Holding.person)])
    if found is None:
        raise NotFound("There is no such holding.")
    return found


def holdings_of(session: Session, seat_id: int) -> Sequence[Holding]:
    """The chain of who held a seat, the latest first, with the persons."""
    found = select(Holding).where(Holding.seat_id == seat_id)
    return session.scalars(
        found.options(joinedload(Holding.person)).order_by(
            Holding.starts_on.desc(), Holding.id.desc()
        )
    ).all()


def names_of(session: Session, people: Collection[int]) -> dict[int, str]:
    if not people:
        return {}
    found = select(Person.id, Person.name).where(Person.id.in_(people))
    return {row.id: row.name for row in session.execute(found)}


def eligible_on(session: Session, company_id: int, day: date) -> list[tuple[int, str, str | None]]:
    """Who could speak for a company on a day: id, name and title of those who belong to it."""
    found = (
        select(Person.id, Person.name, Affiliation.title)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id,
            Person.archived_on.is_(None),
            or_(Affiliation.ends_before.is_(None), Affiliation.ends_before > day),
        )
        .order_by(Person.name_key, Person.id)
        .limit(200)
    )
    people: dict[int, tuple[int, str, str | None]] = {}
    for id_, name, title in session.execute(found):
        people.setdefault(id_, (id_, name, title))
    return list(people.values())


def _seats() -> Select[Seat]:
    return (
        select(Seat)
        .join(Seat.body)
        .join(Seat.company)
        .options(contains_eager(Seat.body), contains_eager(Seat.company))
    )


def _covers(holding: type[Holding], day: date) -> ColumnElement[bool]:
    return and_(
        holding.starts_on <= day,
        or_(holding.ends_before.is_(None), holding.ends_before > day),
    )


def _sitter(columns: Sequence[Any]) -> Sitter | None:
    holding_id, person_id, name, since, until, here = columns
    if holding_id is None:
        return None
    return Sitter(
        holding_id=holding_id,
        person_id=person_id,
        name=name,
        since=since,
        until=until,
        here=bool(here),
    )
