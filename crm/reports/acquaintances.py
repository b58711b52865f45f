"""Whom of the people a viewer may see: settled here, for every page, search and export."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, or_, select
from sqlalchemy.orm import Session, aliased

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities.models import Touch, TouchPerson
from crm.activities.rules import Shown
from crm.companies.models import Affiliation, Company
from crm.council.models import Place
from crm.kit.days import runs_on
from crm.partnerships.workspace_models import Convened, Convening
from crm.partnerships.workspace_queries import partnerships_of
from crm.people.models import Person, Profile
from crm.projects.people_models import ProjectFaculty


@lru_cache(maxsize=256)
def people_of(viewer: Viewer, today: date) -> Select[Any] | None:
    """The ids of the people this viewer may see; None: all.

    Without the right to read all of them: whoever took part in a contact they logged, who works
    at a company they look after, who is with them in a working group, a project or a major
    partnership, and everybody of the university, themselves among them.
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
        .where(Company.owner_id == viewer.id, runs_on(Affiliation, today))
    )
    own = select(Person.id).where(Person.user_id == viewer.id)
    faculty = select(Profile.id).where(~works(Profile.id, today))
    groups, projects = _in_their_groups(viewer, today), _in_their_projects(viewer, today)
    convened = _in_their_partnerships(viewer)
    known = met.union(theirs, groups, projects, *convened, own, faculty).subquery("known")
    return select(known.c.person_id)


def _in_their_groups(viewer: Viewer, today: date) -> Select[Any]:
    """Whoever has a place today in a group where the viewer has one."""
    own = aliased(Place)
    return (
        select(Place.person_id)
        .join(own, own.body_id == Place.body_id)
        .join(Person, Person.id == own.person_id)
        .where(
            Person.user_id == viewer.id,
            runs_on(own, today),
            runs_on(Place, today),
            or_(Place.company_id.is_(None), works(Place.person_id, today, at=Place.company_id)),
        )
    )


def _in_their_projects(viewer: Viewer, today: date) -> Select[Any]:
    """Whoever of the university is today in a project in which the viewer is."""
    own = aliased(ProjectFaculty)
    return (
        select(ProjectFaculty.person_id)
        .join(own, own.project_id == ProjectFaculty.project_id)
        .join(Person, Person.id == own.person_id)
        .where(
            Person.user_id == viewer.id,
            runs_on(own, today),
            runs_on(ProjectFaculty, today),
        )
    )


def _in_their_partnerships(viewer: Viewer) -> tuple[Select[Any], Select[Any]]:
    """Whoever came to a convening of a partnership that they lead or were asked into, unless the
    report of it is not shown in full; and who else was asked."""
    own = partnerships_of(viewer.id)
    came = (
        select(TouchPerson.person_id)
        .join(Touch, Touch.id == TouchPerson.touch_id)
        .join(Convening, Convening.touch_id == Touch.id)
        .where(
            Convening.partnership_id.in_(own),
            Touch.struck_at.is_(None),
            Touch.confidential.is_(False),
            Touch.shown == Shown.IN_FULL,
        )
    )
    return came, select(Convened.person_id).where(Convened.partnership_id.in_(own))


def works(
    person_id: SQLColumnExpression[int],
    today: date,
    *,
    at: SQLColumnExpression[int | None] | None = None,
) -> ColumnElement[bool]:
    """Whether somebody works at a company today, or at this one."""
    work = aliased(Affiliation)
    found = select(work.id).where(work.person_id == person_id, runs_on(work, today))
    return (found if at is None else found.where(work.company_id == at)).exists()


def may_see(session: Session, person_id: int, viewer: Viewer, today: date) -> bool:
    scope = people_of(viewer, today)
    if scope is None:
        return True
    found = select(Person.id).where(Person.id == person_id, Person.id.in_(scope))
    return session.scalar(found) is not None


def seen(session: Session, ids: Collection[int], viewer: Viewer, today: date) -> Collection[int]:
    """Those of these people whom the viewer may see."""
    scope = people_of(viewer, today)
    if scope is None or not ids:
        return ids
    found = select(Person.id).where(Person.id.in_(ids), Person.id.in_(scope))
    return set(session.scalars(found))


def colleagues(
    session: Session, company_id: int, viewer: Viewer, today: date, *, most: int = 40
) -> list[tuple[int, str]]:
    """Whoever is at the company today, of those the viewer may see: id and name."""
    found = (
        select(Person.id, Person.name)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id,
            runs_on(Affiliation, today),
            Person.archived_on.is_(None),
        )
    )
    scope = people_of(viewer, today)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    rows = session.execute(found.distinct().order_by(Person.name, Person.id).limit(most))
    return [(id_, name) for id_, name in rows]
