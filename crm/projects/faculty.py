"""Who of the university is in a project, from when to when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import university
from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.days import lasts_beyond
from crm.kit.errors import RuleBroken
from crm.kit.periods import in_words
from crm.projects.models import Project
from crm.projects.people_models import ProjectFaculty
from crm.projects.rules import FacultyRole


class AlreadyInIt(RuleBroken):
    """One is in a project once at a time, in one role."""


def take_in(
    session: Session,
    project: Project,
    person_id: int,
    role: FacultyRole,
    *,
    on: date,
    by: Actor,
    now: datetime,
) -> ProjectFaculty:
    """Raises `NotOfTheUniversity` for who works at a company, and `AlreadyInIt` for whoever is in
    it on the day, or comes into it later."""
    university.check(session, person_id, on)
    db.lock(session, project)
    there = select(ProjectFaculty).where(
        ProjectFaculty.project_id == project.id,
        ProjectFaculty.person_id == person_id,
        lasts_beyond(ProjectFaculty, on),
    )
    known = session.scalars(there.limit(1)).first()
    if known is not None:
        raise AlreadyInIt(
            f"They are in it as {known.role} from {in_words(known.starts_on)}: end that first.",
            field="email",
        )
    made = ProjectFaculty(project_id=project.id, person_id=person_id, role=role, starts_on=on)
    session.add(made)
    session.flush()
    _note(session, made, "came in", by=by, now=now)
    return made


def end(session: Session, made: ProjectFaculty, *, on: date, by: Actor, now: datetime) -> None:
    """`on`: the first day without them."""
    db.lock(session, made)
    if made.ends_before is not None:
        raise RuleBroken(f"They left it on {in_words(made.ends_before)}.", field="on")
    if on <= made.starts_on:
        raise RuleBroken(
            f"They are in it since {in_words(made.starts_on)}: it ends after that day.", field="on"
        )
    made.ends_before = on
    session.flush()
    _note(session, made, "left", by=by, now=now)


def _note(session: Session, made: ProjectFaculty, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="project_faculty",
        record_id=made.id,
        parent=("project", made.project_id),
        by=by,
        now=now,
    )
