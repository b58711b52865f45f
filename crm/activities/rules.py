"""Kinds of contact, who may read how much of one, and kinds of stakes in a company."""

from __future__ import annotations

from enum import StrEnum


class TouchKind(StrEnum):
    MEETING = "meeting"
    CALL = "call"
    MAIL = "mail"
    VISIT = "visit"
    NOTE = "note"


class Shown(StrEnum):
    """How much of a contact report the others see: all of it, or only that there was contact."""

    IN_FULL = "in full"
    IN_CONTACT = "in contact"


class Stake(StrEnum):
    """What ties somebody to a company beside their work here (product.md, rule 15)."""

    FOUNDER = "founder"
    SHARES = "shares or options"
    OFFICE = "seat on a board"
    ADVICE = "paid advice"
    RESEARCH = "research funded by it"
    FAMILY = "someone close works there"
    OTHER = "other"
