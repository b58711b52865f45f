"""Files that no row names: what a request has left in the store that failed after it put them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import obstore
from obstore.store import ObjectStore
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.documents.models import Document

LEFT_FOR = timedelta(days=1)
"""Longer than any request takes from its file to its row."""
MOST_AT_ONCE = 500
_ASKED_AT_ONCE = 500
_KEY = re.compile(r"[\w-]{32}", re.ASCII)
"""What `operations.keep` calls a file: whatever else lies there is not ours."""


def sweep(session: Session, store: ObjectStore, *, now: datetime) -> int:
    """Delete what has lain there for a day and no row names; how many, at most `MOST_AT_ONCE`.

    Where no row names any file at all, nothing is deleted: it is the wrong store, or register.
    """
    if session.scalar(select(Document.id).limit(1)) is None:
        return 0
    unnamed: list[str] = []
    for found in obstore.list(store, chunk_size=_ASKED_AT_ONCE):
        keys = [
            file["path"]
            for file in found
            if file["last_modified"] <= now - LEFT_FOR and _KEY.fullmatch(file["path"])
        ]
        named = set(session.scalars(select(Document.key).where(Document.key.in_(keys))))
        unnamed += [key for key in keys if key not in named]
        if len(unnamed) >= MOST_AT_ONCE:
            break
    going = unnamed[:MOST_AT_ONCE]
    if going:
        obstore.delete(store, going)
    return len(going)
