"""The students in a project: initials, or a name where consent is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.projects import rules
from crm.projects.models import Project
from crm.projects.people_models import ProjectStudent


class NoConsent(RuleBroken):
    """A student's name stands here only where they have agreed to it."""


@dataclass(frozen=True, kw_only=True)
class NewStudent:
    """`consent_recorded`: how consent was given and where that is kept."""

    initials: str
    starts_on: date
    ends_before: date | None = None
    studies: str | None = None
    name: str | None = None
    consented_on: date | None = None
    consent_recorded: str | None = None


LABELS: Mapping[str, str] = {
    "initials": "Initials",
    "studies": "Studies",
    "name": "Name",
    "consented_on": "Consent given on",
    "consent_recorded": "How it was given",
    "starts_on": "From",
    "ends_before": "First day without them",
}


def take_in(
    session: Session, project: Project, draft: NewStudent, *, today: date
) -> ProjectStudent:
    """Raises `NoConsent` for a name without it."""
    _check(draft, today)
    student = ProjectStudent(
        project_id=project.id, **{name: getattr(draft, name) for name in LABELS}
    )
    session.add(student)
    session.flush()
    return student


def edit(
    session: Session, student: ProjectStudent, draft: NewStudent, *, version: int, today: date
) -> None:
    """Raises `Stale`, or `NoConsent`."""
    db.lock(session, student)
    mine = {name: getattr(draft, name) for name in LABELS}
    if student.version != version:
        theirs = {name: getattr(student, name) for name in LABELS}
        shown = [name for name in LABELS if mine[name] != theirs[name]]
        raise Stale(
            f"the student {student.initials}",
            theirs={LABELS[name]: str(theirs[name] or "") for name in shown},
            yours={LABELS[name]: str(mine[name] or "") for name in shown},
        )
    _check(draft, today)
    for name, value in mine.items():
        if getattr(student, name) != value:
            setattr(student, name, value)
    session.flush()


def withdraw_consent(
    session: Session, student: ProjectStudent, *, by: Actor, now: datetime
) -> None:
    """The name goes with the consent; the initials stay."""
    db.lock(session, student)
    if student.consented_on is None:
        raise NoConsent("No consent is recorded: there is none to withdraw.")
    student.name = student.consented_on = student.consent_recorded = None
    session.flush()
    journal.note(
        session,
        "consent withdrawn",
        kind="project_student",
        record_id=student.id,
        parent=("project", student.project_id),
        by=by,
        now=now,
    )


def _check(draft: NewStudent, today: date) -> None:
    if not rules.are_initials(draft.initials):
        raise RuleBroken(
            "Write one to four initials, such as A. B.; a name goes into its own field.",
            field="initials",
        )
    if (draft.consented_on is None) != (draft.consent_recorded is None):
        raise NoConsent(
            "Say on which day consent was given, and how.",
            field="consented_on" if draft.consented_on is None else "consent_recorded",
        )
    if draft.name is not None and draft.consented_on is None:
        raise NoConsent(
            "A name is kept only with the student’s consent: record it, or leave the initials.",
            field="name",
        )
    if draft.consented_on is not None and draft.consented_on > today:
        raise NoConsent("Consent is recorded once it is given.", field="consented_on")
    if draft.ends_before is not None and draft.ends_before <= draft.starts_on:
        raise RuleBroken("They would leave before they came.", field="last_day")
