"""The challenges one can filter a list by."""

from __future__ import annotations

from crm.programme.queries import every_challenge
from crm.web.database import db
from crm.web.lately import lately


def choices(chosen: int | None) -> list[tuple[int, str]]:
    """Id and name of those of today, and of the one that is chosen."""
    every = lately("challenges", lambda: every_challenge(db.session()))
    return [
        (id_, name if current else f"{name} (retired)")
        for id_, name, current in every
        if current or id_ == chosen
    ]
