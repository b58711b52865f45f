"""Who came to the meetings that were held, as seen from a day.

A meeting counts from its own day on, once its attendance is taken; a cancelled one never.
A company, or a seat, is judged by the meetings to which it was invited. What is known today about
the meetings up to the day answers for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.council import meeting_rules as rules
from crm.council.meeting_models import Attendee, Meeting
from crm.council.meeting_queries import held_by
from crm.council.meeting_rules import THERE, How, Seen
from crm.council.models import Body
from crm.council.participants import Part
from crm.council.rules import COUNCIL


class Came(NamedTuple):
    """At how many meetings a seat was filled, of those of which it is known; of how many not."""

    there: int
    of: int
    unmarked: int

    def __str__(self) -> str:
        told = f"{self.there} of {self.of}"
        return f"{told}, {self.unmarked} not marked" if self.unmarked else told


@dataclass(frozen=True)
class HeldMeeting:
    """`how`: company id → through whom it was there, or that it was not."""

    id: int
    body_id: int
    on: date
    title: str
    people: tuple[Seen, ...]

    @property
    def how(self) -> dict[int, How]:
        return rules.of_companies(self.people)

    @property
    def seats(self) -> dict[int, How]:
        """By seat, whoever sat on it and whichever company they came from."""
        return rules.of_seats(self.people)


def attended(session: Session, day: date, *, since: date | None = None) -> dict[int, Came]:
    """Seat of the council → meetings attended, and held while whoever sat on it was invited.

    From `since` on. Whoever of its representative and alternate came, it was there once; it stays
    the seat's when the company of its holder changes.
    """
    found: dict[int, Came] = {}
    for meeting in held(session, day, since=since):
        for seat_id, how in meeting.seats.items():
            there, of, unmarked = found.get(seat_id, Came(0, 0, 0))
            unknown = how is How.UNMARKED
            found[seat_id] = Came(there + (how in THERE), of + (not unknown), unmarked + unknown)
    return found


def missed_in_a_row(session: Session, day: date, *, body_id: int | None = None) -> dict[int, int]:
    """Person id → how many of the latest meetings in a row they missed, of those they were
    invited to; of the council, or of another body. Who came to the latest is left out.

    Absent without a word is missed, whoever else came. Excused is missed only if nobody for the
    seat was there; so it is for an alternate, who need not come while the representative does.
    Who is not marked neither came nor missed it.
    """
    latest = reversed(held(session, day, body_id=body_id))
    return rules.in_a_row(meeting.people for meeting in latest)


def last_meetings(session: Session, body_id: int, day: date, count: int = 4) -> list[HeldMeeting]:
    """The latest held, the latest first."""
    return held(session, day, body_id=body_id)[::-1][:count]


def held(
    session: Session, day: date, *, since: date | None = None, body_id: int | None = None
) -> list[HeldMeeting]:
    """The council's, or another body's, the earliest first. One SELECT."""
    of = Body.key == COUNCIL if body_id is None else Body.id == body_id
    return _read(session, _seen(day, since).where(of))


def held_by_all(session: Session, day: date, *, since: date | None = None) -> list[HeldMeeting]:
    """Those of every body, the earliest first. One SELECT."""
    return _read(session, _seen(day, since))


def _seen(day: date, since: date | None) -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Meeting.id,
            Meeting.body_id,
            Meeting.starts_local,
            Meeting.title,
            Attendee.person_id,
            Attendee.company_id,
            Attendee.seat_id,
            Attendee.part,
            Attendee.presence,
        )
        .join(Meeting.body)
        .join(Attendee, Attendee.meeting_id == Meeting.id)
        .where(held_by(day))
        .order_by(Meeting.starts_local, Meeting.id, Attendee.id)
    )
    if since is not None:
        found = found.where(Meeting.starts_local >= datetime.combine(since, time.min))
    return found


def _read(session: Session, found: Select[Any]) -> list[HeldMeeting]:
    people: dict[tuple[int, int, datetime, str], list[Seen]] = defaultdict(list)
    for id_, body_id, starts, title, *whose, part, presence in session.execute(found):
        person_id, company_id, seat_id = whose
        people[id_, body_id, starts, title].append(
            Seen(person_id, company_id, seat_id, part is Part.ALTERNATE, part is None, presence)
        )
    return [
        HeldMeeting(id_, body_id, starts.date(), title, tuple(seen))
        for (id_, body_id, starts, title), seen in people.items()
    ]
