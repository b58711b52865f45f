"""Writing who sits where. Each act refuses in words what the database would refuse anyway."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.models import Affiliation
from crm.council import rules, writing
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


class EndedMeanwhile(RuleBroken):
    """Who ends a holding has seen how it stands."""


class AlreadyBegun(RuleBroken):
    """A naming that has taken effect is ended, not taken back."""


def grant(session: Session, company_id: int, kind: SeatKind, *, now: datetime) -> Seat | None:
    """The company's seat on the council: the one it has, or a new one. Outlives a renewal.

    Who shares the elected seat gets none; what it had stays, and its history with it.
    """
    if kind is SeatKind.SHARED:
        return None
    body_id = session.scalar(select(Body.id).where(Body.key == rules.COUNCIL))
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


def name(
    session: Session,
    seat: Seat,
    role: HoldingRole,
    person_id: int,
    *,
    starts_on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Holding:
    """Name someone to a role that is vacant on that day."""
    check_belongs(session, seat, person_id, starts_on)
    period = rules.naming(_held(session, seat.id), role, person_id, starts_on)
    holding = Holding(
        seat_id=seat.id,
        person_id=person_id,
        role=role,
        starts_on=period.starts_on,
        ends_before=period.ends_before,
        created_at=now,
    )
    _write(session, holding, role)
    writing.draft(session, LetterKind.WELCOME, holding, on=starts_on, now=now, today=today)
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
    today: date,
) -> Holding:
    """Close the present holding and open the successor's on the same day: one act."""
    check_belongs(session, seat, person_id, on)
    act = rules.handing_over(_held(session, seat.id), role, person_id, on)
    assert act.closes is not None  # the rule raises when there is nothing to hand over
    present = session.get_one(Holding, act.closes.id)
    holding = Holding(
        seat_id=seat.id,
        person_id=person_id,
        role=role,
        starts_on=act.opens.starts_on,
        ends_before=act.opens.ends_before,
        closed_id=present.id,
        closed_ends_before=present.ends_before,
        closed_end_reason=present.end_reason,
        created_at=now,
    )
    present.ends_before, present.end_reason = on, reason
    _write(session, holding, role)
    for either in (present, holding):
        writing.draft(session, LetterKind.HANDOVER, either, on=on, now=now, today=today)
    _note(session, f"handed over as {role}", holding, by=by, now=now)
    return holding


def end_holding(
    session: Session,
    holding: Holding,
    *,
    on: date,
    reason: str | None,
    seen: date | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """The holder steps down; `on` is the first day without them.

    `seen`: when it was to end before, for who asks. Raises `EndedMeanwhile` if it no longer is.
    """
    held = _among(_held(session, holding.seat_id), holding)
    if held.period.ends_before != seen:
        how = f"ends before {in_words(holding.ends_before)}" if holding.ends_before else "goes on"
        raise EndedMeanwhile(
            f"Somebody else has changed this holding: it {how} now. Look at the seat again.",
            field="ends_before",
        )
    holding.ends_before, holding.end_reason = rules.ending(held, on).ends_before, reason
    session.flush()
    writing.draft(session, LetterKind.THANKS, holding, on=on, now=now, today=today)
    _note(session, f"stepped down as {holding.role}", holding, by=by, now=now)


def take_back(session: Session, holding: Holding, *, by: Actor, now: datetime, today: date) -> int:
    """Undo a naming made by mistake, before its holder has sat for a whole day.

    Whoever handed the seat over to them keeps it, as if they had not. How many letters about it
    had gone out already: they stay.
    """
    known = _held(session, holding.seat_id)
    back = _among(known, holding)
    if holding.starts_on < today:
        raise AlreadyBegun(
            f"This naming took effect on {in_words(holding.starts_on)}. End it instead."
        )
    again = rules.returning(known, back)
    _note(session, f"naming as {holding.role} taken back", holding, by=by, now=now)
    went_out = writing.take_back(session, holding)
    hands_to = again.hands_to if again is not None else None
    for follower in session.scalars(select(Holding).where(Holding.closed_id == holding.id)):
        carries_on = hands_to is not None and follower.id == hands_to.id
        follower.closed_id = back.closed_id if carries_on else None
        follower.closed_ends_before = holding.closed_ends_before if carries_on else None
        follower.closed_end_reason = holding.closed_end_reason if carries_on else None
    session.flush()
    session.delete(holding)
    session.flush()
    if again is None:
        return went_out
    reopened = session.get_one(Holding, again.reopens.id)
    if hands_to is not None:
        reason = holding.end_reason
    else:
        as_before = again.ends_before == holding.closed_ends_before
        reason = holding.closed_end_reason if as_before else None
    reopened.ends_before, reopened.end_reason = again.ends_before, reason
    session.flush()
    went_out += writing.take_back(session, reopened, LetterKind.HANDOVER)
    if hands_to is not None:
        on = hands_to.period.starts_on
        writing.draft(session, LetterKind.HANDOVER, reopened, on=on, now=now, today=today)
    return went_out


def _held(session: Session, seat_id: int) -> list[Held]:
    """The seat's holdings, locked: whoever acts on it next waits and then sees this act."""
    session.execute(select(Seat.id).where(Seat.id == seat_id).with_for_update())
    found = select(Holding).where(Holding.seat_id == seat_id).order_by(Holding.starts_on)
    return [
        Held(
            id=holding.id,
            person_id=holding.person_id,
            role=holding.role,
            period=holding.period,
            closed_id=holding.closed_id,
            closed_ends_before=holding.closed_ends_before,
        )
        for holding in session.scalars(found.execution_options(populate_existing=True))
    ]


def _among(known: list[Held], holding: Holding) -> Held:
    found = next((held for held in known if held.id == holding.id), None)
    if found is None:
        raise NotFound("Somebody has taken this naming back just now.")
    return found


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
