"""Rows that tie a record to others and say nothing else: authors, grand challenges."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute, Session


def keep(
    session: Session,
    owner: InstrumentedAttribute[int],
    owner_id: int,
    other: InstrumentedAttribute[int],
    ids: Collection[int],
    **shared: int,
) -> bool:
    """Tie the owner to these and no others; whether they were others before.

    `owner` and `other` are the two columns of one model; `shared`: what both sides are of.
    """
    model: Any = owner.class_
    there = session.scalars(select(model).where(owner == owner_id))
    known = {getattr(row, other.key): row for row in there}
    for id_ in set(ids) - known.keys():
        session.add(model(**{owner.key: owner_id, other.key: id_}, **shared))
    for id_ in known.keys() - set(ids):
        session.delete(known[id_])
    return known.keys() != set(ids)
