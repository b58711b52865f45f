"""Proposing who is to sit; a holding comes only of confirming it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import chain, operations, rules
from crm.council.models import Holding, Nomination, Seat
from crm.council.rules import AlreadyHolds, HoldingRole
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.days import runs_on
from crm.kit.db import lock
from crm.kit.errors import RuleBroken


class ProposalOpen(RuleBroken):
    """One proposal at a time for a role on a seat."""


class AlreadyDecided(RuleBroken):
    """A proposal is confirmed or declined once."""


@dataclass(frozen=True, kw_only=True)
class NewNomination:
    """Whom somebody proposes, from which day on. `proposed_by` is in the proposer's words."""

    role: HoldingRole
    person_id: int
    starts_on: date
    proposed_by: str
    note: str | None = None


def propose(
    session: Session, seat: Seat, wanted: NewNomination, *, by: Actor, now: datetime, today: date
) -> Nomination:
    """Write the proposal down. Raises `ProposalOpen`, `NotOfTheCompany` or `AlreadyHolds`."""
    _lock(session, seat.id)
    _refuse_second(session, seat, wanted.role)
    operations.check_belongs(session, seat, wanted.person_id, wanted.starts_on)
    sits = select(Holding.id).where(
        Holding.seat_id == seat.id,
        Holding.person_id == wanted.person_id,
        runs_on(Holding, wanted.starts_on),
    )
    if session.scalar(sits) is not None:
        raise AlreadyHolds("This person is on this seat on that day already.", field="person")
    nomination = Nomination(
        seat_id=seat.id,
        role=wanted.role,
        person_id=wanted.person_id,
        starts_on=wanted.starts_on,
        proposed_by=wanted.proposed_by,
        note=wanted.note,
        proposed_on=today,
        by_name=by.name,
        created_at=now,
    )
    try:
        with session.begin_nested():
            session.add(nomination)
            session.flush()
    except IntegrityError as error:
        _tell(error)
        raise
    _note(session, "made", nomination, by=by, now=now)
    return nomination


def confirm(
    session: Session, nomination: Nomination, *, by: Actor, now: datetime, today: date
) -> Holding:
    """Name whom it proposes, or hand the seat over to them: one act. Raises what these raise."""
    seat = _open(session, nomination)
    role, person_id, on = nomination.role, nomination.person_id, nomination.starts_on
    held = rules.held_on(on, chain.held(session, seat.id), role)
    if held is None or operations.left_on(session, seat, held, on) is not None:
        holding = operations.name(
            session, seat, role, person_id, starts_on=on, by=by, now=now, today=today
        )
    else:
        holding = operations.hand_over(
            session, seat, role, person_id, on=on, by=by, now=now, today=today
        )
    nomination.decided_on, nomination.decided_by = today, by.name
    session.flush()
    _note(session, "confirmed", nomination, by=by, now=now)
    return holding


def decline(
    session: Session, nomination: Nomination, *, reason: str, by: Actor, now: datetime, today: date
) -> None:
    """Not this person, or not now; the reason stays."""
    _open(session, nomination)
    nomination.decided_on, nomination.decided_by = today, by.name
    nomination.declined_reason = reason
    session.flush()
    _note(session, "declined", nomination, by=by, now=now)


def _open(session: Session, nomination: Nomination) -> Seat:
    """The seat of a proposal that is still open, both locked. Raises `AlreadyDecided`."""
    seat = _lock(session, nomination.seat_id)
    lock(session, nomination)
    if nomination.decided_on is not None:
        word = "confirmed" if nomination.declined_reason is None else "declined"
        raise AlreadyDecided(f"{nomination.decided_by} has {word} this proposal already.")
    return seat


def _lock(session: Session, seat_id: int) -> Seat:
    """Whoever acts on the seat next waits, and then sees what was done."""
    return session.scalars(select(Seat).where(Seat.id == seat_id).with_for_update()).one()


def _refuse_second(session: Session, seat: Seat, role: HoldingRole) -> None:
    waiting = select(Nomination.id).where(
        Nomination.seat_id == seat.id, Nomination.role == role, Nomination.decided_on.is_(None)
    )
    if session.scalar(waiting) is not None:
        raise ProposalOpen(
            f"Somebody is proposed as {role} of this seat already. Confirm or decline that first.",
            field="role",
        )


def _tell(error: IntegrityError) -> None:
    """The database's refusal of a second open proposal, in our words."""
    said = str(error.orig)
    if "uq_nomination_open" in said or "nomination.seat_id" in said:
        raise ProposalOpen(
            "Somebody else proposed someone for this seat just now. Look at it again.",
            field="role",
        ) from None


def _note(session: Session, act: str, nomination: Nomination, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="nomination",
        record_id=nomination.id,
        parent=("seat", nomination.seat_id),
        by=by,
        now=now,
    )
