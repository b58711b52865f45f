"""Whom of the people a viewer may see: settled here, for every page, search and export."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities.models import Touch, TouchPerson
from crm.companies.models import Affiliation, Company
from crm.council.models import Place
from crm.people.models import Person
from crm.projects.people_models import ProjectFaculty


@lru_cache(maxsize=256)
def people_of(viewer: Viewer, today: date) -> Select[Any] | None:
    """The ids of the people this viewer may see; None: all.

    Without the right to read all of them: whoever took part in a contact they logged, who works
    at a company they look after, and who is with them in a working group or a project.
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
    known = met.union(
        theirs, _in_their_groups(viewer, today), _in_their_projects(viewer, today)
    ).subquery("known")
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
            *(
                condition
                for place in (own, Place)
                for condition in (
                    place.starts_on <= today,
                    or_(place.ends_before.is_(None), place.ends_before > today),
                )
            ),
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
            *(
                condition
                for part in (own, ProjectFaculty)
                for condition in (
                    part.starts_on <= today,
                    or_(part.ends_before.is_(None), part.ends_before > today),
                )
            ),
        )
    )


def colleagues(
    session: Session, company_id: int, viewer: Viewer, today: date, *, most: int = 40
) -> list[tuple[int, str]]:
    """Whoever is at the company today, of those the viewer may see: id and name."""
    found = (
        select(Person.id, Person.name)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id,
            or_(Affiliation.ends_before.is_(None), Affiliation.ends_before > today),
            Person.archived_on.is_(None),
        )
    )
    scope = people_of(viewer, today)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    rows = session.execute(found.distinct().order_by(Person.name, Person.id).limit(most))
    return [(id_, name) for id_, name in rows]
