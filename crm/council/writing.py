"""Letters about a seat: drafted by the act, looked at, and let go out by a person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.council import queries, rules
from crm.council.letters import SeatFacts, seat_letter
from crm.council.models import Holding, SeatLetter
from crm.council.rules import LetterKind
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.mail import drafts
from crm.mail import queries as outbox
from crm.mail.drafts import Held, NoLetter, Wording
from crm.mail.letters import Letter
from crm.mail.models import OutgoingMail
from crm.people.models import PersonAddress
from crm.programme.models import Programme


def draft(
    session: Session,
    kind: LetterKind,
    holding: Holding,
    *,
    on: date,
    now: datetime,
    today: date,
) -> None:
    """Note that this letter waits; one of a kind a holding. What happened on a day long past is
    recorded, not written about."""
    if not rules.worth_a_letter(on, today):
        return
    known = select(SeatLetter.id).where(
        SeatLetter.holding_id == holding.id, SeatLetter.kind == kind
    )
    if session.scalar(known) is None:
        session.add(
            SeatLetter(
                seat_id=holding.seat_id,
                person_id=holding.person_id,
                holding_id=holding.id,
                kind=kind,
                drafted_at=now,
            )
        )
        session.flush()


def take_back(
    session: Session, holding: Holding, kind: LetterKind | None = None, *, by: Actor, now: datetime
) -> int:
    """The act of which these letters told is undone: none is left that waits, here or in the
    outbox. What went out stays, without the holding; how many those are."""
    found = select(SeatLetter).where(SeatLetter.holding_id == holding.id)
    went_out = 0
    for letter in session.scalars(found if kind is None else found.where(SeatLetter.kind == kind)):
        held = drafts.hold_back(session, letter, _key(letter))
        if held is Held.NOWHERE:
            letter.holding = None
            went_out += 1
            continue
        if held is Held.OUTBOX:
            _note(session, letter, "stopped in the outbox", by=by, now=now)
        session.delete(letter)
    session.flush()
    return went_out


def written(session: Session, letter: SeatLetter, *, by: Actor) -> Letter:
    """As it would go out now. Raises `NoLetter` where there is nobody to write to."""
    holding = letter.holding
    if holding is None:
        raise NoLetter("What it told of was taken back; the letter had gone out by then.")
    primary = select(PersonAddress.email).where(
        PersonAddress.person_id == letter.person_id,
        PersonAddress.is_primary,
        PersonAddress.retired_on.is_(None),
    )
    to = session.scalar(primary)
    if to is None:
        raise NoLetter(f"{letter.person.name} has no e-mail address on record. Add one first.")
    facts = _facts(session, letter.kind, holding)
    return seat_letter(facts, letter.kind, to=to, writer=by.name, dedupe_key=_key(letter))


def posted(session: Session, letter: SeatLetter) -> OutgoingMail | None:
    """As it was released."""
    return outbox.find_by_key(session, _key(letter))


def _key(letter: SeatLetter) -> str:
    return f"seat:{letter.kind}:{letter.id}:{letter.person_id}:{letter.drafted_at.isoformat()}"


def release(
    session: Session,
    letter: SeatLetter,
    wording: Wording | None = None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let it go out, once, in these words if there are some. Raises `NoLetter`, or `Stale`."""

    def write() -> Letter:
        return written(session, letter, by=by)

    drafts.release(session, letter, write, wording, by=by, now=now)
    _note(session, letter, "released", by=by, now=now)


def drop(session: Session, letter: SeatLetter, *, by: Actor, now: datetime) -> None:
    """It is not needed. Raises `NoLetter`."""
    drafts.drop(session, letter, now=now)
    _note(session, letter, "dropped", by=by, now=now)


def _facts(session: Session, kind: LetterKind, holding: Holding) -> SeatFacts:
    seat = queries.get_seat(session, holding.seat_id)
    name, facts = session.execute(select(Programme.name, Programme.facts)).one()
    comes, goes = _neighbour(session, holding, comes=True), _neighbour(session, holding)
    leaves = kind is LetterKind.HANDOVER and comes is not None
    other = comes if leaves else goes
    return SeatFacts(
        seat_id=seat.id,
        seat=seat.name,
        of_company=seat.company_id is not None,
        body=seat.body.name,
        role=holding.role,
        name=holding.person.name,
        since=holding.starts_on,
        ends_before=holding.ends_before,
        leaves=leaves,
        other=other.person.name if other is not None else "",
        programme=name,
        contact=facts["contact"],
    )


def _neighbour(session: Session, holding: Holding, *, comes: bool = False) -> Holding | None:
    """Who takes the role over on the day this holding ends, or had it up to its first day."""
    meets = (
        Holding.starts_on == holding.ends_before
        if comes
        else Holding.ends_before == holding.starts_on
    )
    found = (
        select(Holding)
        .where(Holding.seat_id == holding.seat_id, Holding.role == holding.role, meets)
        .where(Holding.id != holding.id)
        .options(joinedload(Holding.person))
    )
    return session.scalars(found.limit(1)).one_or_none()


def _note(session: Session, letter: SeatLetter, act: str, *, by: Actor, now: datetime) -> None:
    session.flush()
    journal.note(
        session,
        act,
        kind="seat letter",
        record_id=letter.id,
        label=letter.kind.value,
        parent=("seat", letter.seat_id),
        by=by,
        now=now,
    )
