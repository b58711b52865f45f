"""Whose sign-in somebody's is who sits for the university."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council.models import Place
from crm.council.university import NotOfTheUniversity, works_at_a_company
from crm.kit.actors import Actor
from crm.people import operations as people
from crm.people.models import Person

_SAYS = (
    "They have this place for a company, or work at one: only people of the university sign in "
    "here."
)


def link_account(
    session: Session,
    place: Place,
    user_id: int | None,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Say which account is the own one of who has a place, or (None) that none is.

    It may then lead a group they chair, and vote in ballots that open later: the account of who
    works at a company would vote as that company. Raises `NotOfTheUniversity`, or what
    `people.operations.link_account` does.
    """
    if user_id is not None and place.company_id is not None:
        raise NotOfTheUniversity(_SAYS, field="account")
    link_person(session, place.person, user_id, by=by, now=now, today=today)


def link_person(
    session: Session,
    person: Person,
    user_id: int | None,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Say which account is somebody's own, or (None) that none is. Raises as `link_account`."""
    if user_id is not None and works_at_a_company(session, person.id, today):
        raise NotOfTheUniversity(_SAYS, field="account")
    people.link_account(session, person, user_id, by=by, now=now)
