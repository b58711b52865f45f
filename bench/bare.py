"""The bare pages: what the same framework, driver and server cost without a product around them.

One Core select of fifty rows in a Jinja table, one insert, a cursor copied into a file. They use
the program's own pragmas, and are served by the same processes in the same run.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator

import xlsxwriter
from flask import Flask, Response, render_template, request
from jinja2 import DictLoader
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    create_engine,
    select,
)
from sqlalchemy import insert as insert_into
from sqlalchemy.pool import QueuePool

from crm.companies.models import Company
from crm.kit.db import WRITES, open_sqlite_properly

PAGE = """<!doctype html><html lang="en"><head><title>Bare</title></head><body><table>
{% for row in rows %}<tr><td><a href="/companies/{{ row.id }}">{{ row.name }}</a></td>
{% for value in row[2:] %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table></body></html>"""
CHUNK = 500

NOTE = Table(
    "bare_note",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", String(20_000), nullable=False),
)
COLUMNS = (
    Company.id,
    Company.name,
    Company.sector,
    Company.headcount,
    Company.city,
    Company.region,
    Company.country,
    Company.website,
    Company.legal_name,
    Company.source,
    Company.created_at,
    Company.version,
)
FIFTY = select(*COLUMNS[:8]).order_by(Company.name_key, Company.id).limit(50)
ALL: Select[tuple[object, ...]] = select(*COLUMNS).order_by(Company.name_key, Company.id)


def create_bare(database_url: str) -> Flask:
    app = Flask(__name__)
    engine = create_engine(database_url, poolclass=QueuePool)
    if engine.dialect.name == "sqlite":
        open_sqlite_properly(engine)
    app.jinja_options["loader"] = DictLoader({"bare.html": PAGE})

    @app.get("/list")
    def listing() -> str:
        with engine.connect() as connection:
            rows = connection.execute(FIFTY).all()
        return render_template("bare.html", rows=rows)

    @app.post("/insert")
    def insert() -> Response:
        token = WRITES.set(True)
        try:
            with engine.begin() as connection:
                connection.execute(insert_into(NOTE), {"text": request.form["message"]})
        finally:
            WRITES.reset(token)
        return Response(status=303, headers={"Location": "/bare/list"})

    @app.get("/export.csv")
    def export_csv() -> Response:
        def stream() -> Iterator[str]:
            with engine.connect() as connection:
                yield from _csv(connection)

        return Response(stream(), mimetype="text/csv")

    @app.get("/export.xlsx")
    def export_xlsx() -> Response:
        with engine.connect() as connection, tempfile.TemporaryFile() as file:
            _xlsx(connection, file)
            file.seek(0)
            return Response(file.read(), mimetype="application/octet-stream")

    return app


def create_note_table(database_url: str) -> None:
    engine = create_engine(database_url)
    NOTE.create(engine)
    engine.dispose()


def _rows(connection: Connection) -> Iterator[tuple[object, ...]]:
    result = connection.execution_options(yield_per=CHUNK).execute(ALL)
    for part in result.partitions():
        yield from (tuple(row) for row in part)


def _csv(connection: Connection) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(_rows(connection), 1):
        writer.writerow(row)
        if number % CHUNK == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _xlsx(connection: Connection, file: object) -> None:
    options = {"constant_memory": True, "strings_to_formulas": False, "remove_timezone": True}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(_rows(connection)):
            sheet.write_row(number, 0, row)
