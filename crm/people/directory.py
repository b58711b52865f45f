"""The public directory, as the programme's file last said it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.people.models import DirectoryEntry


@dataclass(frozen=True)
class Group:
    name: str
    people: tuple[DirectoryEntry, ...]


def public_directory(session: Session) -> list[Group]:
    """Groups and people in the file's order; one statement."""
    found = (
        select(DirectoryEntry)
        .where(DirectoryEntry.retired_on.is_(None))
        .order_by(DirectoryEntry.group_position, DirectoryEntry.position, DirectoryEntry.id)
    )
    entries = session.scalars(found)
    return [
        Group(people[0].group_name, people)
        for _, rows in groupby(entries, key=lambda entry: entry.group_key)
        if (people := tuple(rows))
    ]
