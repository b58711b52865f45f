"""Parts of a page that look the same for everybody, such as an empty form or the row of a list,
are drawn once for the same values."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from markupsafe import Markup
from wtforms import Form

F = TypeVar("F", bound=Form)
MOST = 5_000
"""Parts kept, of some hundred bytes each."""

_drawn: dict[tuple[object, ...], Markup] = {}


def drawn(*key: object, caller: Callable[[], Markup]) -> Markup:
    """What the call's body draws, kept under a key that names all it depends on; None: not kept.

    Never for what depends on a viewer: no token, no name, no right.
    """
    if None in key:
        return caller()
    known = _drawn.get(key)
    if known is None:
        if len(_drawn) >= MOST:
            _drawn.clear()
        known = _drawn[key] = caller()
    return known


@lru_cache(maxsize=64)
def blank(form: type[F]) -> F:
    """The form with nothing in it; nobody writes into this one."""
    return form()
