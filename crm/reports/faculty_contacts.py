"""Faculty–company contacts: who of the university met whom, when, and what is next.

What was said is on the company's page, for whoever may read it; here it is not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.activities.models import Task, Touch, TouchPerson
from crm.activities.queries import kind_for, open_tasks, read_by, seen_by
from crm.companies.models import Company, CompanyChallenge
from crm.kit.among import among
from crm.people.models import Person, Profile, ProfileChallenge
from crm.programme.models import Challenge
from crm.reports.acquaintances import people_of
from crm.reports.columns import Column, Kind, Report, Row, a_year_before

COLUMNS = (
    Column("Date", Kind.DAY, 0.9),
    Column("Company", share=1.6),
    Column("Company people", share=1.6),
    Column("University people", share=1.6),
    Column("Kind", share=0.7),
    Column("Challenge", share=1.8),
    Column("Next step", share=2),
    Column("Confidential", Kind.FLAG, 0.8),
    Column("Company id", Kind.ID, printed=False),
    Column("id", Kind.ID, printed=False),
)
_MET = aliased(TouchPerson)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(
    session: Session,
    *,
    day: date,
    viewer: Viewer,
    now: datetime,
    since: date,
    company_id: int | None,
) -> Sequence[Row]:
    """The latest first; `now` in the programme's zone. Five SELECTs.

    Of a confidential contact its author, directors and staff know; of one shown as such only that
    there was one.
    """
    told = _contacts(viewer)
    told = told.where(Touch.on >= since, Touch.on <= day)
    if company_id is not None:
        told = told.where(Touch.company_id == company_id)
    found = session.execute(told).all()
    touches, companies = {row.id for row in found}, {row.company_id for row in found}
    ours, theirs = _people(session, touches, viewer, now.date())
    cares = _challenges(session, _caring(), companies)
    works = _challenges(
        session,
        _working(),
        {id_ for people in ours.values() for id_ in people} | {row.person_id for row in found},
    )
    steps = _steps(session, companies)
    return [
        (
            row.on,
            row.company,
            ", ".join(theirs[row.id].values()),
            ", ".join(_named(row, ours[row.id])),
            row.kind,
            "; ".join(_shared(row, ours[row.id], cares, works)),
            steps.get(row.company_id, ""),
            row.confidential,
            row.company_id,
            row.id,
        )
        for row in found
    ]


def _named(row: Any, took_part: dict[int, str]) -> list[str]:
    """Who reported it, and whoever took part beside them."""
    return [row.by, *(name for id_, name in took_part.items() if id_ != row.person_id)]


def _shared(row: Any, took_part: dict[int, str], cares: Any, works: Any) -> list[str]:
    """What the company cares about and somebody of ours in the contact works on, by number."""
    own = {tag for id_ in (row.person_id, *took_part) for tag in works.get(id_, ())}
    return [name for _, name in sorted(own & set(cares.get(row.company_id, ())))]


@lru_cache(maxsize=256)
def _contacts(viewer: Viewer) -> Select[Any]:
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Touch.id,
            Touch.on,
            kind_for(viewer).label("kind"),
            Touch.confidential,
            Touch.company_id,
            Company.name.label("company"),
            UserAccount.name.label("by"),
            Person.id.label("person_id"),
        )
        .join(Touch.company)
        .join(Touch.by)
        .outerjoin(Person, Person.user_id == UserAccount.id)
        .where(Touch.struck_at.is_(None), seen_by(viewer), _of_faculty(viewer))
    )
    return found.order_by(Touch.on.desc(), Touch.id.desc())


def _of_faculty(viewer: Viewer) -> ColumnElement[bool]:
    """Reported by somebody who is faculty, or with somebody who is and whom the viewer may know
    to have taken part."""
    return or_(
        exists().where(Profile.id == Person.id),
        exists().where(UserRole.user_id == Touch.by_id, UserRole.role == Role.FACULTY),
        and_(
            read_by(viewer), exists().where(_MET.touch_id == Touch.id, Profile.id == _MET.person_id)
        ),
    )


def _people(
    session: Session, touches: set[int], viewer: Viewer, today: date
) -> tuple[dict[int, dict[int, str]], dict[int, dict[int, str]]]:
    """Who took part, of those the viewer may know: of the university, and of the company; by
    contact, each by name."""
    ours: dict[int, dict[int, str]] = defaultdict(dict)
    theirs: dict[int, dict[int, str]] = defaultdict(dict)
    met = session.execute(_taking_part(viewer, today), {"touches": touches}).all()
    for row in sorted(met, key=lambda row: (row.name_key, row.id)):
        (ours if row.profile_id is not None else theirs)[row.touch_id][row.id] = row.name
    return ours, theirs


@lru_cache(maxsize=256)
def _taking_part(viewer: Viewer, today: date) -> Executable:
    found = (
        select(
            TouchPerson.touch_id,
            Person.id,
            Person.name,
            Person.name_key,
            Profile.id.label("profile_id"),
        )
        .join(Person, Person.id == TouchPerson.person_id)
        .outerjoin(Profile, Profile.id == Person.id)
        .where(among(TouchPerson.touch_id, "touches"))
    )
    scope = people_of(viewer, today)
    if scope is not None:
        found = found.join(Touch, Touch.id == TouchPerson.touch_id)
        found = found.where(Person.id.in_(scope), read_by(viewer))
    return found


def _challenges(
    session: Session, asked: Executable, ids: set[int]
) -> dict[int, set[tuple[int, str]]]:
    """Number and name of each, by company or person."""
    found: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for id_, number, name in session.execute(asked, {"ids": [one for one in ids if one]}):
        found[id_].add((number, name))
    return found


@lru_cache(maxsize=1)
def _caring() -> Executable:
    tie = CompanyChallenge
    found = select(tie.company_id, Challenge.number, Challenge.name)
    return found.join(Challenge, Challenge.id == tie.challenge_id).where(
        among(tie.company_id, "ids")
    )


@lru_cache(maxsize=1)
def _working() -> Executable:
    tie = ProfileChallenge
    found = select(tie.person_id, Challenge.number, Challenge.name)
    return found.join(Challenge, Challenge.id == tie.challenge_id).where(
        among(tie.person_id, "ids")
    )


def _steps(session: Session, companies: set[int]) -> dict[int, str]:
    """The first open task of each, with its day."""
    found = session.execute(_open(), {"ids": companies}).all()
    return {
        row.company_id: f"{row.title} (by {row.due_on.isoformat()})"
        for row in sorted(found, key=lambda row: (row.due_on, row.id), reverse=True)
    }


@lru_cache(maxsize=1)
def _open() -> Executable:
    asked = select(Task.company_id, Task.id, Task.title, Task.due_on)
    return asked.where(among(Task.company_id, "ids"), open_tasks())


REPORT = Report(
    name="faculty-company-contacts",
    title="Faculty–company contacts",
    about="Who of the faculty met whom of which company, when, and what is next.",
    needs=P.COMPANIES_READ,
    columns=columns,
    rows=rows,
    asks=frozenset({"now", "since", "company_id"}),
    tells_changes=True,
    since="Contacts since",
    since_when=a_year_before,
    note="Contacts that faculty reported or took part in. The challenges are those the company "
    "cares about and somebody of the university in the contact works on. The next step is the "
    "company’s first open task, as of today. Confidential contacts are told to their authors, "
    "directors and staff.",
)
