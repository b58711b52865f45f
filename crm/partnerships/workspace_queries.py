"""Reads of one workspace: what it is, who is in it, what is proposed, written and handed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, String, case, cast, false, func, null, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from crm.accounts.models import UserAccount
from crm.accounts.policy import Viewer
from crm.activities import queries as activities
from crm.activities.models import Touch, TouchPerson
from crm.companies.models import Company
from crm.kit.errors import NotFound
from crm.partnerships.area_models import Area
from crm.partnerships.workspace_models import (
    Convened,
    Convening,
    Handoff,
    NdaFile,
    Partnership,
    Scope,
)
from crm.partnerships.workspace_rules import Answer
from crm.people.models import Person, Profile

MOST = 60


def get(session: Session, partnership_id: int) -> Partnership:
    """With its company, lead and who stated the needs. Raises `NotFound`."""
    found = session.scalars(
        select(Partnership)
        .join(Partnership.company)
        .where(Partnership.id == partnership_id)
        .options(
            contains_eager(Partnership.company),
            joinedload(Partnership.lead),
            joinedload(Partnership.needs_by),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such partnership.")
    return found


def convened_in(session: Session, partnership_id: int) -> Sequence[Row[Convened, str | None]]:
    """Each with their person, and the field of their profile; those who declined last."""
    found = (
        select(Convened, Profile.field)
        .join(Convened.person)
        .outerjoin(Profile, Profile.id == Convened.person_id)
        .where(Convened.partnership_id == partnership_id)
        .options(contains_eager(Convened.person))
        .order_by(Convened.answer == Answer.DECLINED, Person.name_key, Convened.id)
    )
    return session.execute(found).all()


def get_convened(session: Session, convened_id: int) -> Convened:
    """With their person, and the partnership with its company. Raises `NotFound`."""
    found = session.get(
        Convened,
        convened_id,
        options=[
            joinedload(Convened.person),
            joinedload(Convened.partnership).joinedload(Partnership.company),
        ],
    )
    if found is None:
        raise NotFound("Nobody of this number is convened.")
    return found


def areas_of(session: Session, partnership_id: int) -> Sequence[Area]:
    """With challenges and faculty: agreed ones first, dropped ones last."""
    found = select(Area).where(Area.partnership_id == partnership_id)
    return session.scalars(
        found.options(
            selectinload(Area.challenges), selectinload(Area.faculty).joinedload(Convened.person)
        ).order_by(
            Area.dropped_on.is_not(None), Area.agreed_on.is_(None), Area.proposed_on, Area.id
        )
    ).all()


def get_area(session: Session, area_id: int) -> Area:
    """With what it is about, and the partnership with its company. Raises `NotFound`."""
    found = session.scalars(
        select(Area)
        .where(Area.id == area_id)
        .options(
            joinedload(Area.partnership).joinedload(Partnership.company),
            selectinload(Area.challenges),
            selectinload(Area.faculty),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such area.")
    return found


def scopes_of(session: Session, partnership_id: int) -> Sequence[Scope]:
    """Every version, the latest first."""
    found = select(Scope).where(Scope.partnership_id == partnership_id)
    return session.scalars(found.order_by(Scope.number.desc())).all()


def scope_of(session: Session, partnership_id: int) -> Scope | None:
    """The version that counts: the last."""
    return next(iter(scopes_of(session, partnership_id)), None)


def handoffs_of(session: Session, partnership_id: int) -> Sequence[Handoff]:
    """The latest first; what was taken back stands among them."""
    found = select(Handoff).where(Handoff.partnership_id == partnership_id)
    return session.scalars(found.order_by(Handoff.id.desc())).all()


def handoff_of(session: Session, partnership_id: int) -> Handoff | None:
    """The one that stands."""
    return next(
        (made for made in handoffs_of(session, partnership_id) if made.struck_at is None), None
    )


def get_handoff(session: Session, handoff_id: int) -> Handoff:
    found = session.get(Handoff, handoff_id)
    if found is None:
        raise NotFound("There is no such hand-off.")
    return found


def nda_files_of(session: Session, partnership_id: int) -> Sequence[NdaFile]:
    """With the documents, the latest first."""
    found = select(NdaFile).where(NdaFile.partnership_id == partnership_id)
    return session.scalars(
        found.options(joinedload(NdaFile.document)).order_by(NdaFile.id.desc())
    ).all()


def get_nda_file(session: Session, nda_file_id: int) -> NdaFile:
    found = session.get(NdaFile, nda_file_id, options=[joinedload(NdaFile.document)])
    if found is None:
        raise NotFound("There is no such file.")
    return found


def convenings_of(session: Session, partnership_id: int, viewer: Viewer) -> Sequence[Row[Any]]:
    """The contact reports that were its convenings, the latest first, as the viewer may read
    them; `text` None: only that there was contact."""
    found = (
        select(
            Touch.id,
            activities.kind_for(viewer).label("kind"),
            Touch.on,
            Touch.confidential,
            case((activities.read_by(viewer), Touch.text), else_=null()).label("text"),
            Touch.by_id,
            UserAccount.name.label("by"),
        )
        .join(Convening, Convening.touch_id == Touch.id)
        .join(Touch.by)
        .where(
            Convening.partnership_id == partnership_id,
            Touch.struck_at.is_(None),
            activities.seen_by(viewer),
        )
        .order_by(Touch.on.desc(), Touch.id.desc())
        .limit(MOST)
    )
    return session.execute(found).all()


def who_came(
    session: Session, partnership_id: int, scope: Select[Any] | None
) -> dict[int, list[tuple[int, str]]]:
    """By contact report: who took part, of both sides. `scope`: the ids of those one may see."""
    found = (
        select(TouchPerson.touch_id, Person.id, Person.name)
        .join(Convening, Convening.touch_id == TouchPerson.touch_id)
        .join(Person, Person.id == TouchPerson.person_id)
        .where(Convening.partnership_id == partnership_id)
        .order_by(Person.name_key, Person.id)
    )
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    by_touch: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for touch_id, id_, name in session.execute(found):
        by_touch[touch_id].append((id_, name))
    return dict(by_touch)


def parts_of(person_id: int) -> Select[Any]:
    """The partnerships somebody leads or was asked into: id, title, company, as what, from when,
    and the day on which it was closed."""
    said = (
        select(cast(Convened.answer, String))
        .where(Convened.partnership_id == Partnership.id, Convened.person_id == person_id)
        .correlate(Partnership)
        .scalar_subquery()
    )
    leads = func.coalesce(Partnership.lead_id == person_id, false())
    return (
        select(
            Partnership.id,
            Partnership.title,
            Company.name,
            case((leads, "lead faculty"), else_=said),
            Partnership.opened_on,
            Partnership.closed_on,
        )
        .join(Partnership.company)
        .where(leads | said.is_not(None))
    )


def partnerships_of(user_id: int) -> Select[Any]:
    """The ids of those which the person behind an account leads, or was asked into."""
    leads = (
        select(Partnership.id.label("id"))
        .join(Person, Person.id == Partnership.lead_id)
        .where(Person.user_id == user_id)
    )
    asked = (
        select(Convened.partnership_id)
        .join(Person, Person.id == Convened.person_id)
        .where(Person.user_id == user_id)
    )
    every = leads.union(asked).subquery()
    return select(every.c.id)
