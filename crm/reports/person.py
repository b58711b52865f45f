"""One person, for a viewer: where they work and worked, and what was said with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, case, func, null, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import interests
from crm.activities import queries as activities
from crm.activities.models import Interest, Touch, TouchPerson
from crm.companies.models import Affiliation, Company
from crm.journal import queries as journal
from crm.journal.queries import Line
from crm.kit.errors import NotFound
from crm.partnerships import queries as contributions
from crm.people import profiles
from crm.people.models import Consent, Person, PersonAddress, Profile
from crm.projects import part_queries
from crm.projects.people_models import ProjectFaculty
from crm.reports.acquaintances import people_of
from crm.reports.parts_of_person import parts_of

MOST = 40
HISTORY = 15


@dataclass(frozen=True, kw_only=True)
class Portrait:
    """`full` False: name, title and work e-mail, and nothing else of theirs."""

    person: Person
    full: bool
    addresses: Sequence[PersonAddress]
    jobs: Sequence[Row[Any]]
    parts: Sequence[Row[Any]]
    """Seats and places in groups."""
    touches: Sequence[Row[Any]]
    interests: Sequence[Interest]
    profile: Profile | None
    projects: Sequence[ProjectFaculty]
    answers_for: Sequence[Row[Any]]
    """Contributions of which they take care."""
    consents: Sequence[Consent]
    history: Sequence[Line]


def get(session: Session, person_id: int, viewer: Viewer, today: date) -> Person:
    """Raises `NotFound`, also for somebody the viewer may not see."""
    found = select(Person).where(Person.id == person_id)
    scope = people_of(viewer, today)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    person = session.scalars(found).one_or_none()
    if person is None:
        raise NotFound("There is no such person.")
    return person


def portrait(session: Session, person_id: int, *, viewer: Viewer, today: date) -> Portrait:
    """Twelve SELECTs at most, whatever the number of rows. Raises `NotFound`."""
    person = get(session, person_id, viewer, today)
    full = viewer.may(P.PEOPLE_READ_ALL)
    addresses = select(PersonAddress).where(PersonAddress.person_id == person_id)
    if not full:
        addresses = addresses.where(PersonAddress.is_primary.is_(True))
    consents = select(Consent).where(Consent.person_id == person_id)
    return Portrait(
        person=person,
        full=full,
        addresses=session.scalars(
            addresses.order_by(PersonAddress.is_primary.desc(), PersonAddress.id).limit(MOST)
        ).all(),
        jobs=session.execute(_jobs(person_id, today)).all(),
        parts=parts_of(session, person_id) if viewer.may(P.COUNCIL_READ) else (),
        touches=session.execute(_touches(person_id, viewer)).all(),
        interests=interests.of_person(session, person_id),
        profile=profiles.of_person(session, person_id),
        projects=part_queries.projects_of_person(session, person_id),
        answers_for=contributions.answered_for_by(session, person_id, today)
        if viewer.may(P.ENGAGEMENTS_READ)
        else (),
        consents=session.scalars(consents.order_by(Consent.id.desc()).limit(MOST)).all()
        if full
        else (),
        history=journal.history_of(
            session,
            [("person", person_id)],
            confidential=viewer.may(P.CONFIDENTIAL_READ),
            limit=HISTORY,
        )
        if viewer.may(P.HISTORY_READ)
        else (),
    )


def _jobs(person_id: int, today: date) -> Select[Any]:
    there = func.coalesce(Affiliation.ends_before > today, True)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Affiliation.id,
            Affiliation.company_id,
            Company.name.label("company"),
            Affiliation.title,
            Affiliation.starts_on,
            Affiliation.ends_before,
            Affiliation.champion,
            Affiliation.main_contact,
            Affiliation.billing,
            there.label("there"),
        )
        .join(Affiliation.company)
        .where(Affiliation.person_id == person_id)
    )
    return found.order_by(there.desc(), Affiliation.starts_on.desc(), Affiliation.id.desc()).limit(
        MOST
    )


def _touches(person_id: int, viewer: Viewer) -> Select[Any]:
    found: Select[Any] = (
        select(
            Touch.id,
            Touch.on,
            Touch.kind,
            case((activities.read_by(viewer), Touch.text), else_=null()).label("text"),
            Touch.confidential,
            Touch.company_id,
            Company.name.label("company"),
            UserAccount.name.label("by"),
        )
        .join(TouchPerson, TouchPerson.touch_id == Touch.id)
        .join(Touch.company)
        .join(Touch.by)
        .where(
            TouchPerson.person_id == person_id,
            Touch.struck_at.is_(None),
            activities.seen_by(viewer),
        )
    )
    if not viewer.may(P.PEOPLE_READ_ALL):  # who took part in a contact shown as such is not told
        found = found.where(activities.read_by(viewer))
    return found.order_by(Touch.on.desc(), Touch.id.desc()).limit(MOST)
