"""From the address bar to a search, and from its rows to lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from crm.kit.countries import code_of, name_of
from crm.memberships.queries import Standing as TermStanding
from crm.reports.companies import NOBODY, SORTS, Archived, CompanySearch, Standing, place
from crm.web import programme, query
from crm.web.query import BadQuery


def search() -> CompanySearch:
    """Raises `BadQuery` for what cannot be answered."""
    standing = query.one_of("standing", [word.value for word in Standing])
    archived = query.one_of("archived", [word.value for word in Archived])
    return CompanySearch(
        as_of=query.day("as_of") or programme.today(),
        q=query.text("q"),
        sector=query.text("sector"),
        owner_id=NOBODY if query.text("owner") == "none" else query.number("owner"),
        challenge=query.text("challenge") or None,
        standing=Standing(standing) if standing else None,
        archived=Archived(archived) if archived else Archived.WITHOUT,
        country=_country(),
        sort=query.sort(SORTS, "name"),
    )


def _country() -> str | None:
    typed = query.text("country")
    if not typed:
        return None
    code = code_of(typed)
    if code is None:
        raise BadQuery(
            "“country” is a country’s name or its two-letter code, such as Norway or NO."
        )
    return code


def line(row: Row[Any], standings: dict[int, TermStanding]) -> tuple[Any, ...]:
    """id, name, archived, sector, place, standing, owner, last contact."""
    standing = standings.get(row.id)
    return (
        row.id,
        row.name,
        row.archived_on is not None,
        row.sector or "",
        place(row.city, row.region, row.country),
        standing.status.value if standing else "",
        row.owner or "",
        row.last_touch_on,
    )


def cells(row: Row[Any]) -> Sequence[object]:
    """A row of the export: the country by name, so that it reads as on the page."""
    cell: tuple[Any, ...] = tuple(row)
    band = cell[6] and cell[6].value
    return (*cell[:6], band, *cell[7:9], name_of(cell[9]), *cell[10:])
