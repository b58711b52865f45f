"""Roles, and what a password must be."""

from __future__ import annotations

from collections.abc import Collection
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


def grantable(held: Collection[Role]) -> frozenset[Role]:
    """The roles that holders of these roles may give and take; also whom they may manage."""
    if Role.ADMINISTRATOR in held:
        return frozenset(Role)
    return frozenset({Role.STAFF, Role.FACULTY}) if Role.DIRECTOR in held else frozenset()


def email_key(address: str) -> str:
    """The form under which two spellings of one sign-in address are the same."""
    return address.strip().casefold()


SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 500


def password_fault(password: str, *, email: str, name: str) -> str | None:
    """What is wrong with a new password, in words for its owner; None if it will do."""
    if len(password) < SHORTEST_PASSWORD:
        return f"Use at least {SHORTEST_PASSWORD} characters; a few words in a row are fine."
    if len(password) > LONGEST_PASSWORD:
        return f"Use at most {LONGEST_PASSWORD} characters."
    if len(set(password)) < 5:
        return "Use more than four different characters."
    plain = password.casefold()
    known = [email.casefold(), email.casefold().split("@")[0], *name.casefold().split()]
    rest = plain
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, "") if len(word) > 2 else rest
    if len(rest) < SHORTEST_PASSWORD // 2:
        return "This is mostly your name or address. Choose something others cannot guess."
    return None
