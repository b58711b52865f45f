"""Reading the address bar. What is out of range is told, with a 400, and never guessed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from flask import request
from werkzeug.exceptions import BadRequest

from crm.kit.db import MAX_ID
from crm.kit.pages import LAST

LONGEST = 200
MOST_PAGES = 200
"""Pages that may be asked for by number: as many as a list counts."""


class BadQuery(BadRequest):
    """A query argument that cannot be answered; `description` says what would be."""


def text(name: str) -> str:
    """Words typed into a search or filter; empty if there are none."""
    value = request.args.get(name, "").strip()
    if len(value) > LONGEST or "\x00" in value:
        raise BadQuery(f"“{name}” is too long, or holds a character nobody can search for.")
    return value


def one_of(name: str, allowed: Collection[str]) -> str | None:
    """One of a few words, or None."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    if value not in allowed:
        raise BadQuery(f"“{name}” can be: {', '.join(sorted(allowed))}.")
    return value


def number(name: str) -> int | None:
    """An id, or None."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    found = _whole(value, MAX_ID)
    if found is None:
        raise BadQuery(f"“{name}” is a number from 1 to {MAX_ID}.")
    return found


def flag(name: str) -> bool:
    return request.args.get(name, "") in ("1", "on", "yes", "true")


def day(name: str) -> date | None:
    """A day written 2026-09-30, from 1900 to 2200, or None."""
    value = request.args.get(name, "").strip()
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2200:
        raise BadQuery(f"Write “{name}” as year-month-day, such as 2026-09-30.")
    return found


def sort(allowed: Collection[str], default: str) -> str:
    """`name` or `-name` for one of the allowed columns."""
    value = request.args.get("sort", "").strip() or default
    if value.removeprefix("-") not in allowed:
        raise BadQuery(f"“sort” can be: {', '.join(sorted(allowed))}; with - before it, backwards.")
    return value


def page() -> int:
    """The page asked for, from 1; `last` is `LAST`."""
    value = request.args.get("page", "").strip()
    if not value:
        return 1
    if value == "last":
        return LAST
    found = _whole(value, MOST_PAGES)
    if found is None:
        raise BadQuery(f"“page” is a number from 1 to {MOST_PAGES}, or “last”.")
    return found


def _whole(value: str, most: int) -> int | None:
    """A whole number from 1 to `most`, in no more digits than that has: zeros before it count."""
    if not value.isascii() or not value.isdigit() or len(value) > len(str(most)):
        return None
    return int(value) if 1 <= int(value) <= most else None
