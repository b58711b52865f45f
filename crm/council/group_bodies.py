"""The body of a working group, by which it meets and votes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council.models import Body
from crm.council.rules import BodyKind
from crm.kit.text import fold

LONGEST_KEY = 60


def add(session: Session, name: str) -> Body:
    """The body of a new working group; its key comes from its name."""
    body = Body(key=_free_key(session, name), name=name, kind=BodyKind.GROUP)
    session.add(body)
    session.flush()
    return body


def rename(session: Session, body: Body, name: str) -> bool:
    """Whether it was called otherwise. Its key stays: addresses and files name it."""
    if body.name == name:
        return False
    body.name = name
    session.flush()
    return True


def _free_key(session: Session, name: str) -> str:
    words = "".join(char if char.isalnum() else " " for char in fold(name)).split()
    stem = "-".join(["group", *words])[: LONGEST_KEY - 5].rstrip("-")
    taken = set(session.scalars(select(Body.key).where(Body.key.startswith(stem))))
    number, key = 1, stem
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key
