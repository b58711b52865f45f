"""Meetings and who is on their lists, worked out for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council import meeting_letters as letters
from crm.council import meeting_queries as queries
from crm.council.meeting_models import ActionItem, Attendee, Meeting


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A line of the list. `came`: how many were there, of how many, and who is not marked."""

    id: int
    title: str
    when: str
    place: str
    state: str
    came: str = ""


@dataclass(frozen=True, kw_only=True)
class AttendeeLine:
    id: int
    name: str
    url: str
    company: str
    part: str
    told: str
    answer: str
    presence: str
    guest: bool


@dataclass(frozen=True, kw_only=True)
class ActionLine:
    task_id: int
    title: str
    owner: str
    due_on: date
    state: str


def listed(meeting: Meeting) -> Listed:
    return Listed(
        id=meeting.id,
        title=meeting.title,
        when=letters.when(meeting),
        place=meeting.place or "",
        state="cancelled" if meeting.cancelled_on is not None else "",
    )


def past(session: Session, meetings: Sequence[Meeting]) -> list[Listed]:
    """With what is missing of them: attendance, minutes, approval. Two SELECTs."""
    ids = [meeting.id for meeting in meetings]
    seen, minuted = queries.attendance_of(session, ids), queries.minuted(session, ids)
    found = []
    for meeting in meetings:
        state = "cancelled"
        if meeting.cancelled_on is None:
            state = {None: "no minutes", False: "minutes in draft", True: "minutes approved"}[
                minuted.get(meeting.id)
            ]
        found.append(
            Listed(
                id=meeting.id,
                title=meeting.title,
                when=letters.when(meeting),
                place=meeting.place or "",
                state=state,
                came=_came(*seen.get(meeting.id, (0, 0, 0))),
            )
        )
    return found


def _came(there: int, of: int, unmarked: int) -> str:
    if unmarked == of:
        return "not taken" if of else ""
    return f"{there} of {of}" + (f", {unmarked} not marked" if unmarked else "")


def attendee(one: Attendee, viewer: Viewer) -> AttendeeLine:
    known = one.person_id is not None and viewer.may(P.PEOPLE_READ_ALL)
    return AttendeeLine(
        id=one.id,
        name=one.name,
        url=f"/office/people/{one.person_id}" if known else "",
        company=one.company.name if one.company is not None else "",
        part="guest" if one.part is None else one.part.value,
        told="" if one.part is None else "not yet" if one.told is None else "yes",
        answer="" if one.answer is None else one.answer.value,
        presence="" if one.presence is None else one.presence.value,
        guest=one.part is None,
    )


def action(item: ActionItem, today: date) -> ActionLine:
    task = item.task
    state = "late" if task.due_on < today else "open"
    if task.done_on is not None or task.dropped_on is not None:
        state = "done" if task.done_on is not None else "dropped"
    return ActionLine(
        task_id=task.id,
        title=task.title,
        owner=task.owner.name,
        due_on=task.due_on,
        state=state,
    )
