"""Contacts: that there was one, with whom. Confidential ones are left out, whoever asks.

What is told here is made to be handed on. What a contact report says is told to whoever may read it
on the company's page, and never in a dossier.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, case, null, select, type_coerce
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.activities import queries as activities
from crm.activities.models import Touch, TouchPerson
from crm.activities.queries import IN_CONTACT
from crm.activities.rules import Shown
from crm.partnerships.workspace_models import Convening, Partnership
from crm.people.models import Person, Profile
from crm.reports.acquaintances import people_of
from crm.reports.engagement.lines import Asked, Line, Sort, joined


def lines(session: Session, asked: Asked) -> Iterable[Line]:
    """A convening of a major partnership is of its own kind."""
    said: Any = null() if asked.handed_on else case((_read(asked), Touch.text), else_=null())
    found: Select[Any] = (
        select(
            Touch.id,
            Touch.company_id,
            Touch.on,
            case((_read(asked), type_coerce(Touch.kind, String)), else_=IN_CONTACT).label("kind"),
            UserAccount.name,
            said.label("text"),
            Partnership.id.label("partnership_id"),
            Partnership.title,
        )
        .join(Touch.by)
        .outerjoin(Convening, Convening.touch_id == Touch.id)
        .outerjoin(Partnership, Partnership.id == Convening.partnership_id)
        .where(_told(asked))
    )
    rows = session.execute(found).all()
    theirs, ours = _people(session, asked) if rows else ({}, {})
    return [
        Line(
            company_id=row.company_id,
            on=row.on,
            company_people=theirs.get(row.id, ""),
            university_people=_with(row.name, ours.get(row.id, "")),
            outcome=row.text or "",
            id=row.id,
            **_kind(row),
        )
        for row in rows
    ]


def _with(by: str, others: str) -> str:
    """Who reported it, then the others; a name stands once."""
    return "; ".join(dict.fromkeys((by, *filter(None, others.split("; ")))))


def _kind(row: Row[Any]) -> dict[str, Any]:
    if row.partnership_id is None:
        return {
            "sort": Sort.CONTACT,
            "what": row.kind.capitalize(),
            "url": f"/office/companies/{row.company_id}#timeline",
        }
    return {
        "sort": Sort.CONVENING,
        "what": f"{row.title}: {row.kind}",
        "url": f"/office/engagements/partnerships/{row.partnership_id}",
    }


def _told(asked: Asked) -> Any:
    return (
        asked.of(Touch.company_id)
        & asked.within(Touch.on)
        & Touch.struck_at.is_(None)
        & Touch.confidential.is_(False)
    )


def _read(asked: Asked) -> ColumnElement[bool]:
    """Whether more is told of the enclosing `Touch` than that there was contact."""
    if asked.handed_on:
        return Touch.shown == Shown.IN_FULL
    return activities.read_by(asked.viewer)


def _people(session: Session, asked: Asked) -> tuple[dict[int, str], dict[int, str]]:
    """Who took part, of those the viewer may know: of the company, and of the university (who has
    a profile), by contact."""
    ours = Profile.id.is_not(None).label("ours")
    found: Select[Any] = (
        select(TouchPerson.touch_id, Person.name, ours)  # type: ignore[assignment]
        .join(Person, Person.id == TouchPerson.person_id)
        .join(Touch, Touch.id == TouchPerson.touch_id)
        .outerjoin(Profile, Profile.id == Person.id)
        .where(_told(asked), _read(asked))
        .order_by(TouchPerson.touch_id, Person.name_key, Person.id)
    )
    scope = people_of(asked.viewer, asked.today)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    rows = session.execute(found).all()
    theirs, of_us = (
        joined((row.touch_id, row.name) for row in rows if bool(row.ours) is which)
        for which in (False, True)
    )
    return theirs, of_us
