"""What happened with a company, newest first: inquiries, contacts, tasks done, stages, terms,
contributions, benefits used, what major partnerships came to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    Date,
    Executable,
    Integer,
    Row,
    Select,
    SQLColumnExpression,
    String,
    bindparam,
    case,
    cast,
    false,
    func,
    literal,
    null,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import queries as activities
from crm.activities.models import Task, Touch, TouchPerson
from crm.benefits import company_benefits
from crm.kit.among import among
from crm.partnerships import company_engagements, company_workspaces
from crm.people.models import Person
from crm.pipeline.models import Inquiry, Mode, Opportunity, Stage, StageChange
from crm.pipeline.rules import Move
from crm.reports.acquaintances import people_of
from crm.reports.company_standing import TermLine

THIS: BindParameter[int] = bindparam("company_id", type_=Integer)
TODAY: BindParameter[date] = bindparam("today", type_=Date)

ASKED, ANSWERED = "inquiry", "answered"

_MOVES = {
    Move.OPENED: "Entered the pipeline",
    Move.MOVED: "Moved",
    Move.PARKED: "Parked",
    Move.UNPARKED: "Taken up again",
    Move.WON: "Won",
    Move.LOST: "Lost",
    Move.REOPENED: "Reopened",
}
_PAGES = {
    "benefit": ("star", "/office/benefits/uses"),
    "partnership": ("deal", "/office/engagements/partnerships"),
}
"""The icon and the address of what says itself what it is."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """`text` None: the viewer knows that there was contact, and no more."""

    icon: str
    title: str
    on: date
    by: str = ""
    text: str | None = ""
    url: str = ""
    confidential: bool = False
    touch_id: int | None = None
    mine: bool = False
    people: Sequence[tuple[int, str]] = field(default_factory=tuple)


def of_company(
    session: Session,
    company_id: int,
    terms: Iterable[TermLine],
    *,
    viewer: Viewer,
    today: date,
    zone: ZoneInfo,
    limit: int,
) -> tuple[list[Event], bool]:
    """The latest events, and whether there are more. Two SELECTs; `terms` are the company's."""
    asked = {"company_id": company_id, "today": today}
    rows = session.execute(_latest(viewer, limit + 1), asked).all()
    rows = sorted(rows, key=lambda row: (row.on, row.id), reverse=True)
    met = _people(session, [row.id for row in rows[:limit] if row.what == "touch"], viewer, today)
    events = [_event(row, met.get(row.id, ()), viewer, zone) for row in rows]
    if viewer.may(P.MEMBERSHIPS_READ):
        events += [e for term in terms for e in _acts(term, viewer) if e.on <= today]
    events.sort(key=lambda event: event.on, reverse=True)
    return events[:limit], len(events) > limit


@lru_cache(maxsize=256)
def _latest(viewer: Viewer, limit: int) -> Executable:
    parts = [_touches(viewer), _tasks()]
    if viewer.may(P.PIPELINE_READ):
        parts.append(_stages())
    if viewer.may(P.INQUIRIES_READ):
        parts.append(_inquiries(ASKED, Inquiry.received_at))
        parts.append(_inquiries(ANSWERED, Inquiry.answered_at))
    if viewer.may(P.ENGAGEMENTS_READ):
        parts.append(company_engagements.steps(THIS))
        parts.append(company_workspaces.steps(THIS))
    if viewer.may(P.BENEFITS_READ):
        parts.append(company_benefits.events(THIS, TODAY))
    latest = [select(part.limit(limit).subquery()) for part in parts]
    return latest[0].union_all(*latest[1:])


def _touches(viewer: Viewer) -> Select[Any]:
    found: Select[Any] = (
        select(
            literal("touch").label("what"),
            Touch.id.label("id"),
            Touch.on.label("on"),
            type_coerce(Touch.kind, String).label("title"),
            case((activities.read_by(viewer), Touch.text), else_=null()).label("text"),
            UserAccount.name.label("by"),
            Touch.by_id.label("by_id"),
            Touch.confidential.label("confidential"),
        )
        .join(Touch.by)
        .where(
            Touch.company_id == THIS,
            Touch.struck_at.is_(None),
            activities.seen_by(viewer),
        )
    )
    return found.order_by(Touch.on.desc(), Touch.id.desc())


def _tasks() -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            literal("task"),
            Task.id,
            Task.done_on,
            literal("Done"),
            Task.title,
            UserAccount.name,
            Task.owner_id,
            false(),
        )
        .join(Task.owner)
        .where(Task.company_id == THIS, Task.done_on.is_not(None))
    )
    return found.order_by(Task.done_on.desc(), Task.id.desc())


def _stages() -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            literal("stage"),
            StageChange.opportunity_id,
            StageChange.on,
            type_coerce(StageChange.move, String),
            Mode.name + ": " + Stage.name,
            StageChange.by_name,
            StageChange.by_id,
            false(),
        )
        .join(StageChange.opportunity)
        .join(Opportunity.mode)
        .join(Stage, Stage.id == StageChange.to_stage_id)
        .where(Opportunity.company_id == THIS)
    )
    return found.order_by(StageChange.on.desc(), StageChange.id.desc())


def _inquiries(what: str, at: SQLColumnExpression[Any]) -> Select[Any]:
    """What came in, or what was answered. `title` is the moment, which has its day in a zone."""
    answered = what == ANSWERED
    found: Select[Any] = select(  # type: ignore[assignment]
        literal(what),
        Inquiry.id,
        type_coerce(func.date(at), Date),
        cast(at, String),
        literal("") if answered else Inquiry.message,
        literal("") if answered else Inquiry.name,
        literal(0),
        false(),
    ).where(Inquiry.company_id == THIS, at.is_not(None))
    return found.order_by(at.desc(), Inquiry.id.desc())


def _people(
    session: Session, touch_ids: Sequence[int], viewer: Viewer, today: date
) -> dict[int, list[tuple[int, str]]]:
    """Who took part, of those the viewer may know."""
    met: dict[int, list[tuple[int, str]]] = defaultdict(list)
    there = session.execute(_taking_part(viewer, today), {"touches": touch_ids}).all()
    for row in sorted(there, key=attrgetter("name_key", "id")):
        met[row.touch_id].append((row.id, row.name))
    return met


@lru_cache(maxsize=256)
def _taking_part(viewer: Viewer, today: date) -> Select[Any]:
    found: Select[Any] = (
        select(TouchPerson.touch_id, Person.id, Person.name, Person.name_key)  # type: ignore[assignment]
        .join(Person, Person.id == TouchPerson.person_id)
        .where(among(TouchPerson.touch_id, "touches"))
    )
    scope = people_of(viewer, today)
    if scope is not None:  # who took part in a contact shown as such is not told
        found = found.join(Touch, Touch.id == TouchPerson.touch_id)
        found = found.where(Person.id.in_(scope), activities.read_by(viewer))
    return found


def _event(
    row: Row[Any], people: Sequence[tuple[int, str]], viewer: Viewer, zone: ZoneInfo
) -> Event:
    if row.what in (ASKED, ANSWERED):
        moment = datetime.fromisoformat(row.title)
        if moment.tzinfo is None:  # SQLite keeps them without: they are UTC
            moment = moment.replace(tzinfo=UTC)
        return Event(
            icon="inbox" if row.what == ASKED else "mail",
            title="Inquiry" if row.what == ASKED else "Inquiry answered",
            on=moment.astimezone(zone).date(),
            by=row.by,
            text=row.text,
            url=f"/office/inquiries/{row.id}",
        )
    if row.what == "stage":
        return Event(
            icon="deal",
            title=_MOVES[Move(row.title)],
            on=row.on,
            by=row.by,
            text=row.text,
            url=f"/office/opportunities/{row.id}",
        )
    if row.what == "contribution":
        return Event(
            icon="link",
            title=f"Contribution {row.title}",
            on=row.on,
            by=row.by,
            text=row.text,
            url=f"/office/engagements/contributions/{row.id}",
        )
    if row.what in _PAGES:
        icon, page = _PAGES[row.what]
        return Event(
            icon=icon,
            title=row.title,
            on=row.on,
            by=row.by,
            text=row.text,
            url=f"{page}/{row.id}",
        )
    if row.what == "task":
        return Event(icon="check", title="Task done", on=row.on, by=row.by, text=row.text)
    return Event(
        icon=row.title if row.text is not None else "note",
        title=str(row.title).capitalize() if row.text is not None else "In contact",
        on=row.on,
        by=row.by,
        text=row.text,
        confidential=bool(row.confidential),
        touch_id=row.id,
        mine=row.by_id == viewer.id,
        people=people if row.text is not None else (),
    )


def _acts(term: TermLine, viewer: Viewer) -> Iterable[Event]:
    url = f"/office/memberships/{term.id}"
    if term.executed_on is not None:
        yield Event(
            icon="document",
            title="Agreement signed by both sides",
            on=term.executed_on,
            text=f"{term.tier} tier",
            url=url,
        )
        if term.terminated_on is None or term.terminated_on > term.starts_on:
            yield Event(
                icon="flag",
                title="Membership begins",
                on=term.starts_on,
                text=f"{term.tier} tier",
                url=url,
            )
    if term.withdrawn_on is not None:
        yield Event(icon="close", title="Membership withdrawn", on=term.withdrawn_on, url=url)
    if term.terminated_on is not None:
        reason = term.termination_reason if viewer.may(P.HISTORY_READ) else ""
        yield Event(
            icon="close",
            title="Membership terminated",
            on=term.terminated_on,
            text=reason or "",
            url=url,
        )
