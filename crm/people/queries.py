"""Reads of people."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.people.models import Person, PersonAddress
from crm.people.rules import email_key


def find_by_email(session: Session, email: str) -> Person | None:
    """Whoever has this address, also as an alias."""
    found = select(Person).join(Person.addresses).where(PersonAddress.email_key == email_key(email))
    return session.scalars(found).one_or_none()
