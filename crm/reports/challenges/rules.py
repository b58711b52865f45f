"""What the challenge map counts, where it has a gap, and whom to introduce to whom. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Part(StrEnum):
    """Who and what works on a challenge: the columns of the map, in their order."""

    MEMBERS = "members"
    PROSPECTS = "prospects"
    FACULTY = "faculty"
    PROJECTS = "projects running"
    GROUPS = "working groups"
    AHEAD = "meetings and courses ahead"


def gaps(counts: Mapping[Part, int], *, retired: bool = False) -> Sequence[Part]:
    """What nobody and nothing does yet for a challenge; one that is retired lacks nothing."""
    return [] if retired else [part for part in Part if not counts.get(part, 0)]


class Rank(IntEnum):
    """Which companies come first: the rule's first step."""

    MEMBER = 0
    TALKED_TO = 1
    """No member, and an opportunity of theirs is open."""
    OTHER = 2


@dataclass(frozen=True, kw_only=True)
class Scholar:
    """Somebody of the university, what they work on, and how many companies they have met."""

    id: int
    name: str
    name_key: str
    field: str
    challenges: frozenset[int]
    met: int = 0


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Somebody to be introduced to a company, and the challenges they share with it."""

    scholar: Scholar
    challenges: frozenset[int]


def sharing(challenges: Collection[int], scholars: Iterable[Scholar]) -> list[Shared]:
    """Who works on one of these challenges, best first.

    The most challenges shared; then who has met the fewest companies, so that not the same few
    are asked again and again; then by name.
    """
    wanted = frozenset(challenges)
    found = (Shared(scholar=one, challenges=one.challenges & wanted) for one in scholars)
    return sorted((one for one in found if one.challenges), key=_place)


def _place(one: Shared) -> tuple[int, int, str, int]:
    return -len(one.challenges), one.scholar.met, one.scholar.name_key, one.scholar.id


def to_introduce(
    shared: Iterable[Shared], met: Collection[int], *, most: int
) -> tuple[Sequence[Shared], int]:
    """The first of them who have not met the company, and how many more there are."""
    left = [one for one in shared if one.scholar.id not in met]
    return left[:most], max(0, len(left) - most)
