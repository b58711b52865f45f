"""Whose sign-in somebody's is who sits for the university."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm.companies.models import Affiliation
from crm.council.models import Place
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.people import operations as people


class NotOfTheUniversity(RuleBroken):
    """Who works at a company has no account here: it would vote as that company."""


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

    It may then lead a group they chair, and vote in ballots that open later. Raises
    `NotOfTheUniversity`, or what `people.operations.link_account` does.
    """
    if user_id is not None and (place.company_id is not None or _works(session, place, today)):
        raise NotOfTheUniversity(
            "They have this place for a company, or work at one: only people of the university "
            "sign in here.",
            field="account",
        )
    people.link_account(session, place.person, user_id, by=by, now=now)


def _works(session: Session, place: Place, day: date) -> bool:
    """Whether they work at a company on a day, or will."""
    found = select(Affiliation.id).where(
        Affiliation.person_id == place.person_id,
        or_(Affiliation.ends_before.is_(None), Affiliation.ends_before > day),
    )
    return session.scalar(found.limit(1)) is not None
