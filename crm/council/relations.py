"""Which of several related companies carries the seat that they share. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Entitled:
    """A company whose tier gives a seat. `member`: on the day, and not only by a term to come;
    `own_seat`: its agreement gives it one whatever its relatives have; `votes`: so it would alone.
    """

    company_id: int
    member: bool
    own_seat: bool = False
    votes: bool = False


def carriers(companies: Iterable[Entitled], parents: Mapping[int, int]) -> dict[int, int]:
    """The company that carries the seat of each.

    Parent, subsidiary and sisters share one seat: the topmost of them that is a member carries it,
    among equals the one that came on record first. `parents` leads from a company to its parent.
    """
    places = {entitled: _place(entitled.company_id, parents) for entitled in companies}
    families: dict[int, list[Entitled]] = defaultdict(list)
    for entitled, (root, _) in places.items():
        families[root].append(entitled)
    found = {}
    for entitled, (root, _) in places.items():
        sharing = [
            other
            for other in families[root]
            if other == entitled or (other.member and not other.own_seat)
        ]
        topmost = min(sharing, key=lambda other: (places[other][1], other.company_id))
        found[entitled.company_id] = (
            entitled.company_id if entitled.own_seat else topmost.company_id
        )
    return found


def voters(companies: Iterable[Entitled], parents: Mapping[int, int]) -> dict[int, tuple[int, ...]]:
    """By the company that carries a seat: those by whose terms it votes, the topmost first.

    A shared seat votes while any member that shares it would: whoever carries it may be in grace
    and without a vote.
    """
    entitled = list(companies)
    carried = carriers(entitled, parents)
    found: dict[int, tuple[int, ...]] = dict.fromkeys(carried.values(), ())
    heard = [one.company_id for one in entitled if one.votes and one.member]
    for company_id in sorted(heard, key=lambda id_: (_place(id_, parents)[1], id_)):
        found[carried[company_id]] += (company_id,)
    return found


def _place(company_id: int, parents: Mapping[int, int]) -> tuple[int, int]:
    """The company at the top of the family, and how many steps lie between. A circle of parents
    is cut where it closes, alike for all in it."""
    seen = [company_id]
    while (above := parents.get(seen[-1])) is not None:
        if above in seen:
            return min(seen[seen.index(above) :]), 0
        seen.append(above)
    return seen[-1], len(seen) - 1
