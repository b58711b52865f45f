"""Names that may be one company's: told, never acted upon."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz

from crm.kit.text import company_key

ALIKE = 90.0
"""Of 100; `halvorsen bearing` and `halvorsen bearings` have 97."""
NEIGHBOURS = 4
"""How far to look around a name in alphabetical order, from either end of the name."""
SHORTEST = 4


class Likeness:
    """Looks among the alphabetical neighbours of a name: fast, and as good as looking at all.

    Names with different numbers in them are different (Plant 12 is not Plant 13).
    """

    def __init__(self, names: Mapping[str, str]) -> None:
        """Those known already, by their key as it is stored."""
        self._names = dict(names)
        self._forwards = sorted(self._names)
        self._backwards = sorted(key[::-1] for key in self._names)

    def another(self, name: str) -> str | None:
        """A name seen before that is much like this one, which is seen from now on."""
        key = company_key(name)[:200]
        found = self._names.get(key) or self._likest(key)
        if key not in self._names:
            insort(self._forwards, key)
            insort(self._backwards, key[::-1])
            self._names[key] = name
        return found

    def _likest(self, key: str) -> str | None:
        best, likest = ALIKE, None
        for other in self._around(key) if len(key) >= SHORTEST else ():
            score = fuzz.ratio(key, other, score_cutoff=best)
            if score >= best and _numbers(key) == _numbers(other):
                best, likest = score, other
        return None if likest is None else self._names[likest]

    def _around(self, key: str) -> Iterable[str]:
        at = bisect_left(self._forwards, key)
        yield from self._forwards[max(0, at - NEIGHBOURS) : at + NEIGHBOURS]
        turned = key[::-1]
        at = bisect_left(self._backwards, turned)
        for other in self._backwards[max(0, at - NEIGHBOURS) : at + NEIGHBOURS]:
            yield other[::-1]


def _numbers(key: str) -> list[str]:
    return [char for char in key if char.isdigit()]
