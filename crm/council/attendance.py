"""Who came to the meetings of a body, as seen from a day. None has been held so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class HeldMeeting:
    """`how`: company id → through whom it was there, or that it was not."""

    id: int
    on: date
    how: Mapping[int, str]


def attended(session: Session, day: date) -> dict[int, tuple[int, int]]:
    """Company id → meetings of the council attended, and held while it was invited."""
    return {}


def missed_in_a_row(session: Session, day: date) -> dict[int, int]:
    """Person id → how many of the latest meetings of the council they missed."""
    return {}


def last_meetings(session: Session, body_id: int, day: date, count: int = 4) -> list[HeldMeeting]:
    """The latest held, the latest first."""
    return []
