"""Inviting to a meeting, and noting who answered what and who came."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import meeting_queries as queries
from crm.council.meeting_letters import Facts, Kind, letter
from crm.council.meeting_models import Attendee, Meeting
from crm.council.meeting_rules import Answer, Presence
from crm.council.participants import Participant, participants_on
from crm.council.planning import refuse_over
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock, renew
from crm.kit.errors import RuleBroken, Stale
from crm.mail import operations as mail
from crm.mail.letters import Letter
from crm.programme.models import Programme


class NothingToSend(RuleBroken):
    """Everybody who is to know has been told, or has no address."""


class TooLate(RuleBroken):
    """Nobody is invited to a meeting that has begun."""


class NotBegun(RuleBroken):
    """Who was there is known once it has begun."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """Who is to be told what. `email` None: there is no address to write to."""

    kind: Kind
    person_id: int
    name: str
    company_id: int | None
    company: str
    email: str | None


@dataclass(frozen=True)
class Mark:
    answer: Answer | None
    presence: Presence | None


def outgoing(session: Session, meeting: Meeting) -> list[Outgoing]:
    """Who has not been told how the meeting stands now: in the order of the body's roster."""
    listed = {
        one.person_id: one
        for one in queries.attendees_of(session, meeting.id)
        if one.person_id is not None
    }
    parts = _parts(session, meeting)
    found = []
    for person_id, part in parts.items():
        told = listed[person_id].told if person_id in listed else None
        if told is None or told < meeting.sequence:
            kind = Kind.INVITATION if told is None else Kind.UPDATE
            found.append(_outgoing(kind, part))
    for person_id, one in listed.items():
        if person_id not in parts and one.told is not None and one.presence is None:
            found.append(_former(Kind.WITHDRAWN, one))
    return found


def facts(session: Session, meeting: Meeting, *, writer: str) -> Facts:
    name, said = session.execute(select(Programme.name, Programme.facts)).one()
    return Facts(
        meeting=meeting,
        agenda=tuple(queries.agenda_of(session, meeting.id)),
        programme=name,
        contact=said["contact"],
        antitrust=said.get("council", {}).get("antitrust", ""),
        writer=writer,
    )


def draft(session: Session, meeting: Meeting, kind: Kind, *, writer: str, now: datetime) -> Letter:
    """The letter as somebody will get it, for the page that shows it before it goes out."""
    said = facts(session, meeting, writer=writer)
    return letter(
        said, kind, "…", said.contact or "nobody@alliance-crm.invalid", person_id=0, now=now
    )


def release(session: Session, meeting: Meeting, *, by: Actor, now: datetime) -> int:
    """Let the letters go out to whoever has not been told; how many. One a person and change.

    Raises `IsCancelled`, `TooLate`, `NothingToSend`.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    if meeting.starts.moment <= now:
        raise TooLate("This meeting has begun: there is nobody to invite any more.")
    gather(session, meeting)
    waiting = [one for one in outgoing(session, meeting) if one.email is not None]
    if not waiting:
        raise NothingToSend("Everybody who can be written to has been told.")
    _send(session, meeting, waiting, by=by, now=now)
    former = {one.person_id for one in waiting if one.kind is Kind.WITHDRAWN}
    for one in queries.attendees_of(session, meeting.id):
        if one.person_id in former:
            session.delete(one)
    session.flush()
    _note(session, "invitations released", meeting, f"{len(waiting)} letters", by=by, now=now)
    return len(waiting)


def call_off(session: Session, meeting: Meeting, *, by: Actor, now: datetime) -> int:
    """Tell everybody who was invited that it is cancelled; how many letters that makes."""
    told = [
        _former(Kind.CANCELLED, one)
        for one in queries.attendees_of(session, meeting.id)
        if one.told is not None
    ]
    _send(session, meeting, told, by=by, now=now)
    return len(told)


def gather(session: Session, meeting: Meeting) -> int:
    """Put everybody with a part in the body on that day on the list; how many are new.

    Who has none any more, was never told and never marked goes off it.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    parts = _parts(session, meeting)
    listed = {one.person_id: one for one in queries.attendees_of(session, meeting.id)}
    for person_id, one in listed.items():
        untouched = one.told is None and one.answer is None and one.presence is None
        if person_id is not None and person_id not in parts and untouched:
            session.delete(one)
    new = [part for person_id, part in parts.items() if person_id not in listed]
    for part in new:
        session.add(
            Attendee(
                meeting_id=meeting.id,
                person_id=part.person_id,
                company_id=part.company_id,
                part=part.part,
                email=part.email,
            )
        )
    session.flush()
    return len(new)


def missing(session: Session, meeting: Meeting, listed: Collection[int | None]) -> int:
    """How many with a part in the body on that day are not on the list."""
    return sum(person_id not in listed for person_id in _parts(session, meeting))


def add_guest(session: Session, meeting: Meeting, name: str) -> Attendee:
    """Somebody who comes along without a part in the body."""
    lock(session, meeting)
    refuse_over(session, meeting)
    guest = Attendee(meeting_id=meeting.id, guest_name=name)
    session.add(guest)
    session.flush()
    return guest


def remove_guest(session: Session, meeting: Meeting, guest: Attendee) -> None:
    refuse_over(session, meeting)
    if guest.part is not None:
        raise RuleBroken("Who is invited stays on the list. Mark them as excused instead.")
    session.delete(guest)
    session.flush()


def record(
    session: Session,
    meeting: Meeting,
    marks: Mapping[int, Mark],
    *,
    version: int,
    now: datetime,
    today: date,
) -> None:
    """Note answers and who was there, by the list's ids; who is not named stays as they were.

    Raises `NotBegun`, and `Stale` if somebody else changed the list since `version` was read.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    people = {one.id: one for one in queries.attendees_of(session, meeting.id)}
    changed = {
        id_: mark
        for id_, mark in marks.items()
        if id_ in people and Mark(people[id_].answer, people[id_].presence) != mark
    }
    if meeting.version != version:
        raise Stale(
            "the list of this meeting",
            theirs={one.name: _said(Mark(one.answer, one.presence)) for one in people.values()},
            yours={people[id_].name: _said(mark) for id_, mark in marks.items() if id_ in people},
        )
    if meeting.starts.moment > now and any(m.presence is not None for m in changed.values()):
        raise NotBegun("This meeting has not begun: nobody was there yet.")
    for id_, mark in changed.items():
        one = people[id_]
        if one.answer is not mark.answer:
            one.answer, one.answered_on = mark.answer, None if mark.answer is None else today
        one.presence = mark.presence
    if changed:
        renew(session, meeting, seen=version)


def _parts(session: Session, meeting: Meeting) -> dict[int, Participant]:
    """Each person once, in the first of their parts."""
    found: dict[int, Participant] = {}
    for one in participants_on(session, meeting.body, meeting.on):
        found.setdefault(one.person_id, one)
    return found


def _send(
    session: Session, meeting: Meeting, waiting: Sequence[Outgoing], *, by: Actor, now: datetime
) -> None:
    said = facts(session, meeting, writer=by.name)
    people = {one.person_id: one for one in queries.attendees_of(session, meeting.id)}
    for one in waiting:
        if one.email is None:
            continue
        person_id = one.person_id
        mail.post(
            session,
            letter(said, one.kind, one.name, one.email, person_id=person_id, now=now),
            now=now,
        )
        people[person_id].told, people[person_id].email = meeting.sequence, one.email
    session.flush()


def _outgoing(kind: Kind, part: Participant) -> Outgoing:
    return Outgoing(
        kind=kind,
        person_id=part.person_id,
        name=part.name,
        company_id=part.company_id,
        company=part.company,
        email=part.email,
    )


def _former(kind: Kind, one: Attendee) -> Outgoing:
    assert one.person_id is not None  # a guest is never written to
    company = one.company.name if one.company is not None else ""
    return Outgoing(
        kind=kind,
        person_id=one.person_id,
        name=one.name,
        company_id=one.company_id,
        company=company,
        email=one.email,
    )


def _said(mark: Mark) -> str:
    return ", ".join(word.value for word in (mark.answer, mark.presence) if word is not None)


def _note(
    session: Session, act: str, meeting: Meeting, label: str, *, by: Actor, now: datetime
) -> None:
    journal.note(
        session,
        act,
        kind="meeting",
        record_id=meeting.id,
        label=label,
        parent=("body", meeting.body_id),
        by=by,
        now=now,
    )
