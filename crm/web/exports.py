"""Rows that leave the house: the same query as the page, streamed, and journalled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from os import SEEK_END
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from flask import Response
from sqlalchemy import Row, Select
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.journal import operations as journal
from crm.kit import csv, xlsx
from crm.web import clock
from crm.web.database import db, short_write

AT_A_TIME = 1000
CHUNK = 64 * 1024
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def csv_response(
    name: str,
    headings: Sequence[str],
    rows: Select[Any],
    *,
    viewer: Viewer,
    shape: Callable[[Row[Any]], Sequence[object]] | None = None,
    reason: str = "",
) -> Response:
    """`name`.csv with every row of the select. `shape` turns a row into cells, where it must."""
    note_export(f"{name}.csv" + (f": {reason}" if reason else ""), viewer)
    engine = db.engine  # the request's context is gone when the body is sent

    def body() -> Iterator[str]:
        with (
            engine.connect().execution_options(yield_per=AT_A_TIME) as connection,
            connection.execute(rows) as found,  # closed also when nobody reads on
        ):
            yield from csv.stream(headings, map(shape, found) if shape else found)

    return Response(body(), content_type=TYPES["csv"], headers=attachment(name, "csv"))


def xlsx_response(
    name: str,
    headings: Sequence[str],
    rows: Select[Any],
    *,
    viewer: Viewer,
    shape: Callable[[Row[Any]], Sequence[object]] | None = None,
    reason: str = "",
) -> Response:
    """`name`.xlsx with every row of the select, as `csv_response` has them.

    A workbook is a zip whose table of contents comes last: it is written to a file that has no
    name, then sent from there. Neither rows nor workbook are ever in memory as a whole.
    """
    note_export(f"{name}.xlsx" + (f": {reason}" if reason else ""), viewer)
    file = TemporaryFile(prefix="export-", suffix=".xlsx")  # noqa: SIM115 (closed when sent)
    try:
        with db.engine.connect().execution_options(yield_per=AT_A_TIME) as connection:
            found = connection.execute(rows)
            listed = map(shape, found) if shape else found
            xlsx.write(file, xlsx.Sheet(name=name, headings=headings, rows=listed))
    except BaseException:
        file.close()
        raise
    return file_response(file, name, "xlsx")


def file_response(file: BinaryIO, name: str, ending: str) -> Response:
    """Send a file from its beginning; it is closed at the end, or when nobody reads on."""
    size = file.seek(0, SEEK_END)
    file.seek(0)

    def body() -> Iterator[bytes]:
        with file:
            while chunk := file.read(CHUNK):
                yield chunk

    response = Response(
        body(),
        content_type=TYPES[ending],
        headers=attachment(name, ending),
        direct_passthrough=True,
    )
    response.content_length = size
    response.call_on_close(file.close)
    return response


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
