"""Reads of contacts, tasks and clearances. Who may read how much of a contact is settled here."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, and_, case, or_, select, true, type_coerce
from sqlalchemy.orm import Session, joinedload, selectinload

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities.models import Task, Touch
from crm.activities.rules import Shown
from crm.kit.errors import NotFound

IN_CONTACT = "in contact"
"""Said where the kind of a contact is not."""


def seen_by(viewer: Viewer, touch: type[Touch] = Touch) -> ColumnElement[bool]:
    """Whether the viewer knows of the enclosing `Touch`, or of an alias of it, at all."""
    if viewer.may(P.CONFIDENTIAL_READ):
        return true()
    return or_(touch.confidential.is_(False), touch.by_id == viewer.id)


def read_by(viewer: Viewer, touch: type[Touch] = Touch) -> ColumnElement[bool]:
    """Whether the viewer reads its text, or only that there was contact."""
    if viewer.may(P.HISTORY_READ):
        return true()
    return or_(touch.shown == Shown.IN_FULL, touch.by_id == viewer.id)


def kind_for(viewer: Viewer, touch: type[Touch] = Touch) -> ColumnElement[str]:
    """What kind of contact it was; of one the viewer does not read, only that there was one."""
    return case((read_by(viewer, touch), type_coerce(touch.kind, String)), else_=IN_CONTACT)


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
