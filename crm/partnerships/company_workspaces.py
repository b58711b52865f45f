"""What a company's major partnerships are and brought, as parts of other statements. No sums.

Beside others of its page: what, id, text, more, starts_on, ends_before; of its timeline: what, id,
on, title, text, by, by_id, confidential.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    String,
    cast,
    false,
    func,
    literal,
    select,
    union_all,
)

from crm.activities.models import Touch, TouchPerson
from crm.partnerships.area_models import Area, AreaChallenge, AreaFaculty
from crm.partnerships.workspace_models import (
    Convened,
    Convening,
    Handoff,
    Partnership,
    Scope,
    Screening,
)
from crm.people.models import Person
from crm.programme.models import Challenge

NOTHING: Any = literal("")


def screenings(company_id: BindParameter[int]) -> Select[Any]:
    """What came of each that stands, who looked, when, and until when it is good; latest first."""
    made = Screening
    return (
        select(  # type: ignore[return-value]
            literal("screening"),
            made.id,
            cast(made.result, String),
            made.screened_by,
            made.screened_on,
            made.valid_until,
        )
        .where(made.company_id == company_id, made.struck_at.is_(None))
        .order_by(made.screened_on.desc(), made.id.desc())
    )


def steps(company_id: BindParameter[int]) -> Select[Any]:
    """Areas agreed and scopes handed over, the latest first; convenings are contact reports, and
    stages their opportunity's."""
    agreed: Any = (
        select(
            literal("partnership").label("what"),
            Partnership.id.label("id"),
            Area.agreed_on.label("on"),
            literal("Area agreed").label("title"),
            Area.title.label("text"),
            Area.by_name.label("by"),
            literal(0).label("by_id"),
            false().label("confidential"),
        )
        .join(Area, Area.partnership_id == Partnership.id)
        .where(Partnership.company_id == company_id, Area.agreed_on.is_not(None))
    )
    handed: Any = (
        select(
            literal("partnership"),
            Partnership.id,
            Handoff.on,
            literal("Handed to the research office"),
            Partnership.title,
            Handoff.by_name,
            literal(0),
            false(),
        )
        .join(Handoff, Handoff.partnership_id == Partnership.id)
        .where(Partnership.company_id == company_id, Handoff.struck_at.is_(None))
    )
    both = agreed.union_all(handed).subquery()
    found: Select[Any] = select(both)
    return found.order_by(both.c.on.desc(), both.c.id.desc())


def took_part(company_id: int, starts_on: date, ends_before: date) -> Select[Any]:
    """What came of a company's major partnerships in a time: its needs, convenings, areas agreed,
    scopes, hand-offs. Columns: day, kind, title, people, challenge, outcome, url, id.

    No sums, and of convenings only those that are not confidential, without their text.
    """
    parts = (_needs(), _convenings(), _areas(), _scopes(), _handoffs())
    found = union_all(*(part.where(Partnership.company_id == company_id) for part in parts))
    every = found.subquery()
    told: Select[Any] = select(every)
    return told.where(every.c.day >= starts_on, every.c.day < ends_before).order_by(
        every.c.day, every.c.kind, every.c.id
    )


def _told(
    day: Any, kind: str, id_: Any, *, title: Any = Partnership.title, people: Any = NOTHING,
    challenge: Any = NOTHING, outcome: Any = NOTHING,
) -> Select[Any]:  # fmt: skip
    url = literal("/office/engagements/partnerships/") + cast(Partnership.id, String)
    return select(
        day.label("day"),
        literal(kind).label("kind"),
        title.label("title"),
        func.coalesce(people, "").label("people"),
        func.coalesce(challenge, "").label("challenge"),
        func.coalesce(outcome, "").label("outcome"),
        url.label("url"),
        id_.label("id"),
    ).select_from(Partnership)


def _needs() -> Select[Any]:
    stated = (
        select(Person.name)
        .where(Person.id == Partnership.needs_by_id)
        .correlate(Partnership)
        .scalar_subquery()
    )
    found = _told(Partnership.needs_on, "Needs stated", Partnership.id, people=stated)
    return found.where(Partnership.needs_on.is_not(None))


def _convenings() -> Select[Any]:
    came = (
        select(func.aggregate_strings(Person.name, ", "))
        .join(TouchPerson, TouchPerson.person_id == Person.id)
        .where(TouchPerson.touch_id == Touch.id)
        .correlate(Touch)
        .scalar_subquery()
    )
    return (
        _told(Touch.on, "Convening", Touch.id, people=came)
        .join(Convening, Convening.partnership_id == Partnership.id)
        .join(Touch, Touch.id == Convening.touch_id)
        .where(Touch.struck_at.is_(None), Touch.confidential.is_(False))
    )


def _areas() -> Select[Any]:
    who = (
        select(func.aggregate_strings(Person.name, ", "))
        .join(Convened, Convened.person_id == Person.id)
        .join(AreaFaculty, AreaFaculty.convened_id == Convened.id)
        .where(AreaFaculty.area_id == Area.id)
        .correlate(Area)
        .scalar_subquery()
    )
    about = (
        select(func.aggregate_strings(Challenge.name, ", "))
        .join(AreaChallenge, AreaChallenge.challenge_id == Challenge.id)
        .where(AreaChallenge.area_id == Area.id)
        .correlate(Area)
        .scalar_subquery()
    )
    return (
        _told(
            Area.agreed_on,
            "Area agreed",
            Area.id,
            title=Area.title,
            people=who,
            challenge=about,
            outcome=Partnership.title,
        )
        .join(Area, Area.partnership_id == Partnership.id)
        .where(Area.agreed_on.is_not(None))
    )


def _scopes() -> Select[Any]:
    return _told(Scope.written_on, "Scope written", Scope.id, outcome=Scope.deliverables).join(
        Scope, Scope.partnership_id == Partnership.id
    )


def _handoffs() -> Select[Any]:
    number = literal("Number ") + Handoff.reference
    return (
        _told(
            Handoff.on,
            "Handed to the research office",
            Handoff.id,
            people=Handoff.to_whom,
            outcome=number,
        )
        .join(Handoff, Handoff.partnership_id == Partnership.id)
        .where(Handoff.struck_at.is_(None))
    )
