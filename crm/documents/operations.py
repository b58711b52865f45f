"""Keeping a file, and reading it again."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

import obstore
from obstore.store import ObjectStore
from sqlalchemy.orm import Session

from crm.documents import rules
from crm.documents.models import Document
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken

Row = TypeVar("Row")


class UnfitFile(RuleBroken):
    """The file is none that is taken."""


@dataclass(frozen=True, kw_only=True)
class NewFile:
    """A file as it arrived: the name its sender gave it, and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class NamedFile:
    """A file to be kept with a record, and what people call it there."""

    title: str
    file: NewFile


def keep(
    session: Session, store: ObjectStore, file: NewFile, *, by: Actor, now: datetime
) -> Document:
    """Put the bytes into the store and a row beside them. Raises `UnfitFile`.

    The bytes come first: a transaction that fails leaves a file nobody names, never a row
    without its file.
    """
    if not file.content:
        raise UnfitFile("The file is empty. Choose it again.", field="file")
    if len(file.content) > rules.LARGEST:
        most = rules.LARGEST // (1024 * 1024)
        raise UnfitFile(f"The file is larger than {most} MiB. Make it smaller.", field="file")
    kind = rules.kind_of(file.content)
    if kind is None:
        raise UnfitFile(
            "This is neither a PDF nor a Word document (.docx without macros), whatever its name "
            "says. Save it as PDF and choose that.",
            field="file",
        )
    key = secrets.token_urlsafe(24)
    obstore.put(store, key, file.content)
    document = Document(
        key=key,
        file_name=rules.tidy_name(file.name, kind),
        media_type=kind.media_type,
        size=len(file.content),
        sha256=hashlib.sha256(file.content).hexdigest(),
        created_at=now,
        by_name=by.name,
    )
    session.add(document)
    session.flush()
    return document


def keep_with(
    session: Session,
    store: ObjectStore,
    kind: Callable[..., Row],
    wanted: NamedFile,
    *,
    by: Actor,
    now: datetime,
    today: date,
    **of: int,
) -> Row:
    """Keep the file, and a row of this kind that ties it to its record, `of`: the row's column and
    the record's id. Raises `UnfitFile`."""
    added = kind(
        document=keep(session, store, wanted.file, by=by, now=now),
        title=wanted.title,
        added_on=today,
        by_name=by.name,
        **of,
    )
    session.add(added)
    session.flush()
    return added


def read(store: ObjectStore, document: Document) -> bytes:
    """The bytes, as they were handed in. Raises `NotFound` if the store lost or changed them."""
    try:
        content = bytes(obstore.get(store, document.key).bytes())
    except FileNotFoundError:
        raise NotFound("The file is not in the store. Restore it from the backup.") from None
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise NotFound("The file in the store is not the one that was handed in.")
    return content
