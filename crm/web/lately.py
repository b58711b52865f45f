"""What many pages ask and hardly anything changes: read at most once in a few seconds a process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app

T = TypeVar("T")

FRESH_FOR = 10.0
"""Seconds a process trusts what it read: a newly loaded file, a new colleague show within them."""

_read: dict[tuple[str, str], tuple[float, Any]] = {}


def lately(name: str, read: Callable[[], T]) -> T:
    """What `read` returns, or returned a moment ago. Never for rights, nor for what is written."""
    key = (current_app.config["SQLALCHEMY_DATABASE_URI"], name)
    known = _read.get(key)
    if known is not None and time.monotonic() - known[0] < FRESH_FOR:
        return cast(T, known[1])
    value = read()
    _read[key] = (time.monotonic(), value)
    return value


def last_read(name: str) -> Any:
    """What was read last, however long ago; None if it never was."""
    known = _read.get((current_app.config["SQLALCHEMY_DATABASE_URI"], name))
    return known and known[1]


def forget() -> None:
    """Read anew at the next question."""
    _read.clear()
