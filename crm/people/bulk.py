"""Writing about many people at once, journalled and found like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm.journal import many
from crm.journal.operations import Change
from crm.kit.actors import Actor
from crm.people.models import Person, PersonAddress
from crm.people.rules import email_key, name_key
from crm.search.operations import reindex
from crm.search.rules import Kind

Row = Mapping[str, Any]


def add_people(session: Session, rows: Sequence[Row], *, by: Actor, now: datetime) -> list[int]:
    """`rows` name `name`, `phone` and `note`. Returns ids in their order."""
    own: list[Row] = [
        {
            "name": row["name"],
            "name_key": name_key(row["name"]),
            "phone": row.get("phone"),
            "note": row.get("note"),
            "created_at": now,
        }
        for row in rows
    ]
    return many.add(session, Person, own, subject=_themselves, by=by, now=now)


def change_people(
    session: Session, changes: Mapping[int, Mapping[str, Change]], *, by: Actor, now: datetime
) -> None:
    """Before and after of name, phone and note, by person."""
    complete = {
        id_: {**columns, "name_key": (None, name_key(columns["name"][1]))}
        if "name" in columns
        else columns
        for id_, columns in changes.items()
    }
    many.change(session, Person, complete, subject=lambda id_: ("person", id_), by=by, now=now)


def add_addresses(
    session: Session, addresses: Sequence[tuple[int, str, bool]], *, by: Actor, now: datetime
) -> None:
    """(person, address, whether letters go there): new addresses that nobody else has."""
    rows = [
        {"person_id": id_, "email": email, "email_key": email_key(email), "is_primary": primary}
        for id_, email, primary in addresses
    ]
    many.add(session, PersonAddress, rows, parent=_person, subject=_person, by=by, now=now)


def index(session: Session, person_ids: Sequence[int]) -> None:
    """Let the search find these people as they are now."""
    reindex(session, Kind.PERSON, person_ids)


def _themselves(row: Row, id_: int) -> tuple[str, int]:
    return ("person", id_)


def _person(row: Row, id_: int) -> tuple[str, int]:
    return ("person", row["person_id"])
