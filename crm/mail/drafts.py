"""Letters that an act drafts and a person lets out: one way for all that wait so.

A row of the act's room says that the letter waits, was released or dropped. Its text is written
when it is looked at, and for good when it goes into the outbox: as its template has it, or as the
person words it who lets it out. A wording is not kept before that: what it tells of may change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from hashlib import sha256
from typing import Protocol

from sqlalchemy.orm import Session

from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken, Stale
from crm.mail import operations
from crm.mail.letters import Letter


class NoLetter(RuleBroken):
    """There is nobody to write to, or it went out already."""


class Drafted(Protocol):
    released_at: datetime | None
    released_by: str | None
    dropped_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a person wrote in its place, to the address they saw on it; `seen`: the `mark` of the
    text that they had before them."""

    text: str
    to: str
    seen: str


class Held(Enum):
    """Where a letter was, of whose act there is nothing left to tell."""

    UNRELEASED = auto()
    OUTBOX = auto()
    """There it was stopped."""
    NOWHERE = auto()
    """It is out, was given up, or is in a postman's hands."""


def release(
    session: Session,
    drafted: Drafted,
    write: Callable[[], Letter],
    wording: Wording | None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Let it go out, once. Raises `NoLetter`, or `Stale` where a wording was for another."""
    lock(session, drafted)
    _refuse_over(drafted)
    letter = write()
    if wording is not None:
        letter = _worded(letter, wording)
    if operations.post(session, letter, now=now) is None:
        raise _gone()
    drafted.released_at, drafted.released_by = now, by.name
    session.flush()


def drop(session: Session, drafted: Drafted, *, now: datetime) -> None:
    """It is not needed. Raises `NoLetter`."""
    lock(session, drafted)
    _refuse_over(drafted)
    drafted.dropped_at = now
    session.flush()


def hold_back(session: Session, drafted: Drafted, dedupe_key: str) -> Held:
    """The act of which it tells is undone: stop it in the outbox. The row is the room's to keep or
    to remove."""
    lock(session, drafted)
    if drafted.released_at is None:
        return Held.UNRELEASED
    return Held.OUTBOX if operations.stop(session, dedupe_key) else Held.NOWHERE


def as_typed(body: str) -> str:
    """A text as it comes back from a form in which nobody changed it."""
    return body.strip()


def mark(body: str) -> str:
    """By which a text is known again."""
    return sha256(body.encode()).hexdigest()


def _worded(letter: Letter, wording: Wording) -> Letter:
    _, body = operations.preview(letter)
    if (wording.to, wording.seen) != (letter.to, mark(body)):
        yours = {"To": wording.to, "Text": wording.text}
        raise Stale(
            "what this letter tells, or whom", theirs={"To": letter.to, "Text": body}, yours=yours
        )
    return letter if wording.text == as_typed(body) else replace(letter, body=wording.text)


def _refuse_over(drafted: Drafted) -> None:
    if drafted.released_at is not None or drafted.dropped_at is not None:
        raise _gone()


def _gone() -> NoLetter:
    return NoLetter("This letter has gone out already, or was dropped.")
