"""Who at the university has to do with a company: so that no two approach it unaware of each other.

Their last contact, what they talk or work about with it, their next step. Faculty read it: no
sums, no stages, and of a contact only that there was one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Date,
    Executable,
    ScalarSelect,
    Select,
    case,
    cast,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import Session, aliased

from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.activities.models import Task, Touch, TouchPerson
from crm.activities.queries import kind_for, open_tasks, read_by, seen_by
from crm.companies.models import Company
from crm.council.models import Body, Place
from crm.kit.among import among
from crm.kit.days import runs_on
from crm.partnerships.workspace_models import Convened, Partnership
from crm.partnerships.workspace_rules import Answer
from crm.people.models import Person, Profile
from crm.pipeline.models import Mode, Opportunity
from crm.pipeline.queries import IS_OPEN
from crm.projects.models import Project
from crm.projects.people_models import ProjectCompany, ProjectFaculty
from crm.projects.rules import OVER

NO_DAY = cast(null(), Date)
CONTACT, TOOK_PART, PURSUES, WORKS, STEP = (
    "contact", "took part", "pursues", "works with", "step",
)  # fmt: skip
_OWN = aliased(Place)
_LAST, _BY = aliased(Touch), aliased(UserAccount)
_WHO = case((Person.user_id.is_not(None), Person.user_id), else_=-Person.id)
"""An account; of somebody without one the person, as a negative number."""


@dataclass(kw_only=True)
class InTouch:
    """One of ours. `owner`: the relationship manager, also without a contact."""

    name: str
    owner: bool = False
    last_on: date | None = None
    last_kind: str = ""
    about: list[str] = field(default_factory=list)
    """The modes they pursue, the projects, groups and partnerships they share with it."""
    step: str = ""
    step_on: date | None = None


def told(rows: Iterable[Any], *, owner_id: int | None, owner: str | None) -> Sequence[InTouch]:
    """The rows of `parts` by person: the relationship manager first, then by last contact."""
    found: dict[int, InTouch] = {}
    if owner_id is not None and owner is not None:
        found[owner_id] = InTouch(name=owner, owner=True)
    for row in rows:
        if row.what not in (CONTACT, TOOK_PART, PURSUES, WORKS, STEP):
            continue
        one = found.setdefault(row.id, InTouch(name=row.text))
        if row.what in (CONTACT, TOOK_PART):
            if one.last_on is None or row.starts_on > one.last_on:
                one.last_on, one.last_kind = row.starts_on, row.more
        elif row.what == STEP:
            if one.step_on is None or row.starts_on < one.step_on:
                one.step, one.step_on = row.more, row.starts_on
        elif row.more not in one.about:
            one.about.append(row.more)
    return sorted(found.values(), key=_place)


def _place(one: InTouch) -> tuple[bool, int, str]:
    return not one.owner, -(one.last_on or date.min).toordinal(), one.name


def parts(company_id: BindParameter[int], viewer: Viewer, today: date) -> list[Select[Any]]:
    """Rows of what, id, text, more, starts_on, ends_before: `id` is whose it is, `text` their
    name."""
    latest = func.max(Touch.on)
    contacts = (
        _line(CONTACT, UserAccount.id, UserAccount.name, _kind_of_last(company_id, viewer), latest)
        .join(Touch, Touch.by_id == UserAccount.id)
        .where(Touch.company_id == company_id, Touch.struck_at.is_(None), seen_by(viewer))
        .group_by(UserAccount.id, UserAccount.name)
        .order_by(latest.desc(), UserAccount.id)
    )
    took_part = (
        _line(TOOK_PART, _WHO, Person.name, literal(""), latest)
        .join(Profile, Profile.id == Person.id)
        .join(TouchPerson, TouchPerson.person_id == Person.id)
        .join(Touch, Touch.id == TouchPerson.touch_id)
        .where(
            Touch.company_id == company_id,
            Touch.struck_at.is_(None),
            seen_by(viewer),
            read_by(viewer),
        )
        .group_by(Person.id, Person.user_id, Person.name)
        .order_by(latest.desc(), Person.id)
    )
    pursued = (
        _line(PURSUES, UserAccount.id, UserAccount.name, Mode.name, Opportunity.opened_on)
        .join(Opportunity, Opportunity.owner_id == UserAccount.id)
        .join(Mode, Mode.id == Opportunity.mode_id)
        .where(Opportunity.company_id == company_id, IS_OPEN)
        .order_by(Opportunity.id.desc())
    )
    projects = (
        _line(WORKS, _WHO, Person.name, Project.title, ProjectFaculty.starts_on)
        .join(ProjectFaculty, ProjectFaculty.person_id == Person.id)
        .join(Project, Project.id == ProjectFaculty.project_id)
        .join(ProjectCompany, ProjectCompany.project_id == Project.id)
        .where(
            ProjectCompany.company_id == company_id,
            Project.stage.not_in(OVER),
            runs_on(ProjectFaculty, today),
        )
        .order_by(Project.id.desc(), Person.id)
    )
    groups = (
        _line(WORKS, _WHO, Person.name, Body.name, _OWN.starts_on)
        .join(_OWN, _OWN.person_id == Person.id)
        .join(Body, Body.id == _OWN.body_id)
        .join(Place, Place.body_id == _OWN.body_id)
        .where(
            Place.company_id == company_id,
            _OWN.company_id.is_(None),
            runs_on(Place, today),
            runs_on(_OWN, today),
        )
        .order_by(Body.id, Person.id)
    )
    steps = (
        _line(STEP, UserAccount.id, UserAccount.name, Task.title, Task.due_on)
        .join(Task, Task.owner_id == UserAccount.id)
        .where(Task.company_id == company_id, open_tasks())
        .order_by(Task.due_on, Task.id)
    )
    return [contacts, took_part, pursued, projects, groups, *_partnerships(company_id), steps]


def _partnerships(company_id: BindParameter[int]) -> list[Select[Any]]:
    """Who leads a major partnership that is open, and whoever was asked into it and did not
    decline."""
    leads = _line(WORKS, _WHO, Person.name, Partnership.title, Partnership.opened_on).join(
        Partnership, Partnership.lead_id == Person.id
    )
    asked = (
        _line(WORKS, _WHO, Person.name, Partnership.title, Convened.asked_on)
        .join(Convened, Convened.person_id == Person.id)
        .join(Partnership, Partnership.id == Convened.partnership_id)
        .where(Convened.answer != Answer.DECLINED)
    )
    return [
        found.where(Partnership.company_id == company_id, Partnership.closed_on.is_(None)).order_by(
            Partnership.id.desc(), Person.id
        )
        for found in (leads, asked)
    ]


def _line(what: str, who: Any, name: Any, more: Any, on: Any) -> Select[Any]:
    found: Select[Any] = select(literal(what), who, name, more, on, NO_DAY)
    return found


def _kind_of_last(company_id: BindParameter[int], viewer: Viewer) -> ScalarSelect[str]:
    own = (
        select(kind_for(viewer, _LAST))
        .where(
            _LAST.company_id == company_id,
            _LAST.by_id == UserAccount.id,
            _LAST.struck_at.is_(None),
            seen_by(viewer, _LAST),
        )
        .order_by(_LAST.on.desc(), _LAST.id.desc())
        .limit(1)
    )
    return own.correlate(UserAccount).scalar_subquery()


def known_by(
    session: Session, company_ids: Sequence[int], viewer: Viewer
) -> dict[int, tuple[str | None, date | None, str | None]]:
    """Of some companies: who looks after each, and when and by whom the last contact was. One
    SELECT."""
    found = session.execute(_known_by(viewer), {"companies": company_ids})
    return {row.id: (row.owner, row.on, row.by) for row in found}


@lru_cache(maxsize=256)
def _known_by(viewer: Viewer) -> Executable:
    latest = (
        select(Touch.id)
        .where(Touch.company_id == Company.id, Touch.struck_at.is_(None), seen_by(viewer))
        .order_by(Touch.on.desc(), Touch.id.desc())
        .limit(1)
        .correlate(Company)
        .scalar_subquery()
    )
    return (
        select(Company.id, UserAccount.name.label("owner"), _LAST.on, _BY.name.label("by"))
        .outerjoin(UserAccount, UserAccount.id == Company.owner_id)
        .outerjoin(_LAST, _LAST.id == latest)
        .outerjoin(_BY, _BY.id == _LAST.by_id)
        .where(among(Company.id, "companies"))
    )
