"""What the pages of major partnerships have in common: where a workspace lies, its acts."""

from __future__ import annotations

from typing import Any

from flask import url_for

from crm.office.acts import Act
from crm.partnerships.workspace_models import Partnership

LIST = "engagements.partnerships"


def trail(partnership: Partnership | None = None) -> tuple[tuple[str, str], ...]:
    lies = (
        ("Engagements", url_for("engagements.index")),
        ("Major partnerships", url_for(LIST)),
    )
    if partnership is None:
        return lies
    return (*lies, (partnership.title, page_of(partnership.id)))


def page_of(partnership_id: int, anchor: str = "") -> str:
    return url_for("engagements.partnership", partnership_id=partnership_id, _anchor=anchor or None)


def act_on(partnership: Partnership, page: str, *, anchor: str = "", **more: Any) -> Act:
    """An act on a workspace; `page` is its view, `args` what that needs beside the workspace."""
    args = more.pop("args", {"partnership_id": partnership.id})
    return Act(
        url=url_for(f"engagements.{page}", **args),
        back=page_of(partnership.id, anchor),
        trail=trail(partnership),
        **more,
    )
