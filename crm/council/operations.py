"""Writing who sits where. Each act refuses in words what the database would refuse anyway."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.models import Affiliation
from crm.council import queries, rules, writing
from crm.council.models import Body, Holding, Seat
from crm.council.roster import sharers_on
from crm.council.rules import Held, HoldingRole, LetterKind, SeatKind
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.periods import in_words
from crm.people.models import Person


class NotOfTheCompany(RuleBroken):
    """Only someone who belongs to the company on that day speaks for it."""


class AlreadyBegun(RuleBroken):
    """A naming that has taken effect is ended, not taken back."""


def grant(session: Session, company_id: int, kind: SeatKind, *, now: datetime) -> Seat | None:
    """The company's seat on the council: the one it has, or a new one. Outlives a renewal.

    Who shares the elected seat gets none; what it had stays, and its history with it.
    """
    if kind is SeatKind.SHARED:
        return None
    body_id = session.scalar(select(Body.id).where(Body.key == queries.COUNCIL))
    if body_id is None:
        raise NotFound("The programme has no council. Load programme.toml first.")
    seat = _seat(session, body_id, company_id)
    if seat is None:
        seat = Seat(body_id=body_id, company_id=company_id, kind=kind, created_at=now)
        try:
            with session.begin_nested():
                session.add(seat)
                session.flush()
        except IntegrityError:  # another term of the company was started at the same moment
            seat = _seat(session, body_id, company_id)
            if seat is None:
                raise
    seat.kind = kind
    session.flush()
    return seat


def _seat(session: Session, body_id: int, company_id: int) -> Seat | None:
    known = select(Seat).where(Seat.body_id == body_id, Seat.company_id == company_id)
    return session.scalars(known.with_for_update()).one_or_none()


def name_representative(
    session: Session, seat: Seat, person_id: int, *, starts_on: date, by: Actor, now: datetime
) -> Holding:
    return name(
        session, seat, HoldingRole.REPRESENTATIVE, person_id, starts_on=starts_on, by=by, now=now
    )


def name_alternate(
    session: Session, seat: Seat, person_id: int, *, starts_on: date, by: Actor, now: datetime
) -> Holding:
    return name(
        session, seat, HoldingRole.ALTERNATE, person_id, starts_on=starts_on, by=by, now=now
    )


def name(
    session: Session,
    seat: Seat,
    role: HoldingRole,
    person_id: int,
    *,
    starts_on: date,
    by: Actor,
    now: datetime,
) -> Holding:
    """Name someone to a role that is vacant on that day."""
    check_belongs(session, seat, person_id, starts_on)
    period = rules.naming(_held(session, seat), role, person_id, starts_on)
    holding = Holding(
        seat_id=seat.id,
        person_id=person_id,
        role=role,
        starts_on=period.starts_on,
        ends_before=period.ends_before,
        created_at=now,
    )
    _write(session, holding, role)
    writing.draft(session, LetterKind.WELCOME, holding, on=starts_on, now=now)
    _note(session, f"named {role}", holding, by=by, now=now)
    return holding


def hand_over(
    session: Session,
    seat: Seat,
    role: HoldingRole,
    person_id: int,
    *,
    on: date,
    reason: str | None = None,
    by: Actor,
    now: datetime,
) -> Holding:
    """Close the present holding and open the successor's on the same day: one act."""
    check_belongs(session, seat, person_id, on)
    act = rules.handing_over(_held(session, seat), role, person_id, on)
    assert act.closes is not None  # the rule raises when there is nothing to hand over
    present = session.get_one(Holding, act.closes.id)
    holding = Holding(
        seat_id=seat.id,
        person_id=person_id,
        role=role,
        starts_on=act.opens.starts_on,
        ends_before=act.opens.ends_before,
        created_at=now,
    )
    present.ends_before, present.end_reason = on, reason
    _write(session, holding, role)
    for either in (present, holding):
        writing.draft(session, LetterKind.HANDOVER, either, on=on, now=now)
    _note(session, f"handed over as {role}", holding, by=by, now=now)
    return holding


def end_holding(
    session: Session, holding: Holding, *, on: date, reason: str | None, by: Actor, now: datetime
) -> None:
    """The holder steps down; `on` is the first day without them."""
    period = rules.ending(_as_held(holding), on)
    holding.ends_before, holding.end_reason = period.ends_before, reason
    session.flush()
    writing.draft(session, LetterKind.THANKS, holding, on=on, now=now)
    _note(session, f"stepped down as {holding.role}", holding, by=by, now=now)


def take_back(session: Session, holding: Holding, *, by: Actor, now: datetime, today: date) -> None:
    """Undo a naming made by mistake, before its holder has sat for a whole day."""
    if holding.starts_on < today:
        raise AlreadyBegun(
            f"This naming took effect on {in_words(holding.starts_on)}. End it instead."
        )
    _note(session, f"naming as {holding.role} taken back", holding, by=by, now=now)
    writing.take_back(session, holding, now=now)
    session.delete(holding)
    session.flush()


def _held(session: Session, seat: Seat) -> list[Held]:
    """The seat's holdings, locked: whoever names next waits and then sees this naming."""
    session.execute(select(Seat.id).where(Seat.id == seat.id).with_for_update())
    found = select(Holding).where(Holding.seat_id == seat.id).order_by(Holding.starts_on)
    fresh = session.scalars(found.execution_options(populate_existing=True))
    return [_as_held(holding) for holding in fresh if not _is_void(holding)]


def _is_void(holding: Holding) -> bool:
    return holding.ends_before is not None and holding.ends_before <= holding.starts_on


def _as_held(holding: Holding) -> Held:
    return Held(holding.id, holding.person_id, holding.role, holding.period)


def check_belongs(session: Session, seat: Seat, person_id: int, on: date) -> None:
    """Also who is proposed must be able to sit: asked by `nominations`."""
    person = session.get(Person, person_id)
    if person is None or person.archived_on is not None:
        raise NotOfTheCompany("Choose a person who is on record.", field="person")
    companies = sharers_on(session, seat, on)
    if companies is None:
        return
    found = select(Affiliation).where(
        Affiliation.person_id == person_id, Affiliation.company_id.in_(companies)
    )
    if not any(on in affiliation.period for affiliation in session.scalars(found)):
        whose = "the company" if len(companies) == 1 else "one of the companies of this seat"
        raise NotOfTheCompany(
            f"Only someone who works at {whose} on {in_words(on)} can speak for it. Add the "
            "affiliation on the person's page first.",
            field="person",
        )


def _write(session: Session, holding: Holding, role: HoldingRole) -> None:
    """Flush what was changed, then the new row: the database must see the old holding closed."""
    try:
        with session.begin_nested():
            session.flush()
            session.add(holding)
            session.flush()
    except IntegrityError as error:
        if "ex_holding_one_" not in str(error.orig):
            raise
        raise rules.SeatTaken(
            f"Someone else named a {role} for that time just now. Look at the seat again.",
            field="starts_on",
        ) from None


def _note(session: Session, act: str, holding: Holding, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="holding",
        record_id=holding.id,
        parent=("seat", holding.seat_id),
        by=by,
        now=now,
    )
