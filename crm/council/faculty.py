"""The faculty: people of the university who say what they work on."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.council import university
from crm.people import profiles
from crm.people.models import Person, Profile
from crm.people.profiles import NewProfile


def write_profile(
    session: Session, person: Person, wanted: NewProfile, *, version: int, today: date
) -> Profile:
    """As `profiles.write`. Raises `NotOfTheUniversity` for who works at a company."""
    university.check(session, person.id, today)
    return profiles.write(session, person, wanted, version=version)
