"""Writing about people."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from crm.kit.reference import sync
from crm.people.models import DirectoryEntry
from crm.programme.rules import DirectoryGroup


def load_directory(session: Session, groups: tuple[DirectoryGroup, ...], *, today: date) -> None:
    """Make the public directory say what the programme's file says."""
    entries = [
        {
            "group_key": group.key,
            "group_name": group.name,
            "group_position": place,
            "position": position,
            "name": person.name,
            "role": person.role or None,
            "title": person.title or None,
            "degree": person.degree or None,
            "phone": person.phone or None,
        }
        for place, group in enumerate(groups, 1)
        for position, person in enumerate(group.people, 1)
    ]
    sync(session, DirectoryEntry, entries, today=today, key=("group_key", "name"))
