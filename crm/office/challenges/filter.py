"""The challenges one can filter a list by, or choose in a form."""

from __future__ import annotations

from collections.abc import Iterable

from crm.programme.models import Challenge
from crm.programme.queries import challenges, every_challenge
from crm.web.database import db
from crm.web.lately import lately


def offered(kept: Iterable[Challenge] = ()) -> list[tuple[int, str]]:
    """Id and name for a form: those of today, and those its record has already."""
    there = {one.id: one.name for one in (*challenges(db.session()), *kept)}
    return list(there.items())


def choices(chosen: int | None) -> list[tuple[int, str]]:
    """Id and name of those of today, and of the one that is chosen."""
    every = lately("challenges", lambda: every_challenge(db.session()))
    return [
        (id_, name if current else f"{name} (retired)")
        for id_, name, current in every
        if current or id_ == chosen
    ]
