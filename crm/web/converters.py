from __future__ import annotations

from werkzeug.routing import IntegerConverter

from crm.kit.db import MAX_ID


class IdConverter(IntegerConverter):
    """An id a column can hold: beyond the integer range both drivers would raise."""

    regex = r"[1-9][0-9]{0,9}"

    def __init__(self, map: object) -> None:
        super().__init__(map, min=1, max=MAX_ID)  # type: ignore[arg-type]
