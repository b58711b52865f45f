"""Passwords, kept only as argon2id hashes. Slow on purpose: never inside a transaction."""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crm.accounts.rules import password_fault
from crm.kit.errors import RuleBroken

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's measure: about 20 ms and 19 MiB a try."""
_NOBODY = _hasher.hash(secrets.token_urlsafe())
"""What an unknown address is checked against, so that it takes as long as a known one."""


class WeakPassword(RuleBroken):
    """A password others could guess."""


@dataclass(frozen=True)
class Chosen:
    """A new password that will do, hashed. Made before the transaction that stores it."""

    hash: str

    @classmethod
    def of(cls, password: str, *, email: str, name: str) -> Chosen:
        fault = password_fault(password, email=email, name=name)
        if fault is not None:
            raise WeakPassword(fault, field="password")
        return cls(hashed(password))


def hashed(password: str) -> str:
    return _hasher.hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password; as slow where none is kept."""
    try:
        right = _hasher.verify(kept or _NOBODY, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return right and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with other costs than today's."""
    return _hasher.check_needs_rehash(kept)


def _normal(password: str) -> bytes:
    """The same bytes whichever keyboard composed the accents."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
