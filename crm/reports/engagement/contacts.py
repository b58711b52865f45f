"""Contacts: that there was one, with whom. Confidential ones are left out, whoever asks.

What is told here is made to be handed on. What a contact report says is told to whoever may read it
on the company's page, and never in a dossier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Select, case, null, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.activities import queries as activities
from crm.activities.models import Touch, TouchPerson
from crm.people.models import Person
from crm.reports.acquaintances import people_of
from crm.reports.engagement.lines import Asked, Line, Sort, joined


def lines(session: Session, asked: Asked) -> Iterable[Line]:
    found: Select[Any] = (
        select(
            Touch.id,
            Touch.company_id,
            Touch.on,
            Touch.kind,
            UserAccount.name,
            case((activities.read_by(asked.viewer), Touch.text), else_=null()).label("text"),
        )
        .join(Touch.by)
        .where(_told(asked))
    )
    rows = session.execute(found).all()
    people = _people(session, asked) if rows else {}
    return [
        Line(
            company_id=row.company_id,
            on=row.on,
            sort=Sort.CONTACT,
            what=row.kind.capitalize(),
            company_people=people.get(row.id, ""),
            university_people=row.name,
            outcome=row.text or "",
            url=f"/office/companies/{row.company_id}#timeline",
            id=row.id,
        )
        for row in rows
    ]


def _told(asked: Asked) -> Any:
    return (
        asked.of(Touch.company_id)
        & asked.within(Touch.on)
        & Touch.struck_at.is_(None)
        & Touch.confidential.is_(False)
    )


def _people(session: Session, asked: Asked) -> dict[int, str]:
    """Who took part, of those the viewer may know."""
    found: Select[Any] = (
        select(TouchPerson.touch_id, Person.name)  # type: ignore[assignment]
        .join(Person, Person.id == TouchPerson.person_id)
        .join(Touch, Touch.id == TouchPerson.touch_id)
        .where(_told(asked))
        .order_by(TouchPerson.touch_id, Person.name_key, Person.id)
    )
    scope = people_of(asked.viewer, asked.today)
    if scope is not None:
        found = found.where(Person.id.in_(scope), activities.read_by(asked.viewer))
    rows: Sequence[Any] = session.execute(found).all()
    return joined(rows)
