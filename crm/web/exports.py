"""Rows that leave the house: the same query as the page, streamed, and journalled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from flask import Response
from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.journal import operations as journal
from crm.kit import csv
from crm.web import clock
from crm.web.database import db, short_write

AT_A_TIME = 1000


def csv_response(
    name: str,
    headings: Sequence[str],
    rows: Select[Any],
    *,
    viewer: Viewer,
    shape: Callable[[Row[Any]], Sequence[object]] | None = None,
) -> Response:
    """`name`.csv with every row of the select. `shape` turns a row into cells, where it must."""
    note_export(f"{name}.csv", viewer)
    engine = db.engine  # the request's context is gone when the body is sent

    def body() -> Iterator[str]:
        with engine.connect().execution_options(yield_per=AT_A_TIME) as connection:
            found = connection.execute(rows)
            yield from csv.stream(headings, map(shape, found) if shape else found)

    return Response(body(), content_type="text/csv; charset=utf-8", headers=attachment(name, "csv"))


def attachment(name: str, ending: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}


def note_export(label: str, viewer: Viewer) -> None:
    """Say in the journal who took what, at once: an export that breaks off has been taken too.

    On a connection of its own, so call it before the request writes anything.
    """
    with short_write() as connection, Session(connection) as session:
        journal.note(
            session,
            "exported",
            kind="export",
            record_id=None,
            label=label,
            by=viewer.actor,
            now=clock.now(),
        )
        session.flush()
