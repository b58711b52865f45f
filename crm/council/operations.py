"""Writing who sits where. Each act refuses in words what the database would refuse anyway."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.models import Affiliation
from crm.council import chain, rules, writing
from crm.council.models import Body, Holding, Seat
from crm.council.roster import sharers_on
from crm.council.rules import Held, HoldingRole, LetterKind, SeatKind, Taking
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.periods import in_words, runs
from crm.people.models import Person


class NotOfTheCompany(RuleBroken):
    """Only someone who belongs to the company on that day speaks for it."""


class EndedMeanwhile(RuleBroken):
    """Who ends a holding has seen how it stands."""


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
    """Name someone to a role that is vacant on that day; the alternate is promoted. Whoever held it
    and left the company ends on the day they left."""
    check_belongs(session, seat, person_id, starts_on)
    _close_for_who_left(session, seat, role, starts_on, by=by, now=now)
    act = rules.naming(chain.held(session, seat.id), role, person_id, starts_on)
    holding = _take(session, seat, role, person_id, act, now=now)
    writing.draft(session, LetterKind.WELCOME, holding, on=starts_on, now=now, today=today)
    chain.note(session, "named", holding, by=by, now=now)
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
    """Close the present holding and open the successor's on the same day: one act. The seat's own
    alternate is promoted by it."""
    check_belongs(session, seat, person_id, on)
    known = chain.held(session, seat.id)
    if (gone := left_on(session, seat, rules.held_on(on, known, role), on)) is not None:
        raise rules.NothingToHandOver(
            f"The seat is vacant: its {role} left before {in_words(gone)}. Name one instead.",
            field="starts_on",
        )
    act = rules.handing_over(known, role, person_id, on)
    assert act.closes is not None  # the rule raises when there is nothing to hand over
    present = session.get_one(Holding, act.closes.id)
    holding = _take(session, seat, role, person_id, act, reason=reason, now=now)
    for either in (present, holding):
        writing.draft(session, LetterKind.HANDOVER, either, on=on, now=now, today=today)
    chain.note(session, "handed over", holding, by=by, now=now)
    return holding


def left_on(session: Session, seat: Seat, held: Held | None, on: date) -> date | None:
    """The first day on which who holds a role on a day no longer belonged to those whose seat it
    is; None where they still do. They held it for a day at least."""
    companies = sharers_on(session, seat, on) if held is not None else None
    if held is None or companies is None or held.period.starts_on >= on:
        return None
    jobs = session.scalars(
        select(Affiliation).where(
            Affiliation.person_id == held.person_id, Affiliation.company_id.in_(companies)
        )
    ).all()
    if any(runs(job.starts_on, job.ends_before, on=on) for job in jobs):
        return None
    ends = [job.ends_before for job in jobs if job.ends_before and job.ends_before <= on]
    return max(max(ends, default=on), held.period.starts_on + timedelta(days=1))


def _close_for_who_left(
    session: Session, seat: Seat, role: HoldingRole, on: date, *, by: Actor, now: datetime
) -> None:
    held = rules.held_on(on, chain.held(session, seat.id), role)
    gone = left_on(session, seat, held, on)
    if held is None or gone is None:
        return
    holding = session.get_one(Holding, held.id)
    holding.ends_before, holding.end_reason = gone, "left the company"
    session.flush()
    chain.note(session, "left", holding, by=by, now=now)


def _take(
    session: Session,
    seat: Seat,
    role: HoldingRole,
    person_id: int,
    act: Taking,
    *,
    reason: str | None = None,
    now: datetime,
) -> Holding:
    """Write it, and with it what it ends: who held the role, and what they were themselves."""
    on = act.opens.starts_on
    holding = Holding(
        seat_id=seat.id,
        person_id=person_id,
        role=role,
        starts_on=on,
        ends_before=act.opens.ends_before,
        created_at=now,
    )
    if act.closes is not None:
        present = session.get_one(Holding, act.closes.id)
        holding.closed_id, holding.closed_ends_before = present.id, present.ends_before
        holding.closed_end_reason = present.end_reason
        present.ends_before, present.end_reason = on, reason
    if act.promotes is not None:
        other = session.get_one(Holding, act.promotes.id)
        holding.promoted_id, holding.promoted_ends_before = other.id, other.ends_before
        holding.promoted_end_reason = other.end_reason
        other.ends_before, other.end_reason = on, f"became the {role}"
    chain.write(session, holding, role)
    return holding


def end_holding(
    session: Session,
    holding: Holding,
    *,
    on: date | None,
    reason: str | None,
    seen: date | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> int:
    """The holder steps down; `on` is the first day without them, None where they stay after all.

    `seen`: when it was to end before, for who asks. Raises `EndedMeanwhile` if it no longer is.
    How many letters that thanked them for an earlier day had gone out.
    """
    known = chain.held(session, holding.seat_id)
    held = chain.among(known, holding)
    if held.period.ends_before != seen:
        how = f"ends before {in_words(holding.ends_before)}" if holding.ends_before else "goes on"
        raise EndedMeanwhile(
            f"Somebody else has changed this holding: it {how} now. Look at the seat again.",
            field="ends_before",
        )
    ends_before = rules.ending(known, held, on, today).ends_before
    holding.ends_before, holding.end_reason = ends_before, reason
    session.flush()
    went_out = writing.take_back(session, holding, LetterKind.THANKS, by=by, now=now)
    if on is not None:
        writing.draft(session, LetterKind.THANKS, holding, on=on, now=now, today=today)
    act = "stepped down" if on is not None else "stays on"
    chain.note(session, act, holding, by=by, now=now)
    return went_out


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
    jobs = session.scalars(found)
    if not any(runs(job.starts_on, job.ends_before, on=on) for job in jobs):
        whose = "the company" if len(companies) == 1 else "one of the companies of this seat"
        raise NotOfTheCompany(
            f"Only someone who works at {whose} on {in_words(on)} can speak for it. Add the "
            "affiliation on the person's page first.",
            field="person",
        )
