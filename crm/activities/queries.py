"""Reads of contacts, tasks and clearances. Who may read how much of a contact is settled here."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities.models import Clearance, Task, Touch, TouchPerson
from crm.activities.rules import Shown
from crm.companies.models import Affiliation, Company
from crm.kit.errors import NotFound
from crm.people.models import Person


def seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer knows of the enclosing `Touch` at all."""
    if viewer.may(P.CONFIDENTIAL_READ):
        return true()
    return or_(Touch.confidential.is_(False), Touch.by_id == viewer.id)


def read_by(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer reads its text, or only that there was contact."""
    if viewer.may(P.HISTORY_READ):
        return true()
    return or_(Touch.shown == Shown.IN_FULL, Touch.by_id == viewer.id)


def get_touch(session: Session, touch_id: int, viewer: Viewer) -> Touch:
    """With its company and people. Raises `NotFound`, also for one the viewer may not read."""
    found = session.scalars(
        select(Touch)
        .where(Touch.id == touch_id, seen_by(viewer), read_by(viewer))
        .options(joinedload(Touch.company), joinedload(Touch.by), selectinload(Touch.people))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such contact report.")
    return found


def get_task(session: Session, task_id: int) -> Task:
    """With its company and owner. Raises `NotFound`."""
    found = session.scalars(
        select(Task)
        .where(Task.id == task_id)
        .options(joinedload(Task.company), joinedload(Task.owner))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such task.")
    return found


def open_tasks() -> ColumnElement[bool]:
    return and_(Task.done_on.is_(None), Task.dropped_on.is_(None))


def clearances_on(day: date) -> ColumnElement[bool]:
    """The clearances that hold on a day."""
    return and_(
        Clearance.starts_on <= day,
        or_(Clearance.ends_before.is_(None), Clearance.ends_before > day),
    )


@lru_cache(maxsize=256)
def people_of(viewer: Viewer) -> Select[Any] | None:
    """The ids of the people this viewer may see; None: all.

    Without the right to read all of them: whoever took part in a contact they logged, and who
    works at a company they look after.
    """
    if viewer.may(P.PEOPLE_READ_ALL):
        return None
    met = (
        select(TouchPerson.person_id)
        .join(Touch, Touch.id == TouchPerson.touch_id)
        .where(Touch.by_id == viewer.id, Touch.struck_at.is_(None))
    )
    theirs = (
        select(Affiliation.person_id)
        .join(Affiliation.company)
        .where(Company.owner_id == viewer.id, Affiliation.ends_before.is_(None))
    )
    known = met.union(theirs).subquery("known")
    return select(known.c.person_id)


def colleagues(
    session: Session, company_id: int, viewer: Viewer, day: date, *, most: int = 40
) -> list[tuple[int, str]]:
    """Whoever is at the company on the day, of those the viewer may see: id and name."""
    found = (
        select(Person.id, Person.name)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id,
            or_(Affiliation.ends_before.is_(None), Affiliation.ends_before > day),
            Person.archived_on.is_(None),
        )
    )
    scope = people_of(viewer)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    rows = session.execute(found.distinct().order_by(Person.name, Person.id).limit(most))
    return [(id_, name) for id_, name in rows]
