"""Planning a meeting: when and where, and what it is to speak about."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from crm.council import meeting_queries as queries
from crm.council import meeting_rules as rules
from crm.council.meeting_models import AgendaItem, Attendee, Meeting
from crm.council.models import Body
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken, Stale


class MinutesApproved(RuleBroken):
    """What a meeting was stands once its minutes are approved."""


class IsCancelled(RuleBroken):
    """A meeting that was cancelled does not take place."""


class NumberedInItsYear(RuleBroken):
    """A decision has the number of the year in which it was taken, for good."""


class HasBegun(RuleBroken):
    """A meeting at which somebody was marked is not put off."""


class NotALink(RuleBroken):
    """Only addresses of the web are links."""


@dataclass(frozen=True, kw_only=True)
class NewMeeting:
    """As planned. `second`: which of two, should clocks be put back over a time of it."""

    title: str
    starts_local: datetime
    ends_local: datetime
    zone: str
    second: bool | None = None
    place: str | None = None
    link: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewItem:
    title: str
    minutes: int | None = None
    presenter: str | None = None
    text: str | None = None


def plan(session: Session, body: Body, draft: NewMeeting, *, by: Actor, now: datetime) -> Meeting:
    """Raises `NoSuchTime`, `TwiceThatDay`, `WrongOrder`, `NotALink`."""
    meeting = Meeting(body_id=body.id, uid=f"{uuid.uuid4()}@alliance-crm.invalid", created_at=now)
    meeting.body = body
    _write(meeting, draft)
    session.add(meeting)
    session.flush()
    _note(session, "planned", meeting, by=by, now=now)
    return meeting


def change(
    session: Session, meeting: Meeting, draft: NewMeeting, *, version: int, by: Actor, now: datetime
) -> None:
    """Put it off, or elsewhere: whoever was invited has to be told, by a letter that is released.

    Raises what `plan` does, `NumberedInItsYear` for what has decided something already, and
    `Stale` if somebody else changed it since `version` was read.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    if meeting.version != version:
        raise Stale("this meeting", theirs=_told(meeting), yours=_asked(draft))
    _refuse_another_year(session, meeting, draft)
    _refuse_putting_off(session, meeting, draft, now)
    before = _told(meeting)
    with session.no_autoflush:
        _write(meeting, draft)
    if _told(meeting) == before:
        return
    told = exists().where(Attendee.meeting_id == meeting.id, Attendee.told.is_not(None))
    if session.scalar(select(told)):
        meeting.sequence += 1
    session.flush()
    _note(session, "changed", meeting, by=by, now=now)


def add_item(session: Session, meeting: Meeting, draft: NewItem) -> AgendaItem:
    """At the end of the agenda."""
    lock(session, meeting)
    refuse_over(session, meeting)
    last = max((item.position for item in queries.agenda_of(session, meeting.id)), default=0)
    item = AgendaItem(
        meeting_id=meeting.id,
        position=last + 1,
        title=draft.title,
        minutes=draft.minutes,
        presenter=draft.presenter,
        text=draft.text,
    )
    session.add(item)
    session.flush()
    return item


def correct_item(
    session: Session, meeting: Meeting, item: AgendaItem, draft: NewItem, *, version: int
) -> None:
    """Raises `Stale` if somebody else changed it since `version` was read."""
    lock(session, meeting)
    refuse_over(session, meeting)
    lock(session, item)
    if item.version != version:
        raise Stale(
            "this item of the agenda",
            theirs={"Title": item.title, "Text": item.text or ""},
            yours={"Title": draft.title, "Text": draft.text or ""},
        )
    item.title, item.minutes = draft.title, draft.minutes
    item.presenter, item.text = draft.presenter, draft.text
    session.flush()


def move_item(session: Session, meeting: Meeting, item: AgendaItem, *, up: bool) -> None:
    """One place up or down."""
    lock(session, meeting)
    refuse_over(session, meeting)
    items = {one.id: one for one in queries.agenda_of(session, meeting.id)}
    for position, id_ in enumerate(rules.moved(list(items), item.id, up=up), 1):
        items[id_].position = position
    session.flush()


def remove_item(session: Session, meeting: Meeting, item: AgendaItem) -> None:
    lock(session, meeting)
    refuse_over(session, meeting)
    lock(session, item)
    session.delete(item)
    session.flush()


def refuse_over(session: Session, meeting: Meeting) -> None:
    """Raises `IsCancelled` or `MinutesApproved`."""
    if meeting.cancelled_on is not None:
        raise IsCancelled("This meeting was cancelled. Plan another one.")
    minutes = queries.minutes_of(session, meeting.id)
    if minutes is not None:
        session.refresh(minutes)
        if minutes.approved_on is not None:
            raise MinutesApproved("The minutes are approved: what they tell stands as it is.")


def _refuse_another_year(session: Session, meeting: Meeting, draft: NewMeeting) -> None:
    year = meeting.on.year
    if draft.starts_local.year == year or not queries.decisions_of(session, meeting.id):
        return
    raise NumberedInItsYear(
        f"This meeting's decisions are numbered in {year}: it stays in that year. Take them back "
        "first, or plan another meeting.",
        field="on",
    )


def _refuse_putting_off(
    session: Session, meeting: Meeting, draft: NewMeeting, now: datetime
) -> None:
    starts = rules.wall_time(draft.starts_local, draft.zone, draft.second, field="starts_at")
    came = exists().where(Attendee.meeting_id == meeting.id, Attendee.presence.is_not(None))
    if starts.moment > now and session.scalar(select(came)):
        raise HasBegun(
            "Somebody is marked as present or absent: it has been held. Plan another meeting, or "
            "take the marks back first.",
            field="on",
        )


def _write(meeting: Meeting, draft: NewMeeting) -> None:
    """Refuses before it writes."""
    starts = rules.wall_time(draft.starts_local, draft.zone, draft.second, field="starts_at")
    ends = rules.wall_time(draft.ends_local, draft.zone, draft.second, field="ends_at")
    rules.in_order(starts, ends)
    if draft.link is not None:
        _check_link(draft.link)
    meeting.title, meeting.place, meeting.link = draft.title, draft.place, draft.link
    meeting.zone = draft.zone
    meeting.starts_local, meeting.starts_second = starts.local, starts.second
    meeting.ends_local, meeting.ends_second = ends.local, ends.second


def _check_link(link: str) -> None:
    try:
        parts = urlsplit(link)
        right = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        right = False
    if not right or any(letter.isspace() or not letter.isprintable() for letter in link):
        raise NotALink(
            "This is no web address, such as https://meet.example/council.", field="link"
        )


def _told(meeting: Meeting) -> dict[str, str]:
    return {
        "Title": meeting.title,
        "Starts": f"{meeting.starts.aware:%Y-%m-%d %H:%M %Z}",
        "Ends": f"{meeting.ends.aware:%Y-%m-%d %H:%M %Z}",
        "Zone": meeting.zone,
        "Place": meeting.place or "",
        "Link": meeting.link or "",
    }


def _asked(draft: NewMeeting) -> dict[str, str]:
    return {
        "Title": draft.title,
        "Starts": f"{draft.starts_local:%Y-%m-%d %H:%M}",
        "Ends": f"{draft.ends_local:%Y-%m-%d %H:%M}",
        "Zone": draft.zone,
        "Place": draft.place or "",
        "Link": draft.link or "",
    }


def _note(session: Session, act: str, meeting: Meeting, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="meeting",
        record_id=meeting.id,
        label=meeting.title,
        parent=("body", meeting.body_id),
        by=by,
        now=now,
    )
