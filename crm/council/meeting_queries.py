"""Reads of meetings, and of what stands on their lists."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from crm.activities.models import Task
from crm.council.meeting_models import (
    ActionItem,
    AgendaItem,
    Attendee,
    Decision,
    Meeting,
    Minutes,
)
from crm.council.meeting_rules import Presence, walls_around
from crm.council.participants import Part
from crm.kit.errors import NotFound

A_DAY = timedelta(days=1)
PARTS = list(Part)
MARKED = aliased(Attendee)


def get(session: Session, meeting_id: int) -> Meeting:
    """With its body. Raises `NotFound`."""
    found = session.get(Meeting, meeting_id, options=[joinedload(Meeting.body)])
    if found is None:
        raise NotFound("There is no such meeting.")
    return found


def get_agenda_item(session: Session, item_id: int) -> AgendaItem:
    found = session.get(AgendaItem, item_id)
    if found is None:
        raise NotFound("There is no such item on an agenda.")
    return found


def get_decision(session: Session, decision_id: int) -> Decision:
    found = session.get(Decision, decision_id)
    if found is None:
        raise NotFound("There is no such decision.")
    return found


def get_attendee(session: Session, attendee_id: int) -> Attendee:
    found = session.get(Attendee, attendee_id, options=[joinedload(Attendee.person)])
    if found is None:
        raise NotFound("There is nobody like that on the list.")
    return found


def by_day(day: date) -> ColumnElement[bool]:
    """Meetings that started on this day or before, where they take place."""
    return Meeting.starts_local < datetime.combine(day + A_DAY, time.min)


def held_by(day: date) -> ColumnElement[bool]:
    """Meetings held on the day or before: not cancelled, and somebody was marked as there or not.

    One of which nobody has taken the attendance yet counts for nothing.
    """
    marked = exists().where(MARKED.meeting_id == Meeting.id, MARKED.presence.is_not(None))
    return and_(by_day(day), Meeting.cancelled_on.is_(None), marked)


def upcoming(session: Session, body_id: int, now: datetime) -> Sequence[Meeting]:
    """Those that are not over, the soonest first, cancelled ones with them."""
    found = select(Meeting).where(
        Meeting.body_id == body_id, Meeting.ends_local > walls_around(now)[0]
    )
    ordered = session.scalars(found.order_by(Meeting.starts_local, Meeting.id).limit(100))
    return [meeting for meeting in ordered if not meeting.is_over(now)]


def past(session: Session, body_id: int, now: datetime) -> Sequence[Meeting]:
    """Those that are over, the latest first."""
    found = select(Meeting).where(
        Meeting.body_id == body_id, Meeting.ends_local <= walls_around(now)[1]
    )
    ordered = found.order_by(Meeting.starts_local.desc(), Meeting.id.desc())
    return [meeting for meeting in session.scalars(ordered.limit(200)) if meeting.is_over(now)]


def agenda_of(session: Session, meeting_id: int) -> Sequence[AgendaItem]:
    found = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id)
    return session.scalars(found.order_by(AgendaItem.position, AgendaItem.id)).all()


def attendees_of(session: Session, meeting_id: int) -> Sequence[Attendee]:
    """Who is invited, company by company, then the guests; with persons and companies."""
    found = (
        select(Attendee)
        .where(Attendee.meeting_id == meeting_id)
        .options(joinedload(Attendee.person), joinedload(Attendee.company))
    )
    return sorted(session.scalars(found), key=_place)


def _place(one: Attendee) -> tuple[bool, str, int, int]:
    company = one.company.name_key if one.company is not None else ""
    return one.part is None, company, 0 if one.part is None else PARTS.index(one.part), one.id


def minutes_of(session: Session, meeting_id: int) -> Minutes | None:
    return session.get(Minutes, meeting_id)


def decisions_of(session: Session, meeting_id: int) -> Sequence[Decision]:
    found = select(Decision).where(Decision.meeting_id == meeting_id)
    return session.scalars(found.order_by(Decision.year, Decision.number)).all()


def actions_of(session: Session, meeting_id: int) -> Sequence[ActionItem]:
    """With their tasks and whose they are; the soonest first."""
    found = (
        select(ActionItem)
        .join(ActionItem.task)
        .where(ActionItem.meeting_id == meeting_id)
        .options(joinedload(ActionItem.task).joinedload(Task.owner))
    )
    return session.scalars(found.order_by(Task.due_on, ActionItem.id)).all()


def attendance_of(session: Session, ids: Collection[int]) -> dict[int, tuple[int, int, int]]:
    """Meeting → how many were present, are on its list, and are not marked."""
    there = func.count().filter(Attendee.presence == Presence.PRESENT)
    unmarked = func.count().filter(Attendee.presence.is_(None))
    found = select(Attendee.meeting_id, there, func.count(), unmarked).where(
        Attendee.meeting_id.in_(ids)
    )
    return {
        id_: (present, all_, open_)
        for id_, present, all_, open_ in session.execute(found.group_by(Attendee.meeting_id))
    }


def minuted(session: Session, ids: Collection[int]) -> dict[int, bool]:
    """Meeting → whether its minutes are approved; those without minutes are left out."""
    found = select(Minutes.id, Minutes.approved_on).where(Minutes.id.in_(ids))
    return {id_: approved_on is not None for id_, approved_on in session.execute(found)}
