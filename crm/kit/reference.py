"""Rows that a file lists: updated, added, and retired when the file no longer has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from crm.kit.db import Base

Row = TypeVar("Row", bound=Base)


def sync(
    session: Session,
    model: type[Row],
    entries: Iterable[Mapping[str, Any]],
    *,
    today: date,
    key: tuple[str, ...] = ("key",),
    within: ColumnElement[bool] | None = None,
) -> list[Row]:
    """Make the rows of `model` (those `within`, if given) say what `entries` say.

    Rows are matched by the columns of `key`. One that is no longer listed gets `retired_on`;
    one that comes back loses it. Nothing is deleted: other rows refer to it. Returns the rows
    in the order of the entries, flushed.
    """
    known = select(model) if within is None else select(model).where(within)
    old = {tuple(getattr(row, name) for name in key): row for row in session.scalars(known)}
    kept: list[Row] = []
    for entry in entries:
        row = old.pop(tuple(entry[name] for name in key), None)
        if row is None:
            row = model(**entry)
            session.add(row)
        else:
            for name, value in {**entry, "retired_on": None}.items():
                if getattr(row, name) != value:
                    setattr(row, name, value)
        kept.append(row)
    for row in old.values():
        if row.retired_on is None:  # type: ignore[attr-defined]
            row.retired_on = today  # type: ignore[attr-defined]
    session.flush()
    return kept
