"""What people of the university work on: read and written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm.kit import ties
from crm.kit.db import lock, renew
from crm.kit.errors import Stale
from crm.people.models import Person, Profile, ProfileChallenge


@dataclass(frozen=True, kw_only=True)
class NewProfile:
    field: str
    about: str | None = None
    challenge_ids: tuple[int, ...] = ()


def of_person(session: Session, person_id: int) -> Profile | None:
    """With its challenges."""
    return session.scalars(
        select(Profile).where(Profile.id == person_id).options(selectinload(Profile.challenges))
    ).one_or_none()


def write(session: Session, person: Person, wanted: NewProfile, *, version: int) -> Profile:
    """Make the profile say this; `version` is 0 where there was none.

    Raises `Stale` if somebody changed it since it was read.
    """
    lock(session, person)
    profile = of_person(session, person.id)
    if (profile.version if profile is not None else 0) != version:
        raise Stale(
            f"the profile of {person.name}",
            theirs={"Field": profile.field, "About": profile.about or ""} if profile else {},
            yours={"Field": wanted.field, "About": wanted.about or ""},
        )
    if profile is None:
        profile = Profile(id=person.id)
        session.add(profile)
    profile.field, profile.about = wanted.field, wanted.about
    session.flush()
    tie = ProfileChallenge
    changed = ties.keep(session, tie.person_id, person.id, tie.challenge_id, wanted.challenge_ids)
    session.flush()
    if changed and version:
        renew(session, profile, seen=version)
    return profile
