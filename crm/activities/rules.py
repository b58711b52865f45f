"""Kinds of contact, and who may read how much of one."""

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
