"""Inviting to a meeting, by letters that a person lets go out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import meeting_queries as queries
from crm.council.attending import gather, parts_in
from crm.council.meeting_letters import Facts, Kind, letter
from crm.council.meeting_models import Attendee, Meeting
from crm.council.participants import Participant
from crm.council.planning import refuse_over
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken
from crm.mail import operations as mail
from crm.mail.letters import Letter
from crm.programme.models import Programme


class NothingToSend(RuleBroken):
    """Everybody who is to know has been told, or has no address."""


class TooLate(RuleBroken):
    """Nobody is invited to a meeting that has begun."""


class WasHeld(RuleBroken):
    """What has taken place is not cancelled."""


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """Who is to be told what. `email` None: there is no address to write to."""

    kind: Kind
    person_id: int
    name: str
    company_id: int | None
    company: str
    email: str | None


def outgoing(session: Session, meeting: Meeting) -> list[Outgoing]:
    """Who has not been told how the meeting stands now: in the order of the body's roster."""
    listed = {
        one.person_id: one
        for one in queries.attendees_of(session, meeting.id)
        if one.person_id is not None
    }
    parts = parts_in(session, meeting)
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


def cancel(
    session: Session, meeting: Meeting, reason: str, *, by: Actor, now: datetime, today: date
) -> int:
    """It does not take place, and everybody who was invited is told; how many letters that makes.

    Raises `IsCancelled`, `MinutesApproved`, `WasHeld`.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    listed = queries.attendees_of(session, meeting.id)
    if any(one.presence is not None for one in listed):
        raise WasHeld("The attendance of this meeting has been taken: it was held.")
    meeting.cancelled_on, meeting.cancel_reason = today, reason
    meeting.sequence += 1
    session.flush()
    _note(session, "cancelled", meeting, meeting.title, by=by, now=now)
    told = [_former(Kind.CANCELLED, one) for one in listed if one.told is not None]
    _send(session, meeting, told, by=by, now=now)
    return len(told)


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
