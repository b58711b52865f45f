"""Roles, and what a password must be."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Where an account belongs: the programme's office, or a member company's portal."""

    OFFICE = "office"
    PORTAL = "portal"


class Role(StrEnum):
    """The office held, not the person: a faculty co-director is a director here."""

    DIRECTOR = "director"
    STAFF = "staff"
    FACULTY = "faculty"
    READER = "reader"
    ADMINISTRATOR = "administrator"


class Purpose(StrEnum):
    """What a single-use link is for."""

    INVITATION = "invitation"
    PASSWORD = "password"


def email_key(address: str) -> str:
    """The form under which two spellings of one sign-in address are the same."""
    return address.strip().casefold()
