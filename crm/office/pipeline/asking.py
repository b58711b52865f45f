"""The address bar as a pipeline search: a link is a view."""

from __future__ import annotations

from typing import Any

from crm.accounts.policy import Viewer
from crm.pipeline.search import NOBODY, SORTS, Ending, Parked, PipelineSearch
from crm.web import programme, query

STALLED_AFTER = 30
"""Where the programme's file has not been loaded."""


def stalled_after() -> int:
    return int(programme.current().facts.get("stalled_after_days", STALLED_AFTER))


def facts(name: str) -> list[dict[str, Any]]:
    """What the programme's file lists under this name: modes, challenges."""
    found: list[dict[str, Any]] = programme.current().facts.get(name, [])
    return found


def search(viewer: Viewer) -> PipelineSearch:
    """As asked for; `owner` may be an id, `me` or `nobody`. Raises `BadQuery`."""
    ending = query.one_of("state", list(Ending))
    parked = query.one_of("parked", list(Parked))
    return PipelineSearch(
        today=programme.today(),
        stalled_after=stalled_after(),
        q=query.text("q"),
        mode=query.one_of("mode", [mode["key"] for mode in facts("modes")]),
        stage_id=query.number("stage"),
        owner_id=_owner(viewer),
        challenge=query.one_of("challenge", [item["key"] for item in facts("challenges")]),
        source=query.text("source"),
        stalled=query.flag("stalled"),
        parked=Parked(parked) if parked else None,
        ending=Ending(ending) if ending else Ending.OPEN,
        sort=query.sort(SORTS, "stage"),
    )


def _owner(viewer: Viewer) -> int | None:
    match query.text("owner"):
        case "me":
            return viewer.id
        case "nobody":
            return NOBODY
        case _:
            return query.number("owner")
