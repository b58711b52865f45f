"""Who acts. Passed down from the edge, so that no room below asks for the current user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A user (`id` is theirs), or the programme itself or a stranger (`id` is None).

    The journal keeps id and name without a foreign key: a name as it was on the day.
    """

    id: int | None
    name: str


SYSTEM = Actor(None, "Alliance CRM")
STRANGER = Actor(None, "Public form")
