from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that goes with a letter."""

    file_name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter to write: which template folder, to whom, with what facts.

    `dedupe_key`: a second letter with the same key is not written. `about`: kind and id of
    the record on whose page it is shown. `private`: its text lets its reader in, and is shown
    to nobody else, nor are its attachments. `body`: what a person wrote in place of its template's.
    """

    name: str
    to: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    reply_to: str | None = None
    about: tuple[str, int] | None = None
    dedupe_key: str | None = None
    private: bool = False
    attachments: Sequence[Attachment] = ()
    body: str | None = None
