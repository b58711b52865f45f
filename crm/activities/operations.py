"""Writing contact reports, tasks and clearances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from crm.activities.models import Clearance, Task, Touch, TouchPerson
from crm.activities.rules import Shown, TouchKind
from crm.companies import operations as companies
from crm.companies.models import Company
from crm.companies.queries import find_colleague
from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.people import operations as people
from crm.people.models import Person

A_DAY = timedelta(days=1)


class NotYet(RuleBroken):
    """A contact report tells what has happened."""


class StruckOut(RuleBroken):
    """A report that was struck out stays as it was."""


class TaskOver(RuleBroken):
    """A task that is done or dropped is reopened before anything else."""


class WrongOrder(RuleBroken):
    """Something would end before it began."""


@dataclass(frozen=True, kw_only=True)
class Acquaintance:
    """Somebody of the company who is met for the first time."""

    name: str
    email: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewTouch:
    """A contact as reported. Taking part is open to any person on record, and to one `met`."""

    company_id: int
    kind: TouchKind
    on: date
    text: str
    person_ids: tuple[int, ...] = ()
    met: Acquaintance | None = None
    shown: Shown = Shown.IN_FULL
    confidential: bool = False


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """A next step. Without an owner it is whoever adds it."""

    title: str
    due_on: date
    owner_id: int | None = None
    company_id: int | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewClearance:
    """Leave to approach a company, as the central office gave it."""

    company_id: int
    granted_by: str
    purpose: str
    starts_on: date
    ends_before: date | None = None
    note: str | None = None


def log_touch(session: Session, draft: NewTouch, *, by: Actor, now: datetime) -> Touch:
    """Report a contact with a company."""
    if session.get(Company, draft.company_id) is None:
        raise NotFound("There is no such company.")
    _check(session, draft, now)
    assert by.id is not None  # only people with an account report contacts
    touch = Touch(
        company_id=draft.company_id,
        kind=draft.kind,
        on=draft.on,
        text=draft.text,
        shown=draft.shown,
        confidential=draft.confidential,
        by_id=by.id,
        created_at=now,
    )
    session.add(touch)
    session.flush()
    _set_people(session, touch, draft, now)
    refresh_last_touches(session, [touch.company_id])
    return touch


def correct_touch(
    session: Session, touch: Touch, draft: NewTouch, *, version: int, now: datetime
) -> None:
    """Put a report right. Raises `Stale` if somebody else did since `version` was read."""
    if touch.struck_at is not None:
        raise StruckOut("This report was struck out. Log the contact anew if it did happen.")
    if touch.version != version:
        raise Stale(
            "this contact report",
            theirs={"Text": touch.text, "Day": touch.on.isoformat()},
            yours={"Text": draft.text, "Day": draft.on.isoformat()},
        )
    _check(session, draft, now)
    touch.kind, touch.on, touch.text = draft.kind, draft.on, draft.text
    touch.shown, touch.confidential = draft.shown, draft.confidential
    session.flush()
    if _set_people(session, touch, draft, now):
        db.renew(session, touch, seen=version)
    refresh_last_touches(session, [touch.company_id])


def strike_out(session: Session, touch: Touch, *, by: Actor, now: datetime) -> None:
    """It was a mistake: the report leaves the timeline and stays in the records."""
    if touch.struck_at is not None:
        return
    touch.struck_at = now
    session.flush()
    journal.note(
        session,
        "struck out",
        kind="touch",
        record_id=touch.id,
        parent=("company", touch.company_id),
        by=by,
        now=now,
    )
    refresh_last_touches(session, [touch.company_id])


def refresh_last_touches(session: Session, company_ids: Sequence[int]) -> None:
    """Tell the companies their last contact anew. Confidential ones do not show in lists."""
    latest = (
        select(func.max(Touch.on))
        .where(
            Touch.company_id == Company.id,
            Touch.struck_at.is_(None),
            Touch.confidential.is_(False),
        )
        .correlate(Company)
        .scalar_subquery()
    )
    companies.keep_last_touches(session, company_ids, latest)


def add_task(session: Session, draft: NewTask, *, by: Actor, now: datetime) -> Task:
    if draft.company_id is not None and session.get(Company, draft.company_id) is None:
        raise NotFound("There is no such company.")
    owner_id = draft.owner_id or by.id
    assert owner_id is not None  # the programme itself adds no task without an owner
    task = Task(
        company_id=draft.company_id,
        title=draft.title,
        due_on=draft.due_on,
        owner_id=owner_id,
        note=draft.note,
        created_at=now,
    )
    session.add(task)
    session.flush()
    return task


def complete(session: Session, task: Task, *, on: date) -> None:
    """Done; done again changes nothing."""
    if task.dropped_on is not None:
        raise TaskOver("This task was dropped. Reopen it first.")
    task.done_on = task.done_on or on
    session.flush()


def drop(session: Session, task: Task, *, on: date) -> None:
    """It need not be done any more."""
    if task.done_on is not None:
        raise TaskOver("This task is done. Reopen it first.")
    task.dropped_on = task.dropped_on or on
    session.flush()


def reopen(session: Session, task: Task) -> None:
    task.done_on = task.dropped_on = None
    session.flush()


def reassign(session: Session, task: Task, *, owner_id: int) -> None:
    """Somebody else sees to it."""
    _refuse_over(task)
    task.owner_id = owner_id
    session.flush()


def correct_task(session: Session, task: Task, draft: NewTask, *, version: int) -> None:
    """Put it right; what the draft says of a company is left alone.

    Raises `Stale` if somebody else changed it since `version` was read.
    """
    _refuse_over(task)
    if task.version != version:
        raise Stale(
            "this task",
            theirs={"Task": task.title, "Day": task.due_on.isoformat()},
            yours={"Task": draft.title, "Day": draft.due_on.isoformat()},
        )
    task.title, task.due_on, task.note = draft.title, draft.due_on, draft.note
    task.owner_id = draft.owner_id or task.owner_id
    session.flush()


def note_clearance(session: Session, draft: NewClearance, *, now: datetime) -> Clearance:
    if session.get(Company, draft.company_id) is None:
        raise NotFound("There is no such company.")
    if draft.ends_before is not None and draft.ends_before <= draft.starts_on:
        raise WrongOrder("The clearance would end before it begins.", field="last_day")
    clearance = Clearance(
        company_id=draft.company_id,
        granted_by=draft.granted_by,
        purpose=draft.purpose,
        starts_on=draft.starts_on,
        ends_before=draft.ends_before,
        note=draft.note,
        created_at=now,
    )
    session.add(clearance)
    session.flush()
    return clearance


def _check(session: Session, draft: NewTouch, now: datetime) -> None:
    if draft.on > (now + A_DAY).date():  # whatever the zone, that day has not begun
        raise NotYet(
            "A contact report tells what has happened. For what is planned, add a task.",
            field="on",
        )
    known = session.scalars(select(Person.id).where(Person.id.in_(draft.person_ids))).all()
    if len(known) < len(set(draft.person_ids)):
        raise NotFound("One of these people is not on record.")


def _set_people(session: Session, touch: Touch, draft: NewTouch, now: datetime) -> bool:
    """Whether they were others."""
    ids = [*draft.person_ids]
    if draft.met is not None:
        ids.append(_met(session, touch.company_id, draft.met, now))
    connection = session.connection()
    there = select(TouchPerson.person_id).where(TouchPerson.touch_id == touch.id)
    before = set(connection.scalars(there))
    connection.execute(delete(TouchPerson).where(TouchPerson.touch_id == touch.id))
    rows = [{"touch_id": touch.id, "person_id": id_} for id_ in dict.fromkeys(ids)]
    if rows:
        connection.execute(insert(TouchPerson), rows)
    return before != set(ids)


def _met(session: Session, company_id: int, met: Acquaintance, now: datetime) -> int:
    """Whoever has the address or, without one, that name at the company; else a new person."""
    if met.email is None:
        colleague = find_colleague(session, company_id, met.name)
        if colleague is not None:
            return colleague
    person = people.find_or_add_person(session, name=met.name, email=met.email, now=now)
    companies.find_or_affiliate(
        session, person_id=person.id, company_id=company_id, title=None, starts_on=None
    )
    return person.id


def _refuse_over(task: Task) -> None:
    if task.done_on is not None or task.dropped_on is not None:
        raise TaskOver("This task is over. Reopen it first.")
