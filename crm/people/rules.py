"""How people and their addresses are compared and ordered."""

from __future__ import annotations

from crm.kit.text import fold, one_line

LONGEST_NAME = 200
#: What may stand before a family name and sorts with it.
_PARTICLES = frozenset(
    {"da", "de", "del", "della", "den", "der", "di", "dos", "du", "la", "le", "ten", "ter", "van",
     "von", "zu", "zum", "zur"}
)  # fmt: skip
_AFTER_NAMES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "phd", "ph.d."})


def email_key(address: str) -> str:
    """The form in which two spellings of one address are the same."""
    return address.strip().casefold()


def name_key(name: str) -> str:
    """Family name first, folded: `Dr. Ada van der Byron` → `van der byron dr. ada`."""
    words = fold(name).replace(",", " ").split()
    behind: list[str] = []
    while len(words) > 1 and words[-1] in _AFTER_NAMES:
        behind.insert(0, words.pop())
    first = max(len(words) - 1, 0)
    while first > 1 and words[first - 1] in _PARTICLES:
        first -= 1
    turned = " ".join(words[first:] + words[:first] + behind)
    return (turned or one_line(name) or "?")[:LONGEST_NAME]
