from __future__ import annotations

from urllib.parse import quote, unquote

from werkzeug.routing import IntegerConverter, UnicodeConverter

from crm.kit.db import MAX_ID


class IdConverter(IntegerConverter):
    """An id a column can hold: beyond the integer range both drivers would raise."""

    regex = r"[1-9][0-9]{0,9}"

    def __init__(self, map: object) -> None:
        super().__init__(map, min=1, max=MAX_ID)  # type: ignore[arg-type]


class QuotedConverter(UnicodeConverter):
    """A word that others chose, such as `2023/117`: quoted twice, as servers unquote once and
    would take what comes out for a part of the path."""

    def to_python(self, value: str) -> str:
        return unquote(value)

    def to_url(self, value: str) -> str:
        return quote(quote(value, safe=""), safe="")
