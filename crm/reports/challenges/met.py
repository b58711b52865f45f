"""Who of the university has met which company: by a contact, a project, a group, a partnership, a
job."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, and_, or_, select, union
from sqlalchemy.orm import Session, aliased

from crm.accounts.policy import Viewer
from crm.activities.models import Touch, TouchPerson
from crm.activities.queries import read_by, seen_by
from crm.companies.models import Affiliation, Company
from crm.council.models import Place
from crm.kit.days import lasts_beyond
from crm.kit.periods import months_after
from crm.partnerships.workspace_models import Convened, Partnership
from crm.partnerships.workspace_rules import Answer
from crm.people.models import Person, Profile
from crm.projects.people_models import ProjectCompany, ProjectFaculty

MONTHS = 24
"""So long ago counts: who met before that is a stranger again."""
_OWN, _THEIRS = aliased(Place), aliased(Place)


def pairs_of(session: Session, viewer: Viewer, today: date) -> dict[int, set[int]]:
    """The people with a profile whom each company has met. One SELECT.

    Met is who logged a contact with the company or took part in one, looks after it, is or was
    in a project, a working group or a major partnership with it, or works or worked there: in the
    last `MONTHS`.
    A contact of which the viewer may not know counts for nothing, or they would learn of it; nor
    does who took part in one of which they know no more than that.
    """
    found: dict[int, set[int]] = defaultdict(set)
    for company_id, person_id in session.execute(_pairs(viewer, today)):
        found[company_id].add(person_id)
    return dict(found)


@lru_cache(maxsize=64)
def _pairs(viewer: Viewer, today: date) -> CompoundSelect[Any]:
    since = months_after(today, -MONTHS)
    contact = and_(Touch.struck_at.is_(None), Touch.on >= since, Touch.on <= today, seen_by(viewer))
    return union(
        select(Touch.company_id, Person.id.label("person_id"))
        .join(Person, Person.user_id == Touch.by_id)
        .join(Profile, Profile.id == Person.id)
        .where(contact),
        select(Touch.company_id, Profile.id)
        .join(TouchPerson, TouchPerson.touch_id == Touch.id)
        .join(Profile, Profile.id == TouchPerson.person_id)
        .where(contact, read_by(viewer)),
        select(Company.id, Person.id)
        .join(Person, Person.user_id == Company.owner_id)
        .join(Profile, Profile.id == Person.id),
        select(ProjectCompany.company_id, ProjectFaculty.person_id)
        .join(ProjectFaculty, ProjectFaculty.project_id == ProjectCompany.project_id)
        .where(_since(ProjectFaculty, since, today)),
        select(_THEIRS.company_id, _OWN.person_id)
        .join(_OWN, _OWN.body_id == _THEIRS.body_id)
        .where(
            _THEIRS.company_id.is_not(None),
            _OWN.company_id.is_(None),
            _since(_THEIRS, since, today),
            _since(_OWN, since, today),
            lasts_beyond(_THEIRS, _OWN.starts_on),
            lasts_beyond(_OWN, _THEIRS.starts_on),
        ),
        select(Partnership.company_id, Partnership.lead_id).where(
            Partnership.lead_id.is_not(None), _open(since, today)
        ),
        select(Partnership.company_id, Convened.person_id)
        .join(Convened, Convened.partnership_id == Partnership.id)
        .where(Convened.answer == Answer.INTERESTED, _open(since, today)),
        select(Affiliation.company_id, Affiliation.person_id)
        .join(Profile, Profile.id == Affiliation.person_id)
        .where(lasts_beyond(Affiliation, since)),
    )


def _open(since: date, today: date) -> Any:
    """Whether the enclosing `Partnership` was open in these days."""
    return and_(
        Partnership.opened_on <= today,
        or_(Partnership.closed_on.is_(None), Partnership.closed_on > since),
    )


def _since(spell: Any, since: date, today: date) -> Any:
    """Begun, and not over before a day."""
    return and_(spell.starts_on <= today, lasts_beyond(spell, since))
