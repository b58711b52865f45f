"""Who leads a body: one at a time, dated, one of those who sit on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import queries, rules
from crm.council.models import Body, Chair
from crm.council.roster import roster_on, titled_on
from crm.council.roster_lines import RosterLine, TitledLine
from crm.council.rules import BodyKind
from crm.council.sitters import Sitter
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken

Line = RosterLine | TitledLine


class NotOnTheBody(RuleBroken):
    """Who chairs a body sits on it."""


class ChairTaken(RuleBroken):
    """A body has one chair at a time."""


def sitters_of(lines: Iterable[Line]) -> list[Sitter]:
    """Who sits by the lines of a roster, each once, by name."""
    held = [sitter for line in lines if line.stands for sitter in (line.speaker, line.stand_in)]
    found = {sitter.person_id: sitter for sitter in held if sitter is not None}
    return sorted(found.values(), key=lambda sitter: (sitter.name, sitter.person_id))


def sitting_on(session: Session, body: Body, day: date) -> list[Sitter]:
    """Who sits on a body on a day, each once, by name."""
    if body.kind is BodyKind.COUNCIL:
        return sitters_of(roster_on(session, day))
    return sitters_of(titled_on(session, body.id, day))


def leads(chair: Chair, lines: Iterable[Line]) -> bool:
    """Whether the chair still sits on the body, by its roster of that day: who gave up the seat,
    left the company or saw its membership lapse chairs nothing, and the chair is vacant."""
    return any(sitter.person_id == chair.person_id for sitter in sitters_of(lines))


def name_chair(
    session: Session, body: Body, person_id: int, *, on: date, by: Actor, now: datetime
) -> Chair:
    """From a day on; who chairs the body until then gives it up on that day, in the same act.

    Up to a successor dated ahead, where there is one.
    """
    session.execute(select(Body.id).where(Body.id == body.id).with_for_update())
    if all(sitter.person_id != person_id for sitter in sitting_on(session, body, on)):
        raise NotOnTheBody("Choose somebody who sits on this body on that day.", field="person")
    terms = queries.chairs_of(session, body.id)
    present = next((chair for chair in terms if on in chair.period), None)
    if present is not None and present.person_id == person_id:
        raise ChairTaken("This person is the chair on that day already.", field="person")
    if present is not None and present.starts_on == on:
        raise ChairTaken(
            "Somebody else begins as chair on that very day. Choose a later day.",
            field="starts_on",
        )
    later = (chair.starts_on for chair in terms if chair.starts_on > on)
    chair = Chair(
        body_id=body.id,
        person_id=person_id,
        starts_on=on,
        ends_before=min(later, default=None),
        created_at=now,
    )
    if present is not None:
        present.ends_before = on
    try:
        with session.begin_nested():
            session.flush()
            session.add(chair)
            session.flush()
    except IntegrityError as error:
        if "ex_chair_one" not in str(error.orig):
            raise
        raise ChairTaken(
            "Somebody else named a chair just now. Look at it again.", field="starts_on"
        ) from None
    _note(session, "named chair", chair, by=by, now=now)
    return chair


def end_chair(session: Session, chair: Chair, *, on: date, by: Actor, now: datetime) -> None:
    """The chair is given up; `on` is the first day without it."""
    if on <= chair.starts_on:
        raise rules.TooEarly("A chair ends after the day it began.", field="ends_before")
    if chair.ends_before is not None and on >= chair.ends_before:
        raise rules.TooEarly("It ends on that day or before already.", field="ends_before")
    chair.ends_before = on
    session.flush()
    _note(session, "gave up the chair", chair, by=by, now=now)


def _note(session: Session, act: str, chair: Chair, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="chair",
        record_id=chair.id,
        parent=("body", chair.body_id),
        by=by,
        now=now,
    )
