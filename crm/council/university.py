"""Who is of the university: nobody who works at a company, or is about to."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council.sitters import EMPLOYMENT, employed_after
from crm.kit.errors import RuleBroken


class NotOfTheUniversity(RuleBroken):
    """Who works at a company sits for that company alone, within what its tier gives it."""


def works_at_a_company(session: Session, person_id: int, day: date) -> bool:
    """On the day, or after it."""
    found = select(EMPLOYMENT.id).where(EMPLOYMENT.person_id == person_id, employed_after(day))
    return session.scalar(found.limit(1)) is not None


def check(session: Session, person_id: int, day: date) -> None:
    """Raises `NotOfTheUniversity`."""
    if works_at_a_company(session, person_id, day):
        raise NotOfTheUniversity(
            "They work at a company, or are about to: they come in by its places.", field="person"
        )
