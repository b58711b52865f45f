"""Meetings that lie ahead of somebody, and minutes that wait for approval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, literal, select, union_all
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.meeting_models import Attendee, Meeting, Minutes
from crm.council.meeting_queries import by_day
from crm.council.meeting_rules import WallTime, is_over, walls_around
from crm.council.models import Body
from crm.people.models import Person

SHOWN, READ = 6, 50


@dataclass(frozen=True, kw_only=True)
class Meetings:
    """The next ones: of every body for who keeps them, else those one is invited to; and those
    that were held and whose minutes wait for this viewer's approval, the oldest first."""

    ahead: Sequence[Any]
    to_approve: Sequence[Any]


def meetings(session: Session, viewer: Viewer, today: date, now: datetime) -> Meetings:
    """One SELECT, of a few more than are shown: some of them are over where they take place."""
    invited = None if viewer.may(P.COUNCIL_EDIT) else viewer.id
    asked = _of(today, invited, viewer.may(P.COUNCIL_APPROVE))
    found = session.execute(asked, {"since": walls_around(now)[0]}).all()
    ahead = [line for line in found if not line.waits and not is_over(_ends(line), now)]
    return Meetings(ahead=ahead[:SHOWN], to_approve=[line for line in found if line.waits][:SHOWN])


def _ends(line: Any) -> WallTime:
    return WallTime(line.ends_local, line.zone, line.ends_second)


@lru_cache(maxsize=256)
def _of(today: date, user_id: int | None, approves: bool) -> Select[Any]:
    since = bindparam("since", type_=Meeting.ends_local.type)
    ahead = _meetings(waits=False).where(Meeting.ends_local > since)
    if user_id is not None:
        ahead = ahead.where(
            exists().where(
                Attendee.meeting_id == Meeting.id,
                Attendee.person_id == Person.id,
                Person.user_id == user_id,
            )
        )
    parts = [ahead]
    if approves:
        drafts = _meetings(waits=True).join(Minutes, Minutes.id == Meeting.id)
        parts.append(drafts.where(Minutes.approved_on.is_(None), by_day(today)))
    few = [part.order_by(Meeting.starts_local, Meeting.id).limit(READ).subquery() for part in parts]
    lines = union_all(*(select(part) for part in few)).subquery()
    found: Select[Any] = select(lines).order_by(lines.c.starts_local, lines.c.id)
    return found


def _meetings(*, waits: bool) -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Meeting.id,
            Meeting.title,
            Meeting.starts_local,
            Meeting.ends_local,
            Meeting.ends_second,
            Meeting.zone,
            Meeting.place,
            Body.name.label("body"),
            literal(waits).label("waits"),
        )
        .join(Meeting.body)
        .where(Meeting.cancelled_on.is_(None))
    )
    return found
