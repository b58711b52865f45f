"""Who is on the list of a meeting, what they answered, and who came."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council import meeting_queries as queries
from crm.council.meeting_models import Attendee, Meeting
from crm.council.meeting_rules import Answer, Presence
from crm.council.participants import Participant, participants_on
from crm.council.planning import refuse_over
from crm.kit.db import lock, renew
from crm.kit.errors import RuleBroken, Stale


class NotBegun(RuleBroken):
    """Who was there is known once it has begun."""


@dataclass(frozen=True)
class Mark:
    answer: Answer | None
    presence: Presence | None


def parts_in(session: Session, meeting: Meeting) -> dict[int, Participant]:
    """Each person once, in the first of their parts."""
    found: dict[int, Participant] = {}
    for one in participants_on(session, meeting.body, meeting.on):
        found.setdefault(one.person_id, one)
    return found


def gather(session: Session, meeting: Meeting) -> int:
    """Put everybody with a part in the body on that day on the list; how many are new.

    Who has none any more, was never told and never marked goes off it. Until the attendance is
    taken, the others have the part, company and seat that they have now.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    parts = parts_in(session, meeting)
    listed = {one.person_id: one for one in queries.attendees_of(session, meeting.id)}
    for person_id, one in listed.items():
        untouched = one.told is None and one.answer is None and one.presence is None
        if person_id is not None and person_id not in parts and untouched:
            session.delete(one)
    _keep_up(listed.values(), parts)
    new = [part for person_id, part in parts.items() if person_id not in listed]
    for part in new:
        session.add(
            Attendee(
                meeting_id=meeting.id,
                person_id=part.person_id,
                company_id=part.company_id,
                seat_id=part.seat_id,
                part=part.part,
                email=part.email,
            )
        )
    session.flush()
    return len(new)


def _keep_up(listed: Collection[Attendee], parts: Mapping[int, Participant]) -> None:
    """What each is on the list for, as of the meeting's day; for good once somebody is marked."""
    if any(one.presence is not None for one in listed):
        return
    for one in listed:
        part = parts.get(one.person_id) if one.person_id is not None else None
        if part is not None:
            one.part, one.company_id, one.seat_id = part.part, part.company_id, part.seat_id


def missing(session: Session, meeting: Meeting, listed: Collection[int | None]) -> int:
    """How many with a part in the body on that day are not on the list."""
    return sum(person_id not in listed for person_id in parts_in(session, meeting))


def add_guest(session: Session, meeting: Meeting, name: str) -> Attendee:
    """Somebody who comes along without a part in the body."""
    lock(session, meeting)
    refuse_over(session, meeting)
    guest = Attendee(meeting_id=meeting.id, guest_name=name)
    session.add(guest)
    session.flush()
    return guest


def remove_guest(session: Session, meeting: Meeting, guest: Attendee) -> None:
    lock(session, meeting)
    refuse_over(session, meeting)
    lock(session, guest)
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
    if any(mark.presence is not None for mark in changed.values()):
        _keep_up(people.values(), parts_in(session, meeting))
    for id_, mark in changed.items():
        one = people[id_]
        if one.answer is not mark.answer:
            one.answer, one.answered_on = mark.answer, None if mark.answer is None else today
        one.presence = mark.presence
    if changed:
        renew(session, meeting, seen=version)


def _said(mark: Mark) -> str:
    return ", ".join(word.value for word in (mark.answer, mark.presence) if word is not None)
