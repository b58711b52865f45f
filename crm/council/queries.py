"""Bodies, seats and their holders, one by one; the roster of a day is `roster`'s."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from crm.council.models import Body, Chair, Holding, Nomination, Seat, SeatLetter
from crm.council.place_queries import is_open
from crm.council.rules import COUNCIL, BodyKind, HoldingRole
from crm.council.sitters import EMPLOYMENT, employed_after, employed_on
from crm.kit.days import runs_on
from crm.kit.errors import NotFound
from crm.kit.periods import in_words
from crm.people.models import Person


def get_council(session: Session) -> Body:
    """Raises `NotFound` where no programme was loaded."""
    found = session.scalars(select(Body).where(Body.key == COUNCIL)).one_or_none()
    if found is None:
        raise NotFound("The programme has no council. Load programme.toml first.")
    return found


def bodies(session: Session, day: date, *, with_groups: bool = False) -> Sequence[Body]:
    """The council and the committees that the programme's file has on a day, the council first;
    then the working groups, if they are asked for."""
    found = select(Body).where(is_open(day))
    if not with_groups:
        found = found.where(Body.kind != BodyKind.GROUP)
    order = Body.key != COUNCIL, Body.kind, Body.name, Body.id
    return session.scalars(found.order_by(*order)).all()


def get_body(session: Session, body_id: int) -> Body:
    found = session.get(Body, body_id)
    if found is None:
        raise NotFound("There is no such body.")
    return found


def chair_on(session: Session, body_id: int, day: date) -> Chair | None:
    """Who leads the body on a day, with the person."""
    found = select(Chair).where(Chair.body_id == body_id, runs_on(Chair, day))
    return session.scalars(found.options(joinedload(Chair.person))).one_or_none()


def chairs_of(session: Session, body_id: int) -> Sequence[Chair]:
    """The latest first, with the persons."""
    found = select(Chair).where(Chair.body_id == body_id).options(joinedload(Chair.person))
    return session.scalars(found.order_by(Chair.starts_on.desc())).all()


def get_chair(session: Session, chair_id: int) -> Chair:
    found = session.get(Chair, chair_id, options=[joinedload(Chair.person)])
    if found is None:
        raise NotFound("There is no such chair.")
    return found


def nominations_of(session: Session, seat_id: int) -> Sequence[Nomination]:
    """Open ones first, then the latest decided, with the persons."""
    found = select(Nomination).where(Nomination.seat_id == seat_id)
    return session.scalars(
        found.options(joinedload(Nomination.person)).order_by(
            Nomination.decided_on.is_not(None), Nomination.id.desc()
        )
    ).all()


def get_nomination(session: Session, nomination_id: int) -> Nomination:
    found = session.get(Nomination, nomination_id, options=[joinedload(Nomination.person)])
    if found is None:
        raise NotFound("There is no such nomination.")
    return found


def letters_of(session: Session, seat_id: int) -> Sequence[SeatLetter]:
    """Those that nobody dropped, the latest first, with whom they go to."""
    found = (
        select(SeatLetter)
        .where(SeatLetter.seat_id == seat_id, SeatLetter.dropped_at.is_(None))
        .options(joinedload(SeatLetter.person))
        .order_by(SeatLetter.id.desc())
    )
    return session.scalars(found).all()


def get_letter(session: Session, letter_id: int) -> SeatLetter:
    """With whom it goes to. Raises `NotFound`."""
    known = session.get(
        SeatLetter,
        letter_id,
        options=[
            joinedload(SeatLetter.person),
            joinedload(SeatLetter.holding).joinedload(Holding.person),
        ],
    )
    if known is None or known.dropped_at is not None:
        raise NotFound("There is no such letter.")
    return known


def get_seat(session: Session, seat_id: int) -> Seat:
    """A seat with its body, and its company if it is one's. Raises `NotFound`."""
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


def following(session: Session, body_id: int, day: date) -> dict[tuple[int, HoldingRole], Holding]:
    """Who comes next after a day to each seat and role of a body, with the persons."""
    found = (
        select(Holding)
        .join(Holding.seat)
        .where(Seat.body_id == body_id, Holding.starts_on > day)
        .options(joinedload(Holding.person))
        .order_by(Holding.starts_on.desc())
    )
    return {(held.seat_id, held.role): held for held in session.scalars(found)}


def names_of(session: Session, people: Collection[int]) -> dict[int, str]:
    if not people:
        return {}
    found = select(Person.id, Person.name).where(Person.id.in_(people))
    return {row.id: row.name for row in session.execute(found)}


def eligible_on(
    session: Session, companies: Collection[int], day: date
) -> list[tuple[int, str, str | None]]:
    """Who could speak for these companies on a day or later, as a successor dated ahead does: id,
    name and title of their people; of those who are not there yet with the day they come."""
    found = (
        select(Person.id, Person.name, EMPLOYMENT.title, EMPLOYMENT.starts_on)
        .join(EMPLOYMENT, EMPLOYMENT.person_id == Person.id)
        .where(
            EMPLOYMENT.company_id.in_(companies),
            Person.archived_on.is_(None),
            employed_after(day),
        )
        .order_by(Person.name_key, Person.id, employed_on(day).desc(), EMPLOYMENT.starts_on)
        .limit(200)
    )
    people: dict[int, tuple[int, str, str | None]] = {}
    for id_, name, title, starts_on in session.execute(found):
        if starts_on is not None and starts_on > day:
            title = ", ".join(filter(None, (title, f"from {in_words(starts_on)}")))
        people.setdefault(id_, (id_, name, title))
    return list(people.values())


def _seats() -> Select[Seat]:
    return (
        select(Seat)
        .join(Seat.body)
        .outerjoin(Seat.company)
        .options(contains_eager(Seat.body), contains_eager(Seat.company))
    )
