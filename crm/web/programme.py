"""The programme's name and zone, as last loaded, for every page."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crm.programme.models import Programme
from crm.web import clock
from crm.web.database import read_connection
from crm.web.lately import last_read, lately

DEFAULT_ZONE = "America/New_York"
NAME = "programme"


@dataclass(frozen=True)
class Shown:
    name: str
    zone: str
    contact_email: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


_UNLOADED = Shown("Alliance CRM", DEFAULT_ZONE)


def current() -> Shown:
    """Read on a connection of its own, and remembered for a moment."""
    return lately(NAME, _read)


def _read() -> Shown:
    with read_connection() as connection:
        row = connection.execute(select(Programme.name, Programme.facts)).first()
    if row is None:
        return _UNLOADED
    return Shown(row.name, row.facts["time_zone"], row.facts["contact"], row.facts)


def last_known() -> Shown:
    """As `current`, or as it was: for the page that says that the database is away."""
    try:
        return current()
    except (OperationalError, PoolTimeout):
        return last_read(NAME) or _UNLOADED


def today() -> date:
    """The day in the programme's time zone: a term begins with its midnight, not with UTC's."""
    return clock.now().astimezone(ZoneInfo(current().zone)).date()
