"""Reads of people."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.db import MAX_ID
from crm.kit.errors import NotFound, RuleBroken
from crm.people.models import Consent, Person, PersonAddress
from crm.people.rules import email_key, name_key

_NUMBERED = re.compile(r"#([0-9]{1,10})\)?$")


class NoSuchPerson(RuleBroken):
    """What was typed names nobody on record, or more than one."""


def get_address(session: Session, person_id: int, address_id: int) -> PersonAddress:
    """An address of this person. Raises `NotFound`."""
    found = session.get(PersonAddress, address_id)
    if found is None or found.person_id != person_id:
        raise NotFound("This person has no such address.")
    return found


def get_consent(session: Session, person_id: int, consent_id: int) -> Consent:
    """A consent of this person. Raises `NotFound`."""
    found = session.get(Consent, consent_id)
    if found is None or found.person_id != person_id:
        raise NotFound("This person gave no such consent.")
    return found


def find_by_email(session: Session, email: str) -> Person | None:
    """Whoever has this address, also as an alias."""
    found = select(Person).join(Person.addresses).where(PersonAddress.email_key == email_key(email))
    return session.scalars(found).one_or_none()


def find_by_account(session: Session, user_id: int) -> Person | None:
    """Whose own the account is."""
    return session.scalars(select(Person).where(Person.user_id == user_id)).one_or_none()


def picked(session: Session, typed: str, *, field: str = "person") -> Person:
    """The person whom a text names: by a name that only one has, or a number, `#12`.

    Raises `NoSuchPerson`, for the form field concerned.
    """
    numbered = _NUMBERED.search(typed)
    if numbered is not None:
        number = int(numbered[1])
        known = session.get(Person, number) if number <= MAX_ID else None
        if known is None:
            raise NoSuchPerson("There is no person with that number.", field=field)
        return known
    found = session.scalars(
        select(Person)
        .where(Person.name_key == name_key(typed), Person.archived_on.is_(None))
        .limit(2)
    ).all()
    if len(found) != 1:
        many = "Several people are" if found else "Nobody on record is"
        raise NoSuchPerson(
            f"{many} called “{typed[:80]}”. Write the number from their page, such as #12.",
            field=field,
        )
    return found[0]
