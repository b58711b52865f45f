"""What is sent to whoever is invited to a meeting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crm.council import calendar_file
from crm.council.calendar_file import Entry, Method
from crm.council.meeting_models import AgendaItem, Meeting
from crm.council.meeting_rules import WallTime
from crm.kit.periods import in_words
from crm.mail.letters import Attachment, Letter


class Kind(StrEnum):
    """`WITHDRAWN`: to somebody who has no part in the body any more."""

    INVITATION = "invitation"
    UPDATE = "update"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What every letter about one meeting says."""

    meeting: Meeting
    agenda: tuple[AgendaItem, ...]
    programme: str
    contact: str
    antitrust: str
    writer: str


def letter(
    facts: Facts, kind: Kind, name: str, email: str, *, person_id: int, now: datetime
) -> Letter:
    """One person's, with the calendar file that adds, moves or removes the meeting."""
    meeting = facts.meeting
    gone = kind in (Kind.WITHDRAWN, Kind.CANCELLED)
    method = Method.CANCEL if gone else Method.REQUEST
    # a calendar removes what it is told to by a sequence as high as it knows, or higher
    content = calendar_file.written(entry(facts), method, now=now, attendee=(name, email))
    return Letter(
        name="meeting",
        to=email,
        facts={
            "kind": kind.value,
            "name": name,
            "body": meeting.body.name,
            "title": meeting.title,
            "when": when(meeting),
            "place": meeting.place or "",
            "link": meeting.link or "",
            "reason": meeting.cancel_reason or "",
            "agenda": [_item(item) for item in facts.agenda],
            "antitrust": facts.antitrust,
            "programme": facts.programme,
            "contact": facts.contact,
            "writer": facts.writer,
        },
        reply_to=facts.contact or None,
        about=("meeting", meeting.id),
        dedupe_key=f"meeting-{meeting.id}-{person_id}-{kind.value}-{now:%Y%m%d%H%M%S}",
        attachments=(
            Attachment(
                file_name="meeting.ics",
                media_type=calendar_file.MEDIA_TYPE.format(method=method.value),
                content=content,
            ),
        ),
    )


def entry(facts: Facts) -> Entry:
    """The meeting for a calendar, its agenda as a text."""
    meeting = facts.meeting
    lines = [_item(item) for item in facts.agenda]
    return Entry(
        uid=meeting.uid,
        sequence=meeting.sequence,
        title=f"{meeting.body.name}: {meeting.title}",
        starts=meeting.starts,
        ends=meeting.ends,
        place=meeting.place or "",
        link=meeting.link or "",
        text="\n".join([*lines, *(["", facts.antitrust] if facts.antitrust else [])]).strip(),
        organizer=(facts.programme, facts.contact),
    )


def when(meeting: Meeting) -> str:
    """`Tuesday, January 12, 2027, 14:00 EST to 16:00 EST (America/New_York)`"""
    starts, ends = meeting.starts, meeting.ends
    same_day = starts.local.date() == ends.local.date()
    till = f"{ends.aware:%H:%M %Z}" if same_day else _shown(ends)
    return f"{_shown(starts)} to {till} ({meeting.zone})"


def _shown(time: WallTime) -> str:
    return f"{time.aware:%A}, {in_words(time.local.date())}, {time.aware:%H:%M %Z}"


def _item(item: AgendaItem) -> str:
    minutes = f" ({item.minutes} min)" if item.minutes else ""
    who = f", {item.presenter}" if item.presenter else ""
    return f"{item.title}{who}{minutes}"
