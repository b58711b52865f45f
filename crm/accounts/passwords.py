"""Passwords, kept only as argon2id hashes. Slow on purpose: never inside a transaction."""

from __future__ import annotations

import secrets
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's measure: about 20 ms and 19 MiB a try."""
_NOBODY = _hasher.hash(secrets.token_urlsafe())
"""What an unknown address is checked against, so that it takes as long as a known one."""


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
