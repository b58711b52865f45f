"""Seats, meetings and votes: at the council and its committees, and in working groups."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from crm.accounts.policy import Permission as P
from crm.council import attendance
from crm.council.ballot_models import Ballot, Elector, Vote
from crm.council.meeting_models import Attendee, Decision, Meeting
from crm.council.meeting_rules import THERE, Presence
from crm.council.models import Body, Holding, Place, Seat
from crm.council.rules import BodyKind
from crm.people.models import Person
from crm.reports.engagement.lines import Asked, Line, Sort, challenge_names, joined
from crm.working_groups.models import WorkingGroupChallenge

BEFORE = aliased(Place)


def seats(session: Session, asked: Asked) -> Iterable[Line]:
    """That somebody took the company's seat."""
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Holding.id,
            Holding.seat_id,
            Holding.role,
            Holding.starts_on,
            Seat.company_id,
            Body.name.label("body"),
            Person.name,
        )
        .join(Holding.seat)
        .join(Seat.body)
        .join(Holding.person)
        .where(asked.of(Seat.company_id), asked.within(Holding.starts_on))
    )
    return [
        Line(
            company_id=row.company_id,
            on=row.starts_on,
            sort=Sort.SEAT,
            what=f"{row.body}: {row.role}",
            company_people=row.name,
            url=f"/office/council/seats/{row.seat_id}",
            id=row.id,
        )
        for row in session.execute(found)
    ]


def places(session: Session, asked: Asked) -> Iterable[Line]:
    """That somebody came into a working group; who only changed their role there was in it."""
    follows = exists().where(
        BEFORE.body_id == Place.body_id,
        BEFORE.person_id == Place.person_id,
        BEFORE.ends_before == Place.starts_on,
    )
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Place.id,
            Place.body_id,
            Place.company_id,
            Place.role,
            Place.starts_on,
            Body.name.label("body"),
            Person.name,
        )
        .join(Place.body)
        .join(Place.person)
        .where(asked.of(Place.company_id), asked.within(Place.starts_on), ~follows)
    )
    rows = session.execute(found).all()
    challenges = _of_groups(session, {row.body_id for row in rows})
    return [
        Line(
            company_id=row.company_id,
            on=row.starts_on,
            sort=Sort.GROUP,
            what=f"{row.body}: {row.role}",
            company_people=row.name,
            challenges=challenges.get(row.body_id, ""),
            url=f"/office/working-groups/{row.body_id}",
            id=row.id,
        )
        for row in rows
    ]


def meetings(session: Session, asked: Asked) -> Iterable[Line]:
    """Those a company was at, as the attendance report counts them."""
    held = [
        (meeting, company_id)
        for meeting in attendance.held_by_all(session, asked.last_day, since=asked.days.starts_on)
        for company_id, how in meeting.how.items()
        if how in THERE and asked.company_id in (None, company_id)
    ]
    ids = {meeting.id for meeting, _ in held}
    bodies = {row.id: row for row in session.execute(select(Body.id, Body.name, Body.kind))}
    people, decided = _present(session, ids), _decided(session, ids)
    challenges = _of_groups(session, {meeting.body_id for meeting, _ in held})
    return [
        Line(
            company_id=company_id,
            on=meeting.on,
            sort=Sort.GROUP_MEETING
            if bodies[meeting.body_id].kind is BodyKind.GROUP
            else Sort.MEETING,
            what=f"{bodies[meeting.body_id].name}: {meeting.title}",
            company_people=people.get((meeting.id, company_id), ""),
            challenges=challenges.get(meeting.body_id, ""),
            outcome=decided.get(meeting.id, ""),
            url=f"/office/meetings/{meeting.id}",
            id=meeting.id,
        )
        for meeting, company_id in held
    ]


def votes(session: Session, asked: Asked) -> Iterable[Line]:
    """That a company voted; never what. For whoever may read who has voted."""
    if not asked.viewer.may(P.BALLOTS_READ_ALL):
        return []
    zone = ZoneInfo(asked.zone)
    since = datetime.combine(asked.days.starts_on, time.min, zone)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Vote.cast_at,
            Elector.ballot_id,
            Elector.company_id,
            Elector.person_name,
            Ballot.title,
        )
        .join(Elector, Elector.id == Vote.elector_id)
        .join(Elector.ballot)
        .where(asked.of(Elector.company_id), Vote.cast_at >= since)
    )
    if (before := asked.days.ends_before) is not None:
        found = found.where(Vote.cast_at < datetime.combine(before, time.min, zone))
    return [
        Line(
            company_id=row.company_id,
            on=row.cast_at.astimezone(zone).date(),
            sort=Sort.VOTE,
            what=row.title,
            company_people=row.person_name,
            url=f"/office/ballots/{row.ballot_id}",
            id=row.ballot_id,
        )
        for row in session.execute(found)
    ]


def _of_groups(session: Session, ids: set[int]) -> dict[int, str]:
    tie = WorkingGroupChallenge
    return challenge_names(session, tie, tie.group_id, ids) if ids else {}


def _present(session: Session, ids: set[int]) -> dict[tuple[int, int], str]:
    """Whoever of a company was there, by meeting and company."""
    if not ids:
        return {}
    found: Select[Any] = (
        select(Attendee.meeting_id, Attendee.company_id, Person.name)  # type: ignore[assignment]
        .join(Attendee.person)
        .where(
            Attendee.meeting_id.in_(ids),
            Attendee.company_id.is_not(None),
            Attendee.presence == Presence.PRESENT,
        )
        .order_by(Attendee.meeting_id, Person.name_key, Attendee.id)
    )
    return joined(session.execute(found))


def _decided(session: Session, ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    found = (
        select(Decision.meeting_id, func.count())
        .join(Meeting, Meeting.id == Decision.meeting_id)
        .where(Meeting.id.in_(ids))
        .group_by(Decision.meeting_id)
    )
    return {
        meeting_id: "1 decision" if number == 1 else f"{number} decisions"
        for meeting_id, number in session.execute(found)
    }
