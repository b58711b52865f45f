"""Parts of a page that look the same for everybody, such as an empty form or the row of a list,
are drawn once for the same values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
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
    # 1, 1.0 and True are equal, and drawn each in its own way.
    typed = (key, _kinds(key))
    known = _drawn.get(typed)
    if known is None:
        if len(_drawn) >= MOST:
            _drawn.clear()
        known = _drawn[typed] = caller()
    return known


def _kinds(part: object) -> object:
    """The types of a key's parts, and of the parts of those."""
    if isinstance(part, tuple):
        return tuple(map(_kinds, part))
    if is_dataclass(part):
        return tuple(_kinds(getattr(part, field.name)) for field in fields(part))
    return type(part)


@lru_cache(maxsize=64)
def blank(form: type[F]) -> F:
    """The form with nothing in it; nobody writes into this one."""
    return form()
