"""The programme's name and zone, as last loaded, for every page."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crm.programme.models import Programme
from crm.web import clock
from crm.web.database import read_connection

DEFAULT_ZONE = "America/New_York"
FRESH_FOR = 10.0
"""Seconds a process trusts what it read: a newly loaded file shows within them."""


@dataclass(frozen=True)
class Shown:
    name: str
    zone: str
    contact_email: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


_UNLOADED = Shown("Alliance CRM", DEFAULT_ZONE)
_kept: dict[str, tuple[float, Shown]] = {}


def current() -> Shown:
    """Read on a connection of its own, at most once in `FRESH_FOR` seconds a process."""
    url: str = current_app.config["SQLALCHEMY_DATABASE_URI"]
    kept = _kept.get(url)
    if kept is not None and time.monotonic() - kept[0] < FRESH_FOR:
        return kept[1]
    with read_connection() as connection:
        row = connection.execute(select(Programme.name, Programme.facts)).first()
    shown = _UNLOADED
    if row is not None:
        shown = Shown(row.name, row.facts["time_zone"], row.facts["contact"], row.facts)
    _kept[url] = (time.monotonic(), shown)
    return shown


def last_known() -> Shown:
    """As `current`, or as it was: for the page that says that the database is away."""
    try:
        return current()
    except (OperationalError, PoolTimeout):
        kept = _kept.get(current_app.config["SQLALCHEMY_DATABASE_URI"])
        return kept[1] if kept is not None else _UNLOADED


def today() -> date:
    """The day in the programme's time zone: a term begins with its midnight, not with UTC's."""
    return clock.now().astimezone(ZoneInfo(current().zone)).date()


def forget() -> None:
    """Read anew at the next question."""
    _kept.clear()
