"""How one comes into a group, and how far a deliverable is. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class JoinPolicy(StrEnum):
    OPEN = "open to members"
    INVITATION = "by invitation"
    APPLICATION = "by application"


class AskingKind(StrEnum):
    """Who asked whom."""

    APPLICATION = "application"
    INVITATION = "invitation"


class Answer(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DeliverableKind(StrEnum):
    ROADMAP = "roadmap"
    CASE_STUDY = "case study"
    WHITE_PAPER = "white paper"
    OTHER = "other"


class Stage(StrEnum):
    PLANNED = "planned"
    DRAFTING = "drafting"
    REVIEW = "review"
    PUBLISHED = "published"
    DROPPED = "dropped"


OVER = frozenset({Stage.PUBLISHED, Stage.DROPPED})
"""Nothing more is due of these."""


class Readers(StrEnum):
    """Who may read what a group has published."""

    MEMBERS = "members"
    PUBLIC = "public"


def is_overdue(day: date, *, due_on: date | None, stage: Stage) -> bool:
    """From the day after the due day, until it is published or dropped."""
    return due_on is not None and due_on < day and stage not in OVER


def may_ask(policy: JoinPolicy, kind: AskingKind) -> bool:
    """Into an open group one just goes; one by application may invite as well."""
    if policy is JoinPolicy.OPEN:
        return False
    return kind is AskingKind.INVITATION or policy is JoinPolicy.APPLICATION


def may_read(stage: Stage, readers: Readers) -> bool:
    """Whether everybody may; in the office, whoever reads the groups does. `published` has the
    SQL twin."""
    return stage is Stage.PUBLISHED and readers is Readers.PUBLIC


def needs_reason(before: Stage, after: Stage) -> bool:
    """What was published is not taken back, and nothing is dropped, without saying why."""
    return after is Stage.DROPPED or before in OVER


def mailing_key(mailing_id: int, person_id: int) -> str:
    """One letter of a mailing for each person, however often it is let out."""
    return f"group-mailing-{mailing_id}-{person_id}"
