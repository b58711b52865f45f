"""Countries by ISO 3166 code, named as Babel names them."""

from __future__ import annotations

from functools import cache

from babel import Locale

from crm.kit.text import fold

#: Territories of CLDR that are no country anybody sits in.
_NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
_ALSO = {"usa": "US", "united states of america": "US", "uk": "GB", "great britain": "GB",
         "england": "GB", "korea": "KR", "holland": "NL", "czech republic": "CZ"}  # fmt: skip


@cache
def names() -> dict[str, str]:
    """Code → English name, in the order of the names."""
    territories = Locale("en").territories
    found = {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRY
    }
    return dict(sorted(found.items(), key=lambda item: fold(item[1])))


def name_of(code: str | None) -> str:
    """`NO` → Norway; a code nobody knows is shown as it is, none is nothing."""
    return names().get(code, code) if code else ""


@cache
def _codes() -> dict[str, str]:
    return {fold(name): code for code, name in names().items()} | _ALSO


def code_of(text: str) -> str | None:
    """The code of a country by code or name (`no`, `Norway`, `USA`), or None."""
    typed = text.strip()
    if typed.upper() in names():
        return typed.upper()
    return _codes().get(fold(typed))
