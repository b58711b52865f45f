"""What is typed and what is found, as the same words."""

from __future__ import annotations

import re
from enum import StrEnum

from crm.kit.text import fold

_APART = re.compile(r"[\W_]+")
MOST_WORDS = 8
LONGEST_WORD = 60


class Kind(StrEnum):
    """What can be found. The order is that of equally good results."""

    COMPANY = "company"
    PERSON = "person"
    MEMBERSHIP = "membership"
    OPPORTUNITY = "opportunity"
    WORKING_GROUP = "working group"
    MEETING = "meeting"
    BALLOT = "ballot"
    PROJECT = "project"
    FACILITY = "facility"
    CONTRIBUTION = "contribution"
    PARTNERSHIP = "partnership"


def words(text: str) -> list[str]:
    """Folded words without punctuation: `Müller & Söhne` → muller, sohne."""
    return [word[:LONGEST_WORD] for word in _APART.split(fold(text)) if word]


def asked(text: str) -> tuple[str, ...]:
    """The words of a question, each once, no more than an index should be asked for."""
    return tuple(dict.fromkeys(words(text)))[:MOST_WORDS]


def rank(question: tuple[str, ...], title: str) -> int:
    """How well a title answers: 0 it is the question, 1 begins so, 2 has all words, 3 elsewhere."""
    there = words(title)
    if tuple(there) == question:
        return 0
    if " ".join(there).startswith(" ".join(question)):
        return 1
    return 2 if all(any(t.startswith(q) for t in there) for q in question) else 3
