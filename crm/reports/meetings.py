"""Meetings that lie ahead of somebody, and minutes that wait for approval."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.meeting_models import Attendee, Meeting, Minutes
from crm.council.meeting_queries import by_day, ends_from
from crm.council.models import Body
from crm.people.models import Person

SHOWN = 6


def ahead(session: Session, viewer: Viewer, today: date) -> list[Any]:
    """The next meetings: those of every body for who keeps them, else those one is invited to."""
    return list(session.execute(_ahead(today, None if viewer.may(P.COUNCIL_EDIT) else viewer.id)))


def to_approve(session: Session, today: date) -> list[Any]:
    """Meetings that were held and whose minutes are a draft, the oldest first."""
    return list(session.execute(_to_approve(today)))


@lru_cache(maxsize=256)
def _ahead(today: date, user_id: int | None) -> Select[Any]:
    found = _meetings().where(ends_from(today), Meeting.cancelled_on.is_(None))
    if user_id is not None:
        found = found.where(
            exists().where(
                Attendee.meeting_id == Meeting.id,
                Attendee.person_id == Person.id,
                Person.user_id == user_id,
            )
        )
    return found.order_by(Meeting.starts_local, Meeting.id).limit(SHOWN)


@lru_cache(maxsize=8)
def _to_approve(today: date) -> Select[Any]:
    found = _meetings().join(Minutes, Minutes.id == Meeting.id)
    found = found.where(
        Minutes.approved_on.is_(None), by_day(today), Meeting.cancelled_on.is_(None)
    )
    return found.order_by(Meeting.starts_local, Meeting.id).limit(SHOWN)


def _meetings() -> Select[Any]:
    found: Select[Any] = select(  # type: ignore[assignment]
        Meeting.id, Meeting.title, Meeting.starts_local, Meeting.place, Body.name.label("body")
    ).join(Meeting.body)
    return found
