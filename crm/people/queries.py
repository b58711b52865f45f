"""Reads of people."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.kit.errors import NotFound
from crm.people.models import Consent, Person, PersonAddress
from crm.people.rules import email_key


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
