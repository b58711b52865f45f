"""Words of the pipeline that need no database."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How an inquiry reached us."""

    JOIN = "interest form"
    CONTACT = "contact form"
    BY_HAND = "by hand"


class Outcome(StrEnum):
    """What triage made of an inquiry. Spam is filed, never dropped."""

    ACCEPTED = "accepted"
    ATTACHED = "attached"
    ANSWERED = "answered"
    SPAM = "spam"


class Move(StrEnum):
    """What happened to an opportunity's stage."""

    OPENED = "opened"
    MOVED = "moved"
    PARKED = "parked"
    UNPARKED = "unparked"
    WON = "won"
    LOST = "lost"
    REOPENED = "reopened"
