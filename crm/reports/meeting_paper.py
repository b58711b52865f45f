"""A meeting on paper: its agenda beforehand, its minutes afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from crm.council import meeting_queries as queries
from crm.council.meeting_letters import when
from crm.council.meeting_models import ActionItem, AgendaItem, Attendee, Meeting, Minutes
from crm.council.meeting_rules import Presence
from crm.reports import paper
from crm.reports.files import shown
from crm.reports.markdown_blocks import blocks

LISTS = (
    (Presence.PRESENT, "Present"),
    (Presence.EXCUSED, "Excused"),
    (Presence.ABSENT, "Absent"),
    (None, "Not marked"),
)


def as_pdf(
    session: Session,
    meeting: Meeting,
    kind: str,
    *,
    programme: str,
    facts: Mapping[str, Any],
    today: date,
) -> bytes:
    """On US Letter. `kind`: agenda · minutes. `facts` are the programme's, as loaded."""
    minutes = queries.minutes_of(session, meeting.id) if kind == "minutes" else None
    people = queries.attendees_of(session, meeting.id) if kind == "minutes" else []
    data = {
        "programme": programme,
        "alliance": facts.get("alliance", ""),
        "university": facts.get("university", "") or programme,
        "contact": facts.get("contact", ""),
        "kind": kind.capitalize(),
        "body": meeting.body.name,
        "title": meeting.title,
        "when": when(meeting),
        "place": meeting.place or "",
        "link": meeting.link or "",
        "standing": _standing(meeting, kind, minutes),
        "antitrust": facts.get("council", {}).get("antitrust", ""),
        "agenda": [_item(item) for item in queries.agenda_of(session, meeting.id)],
        "people": _people(people),
        "minutes": [] if minutes is None else blocks(minutes.text),
        "decisions": [(d.label, d.text) for d in queries.decisions_of(session, meeting.id)]
        if kind == "minutes"
        else [],
        "actions": [_action(item) for item in queries.actions_of(session, meeting.id)]
        if kind == "minutes"
        else [],
        "foot": f"{programme} · {meeting.body.name} · {shown(today)}",
    }
    (pdf,) = paper.typeset("meeting", [data])
    return pdf


def _standing(meeting: Meeting, kind: str, minutes: Minutes | None) -> str:
    if meeting.cancelled_on is not None:
        return f"Cancelled on {shown(meeting.cancelled_on)}: {meeting.cancel_reason}"
    if kind == "agenda":
        return ""
    if minutes is None:
        return "No minutes are written yet."
    if minutes.approved_on is None:
        return "Draft, not approved."
    return f"Approved on {shown(minutes.approved_on)} by {minutes.approved_by_name}."


def _item(item: AgendaItem) -> dict[str, str]:
    minutes = f"{item.minutes} min" if item.minutes else ""
    return {
        "title": item.title,
        "about": " · ".join(filter(None, (item.presenter, minutes))),
        "text": item.text or "",
    }


def _people(people: Sequence[Attendee]) -> list[tuple[str, str]]:
    """Who was present, excused and absent, a line each; once the attendance is taken."""
    if all(one.presence is None for one in people):
        return []
    found = []
    for presence, label in LISTS:
        named = [_named(one) for one in people if one.presence is presence]
        if named:
            found.append((label, "; ".join(named)))
    return found


def _named(one: Attendee) -> str:
    about = one.company.name if one.company is not None else "guest" if one.part is None else ""
    return f"{one.name} ({about})" if about else one.name


def _action(item: ActionItem) -> tuple[str, str, str]:
    return item.task.title, item.task.owner.name, shown(item.task.due_on)
