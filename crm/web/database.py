"""The session of the request or the command, and short connections beside it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Executable, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm.journal import recorder
from crm.kit.db import WRITES, Base, open_postgresql_properly, open_sqlite_properly
from crm.search import operations as search
from crm.web import clock

log = logging.getLogger(__name__)

db = SQLAlchemy(disable_autonaming=True)
recorder.listen(db.session, clock=clock.now)
search.listen(db.session)


class WriteNotDeclared(RuntimeError):
    """Something tried to write before, or without, permission to."""


@event.listens_for(db.session, "before_flush")
def refuse_undeclared_writes(session: Session, context: object, instances: object) -> None:
    if not WRITES.get() and (session.new or session.dirty or session.deleted):
        raise WriteNotDeclared("declare writes=True with the view's access rule")


def init_app(app: Flask) -> None:
    url: str = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", engine_options(url))
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            open_sqlite_properly(db.engine)
        else:
            open_postgresql_properly(db.engine)
    recorder.keep_old_values(Base)


def engine_options(url: str) -> dict[str, Any]:
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 5}, "hide_parameters": True}
    return {
        "hide_parameters": True,  # an error in the log must not hold what people wrote
        "pool_timeout": 2,
        "connect_args": {"connect_timeout": 2, "options": "-c lock_timeout=5000 -c timezone=UTC"},
    }


@contextmanager
def writing() -> Iterator[None]:
    """Transactions begun inside may write, and take SQLite's write lock at once."""
    token = WRITES.set(True)
    try:
        yield
    finally:
        WRITES.reset(token)


@contextmanager
def reading() -> Iterator[None]:
    """Transactions begun inside only read, even while the request's own holds the write lock."""
    token = WRITES.set(False)
    try:
        yield
    finally:
        WRITES.reset(token)


@contextmanager
def short_write() -> Iterator[Connection]:
    """A connection of its own, committed at the end: for the few rows that are not the request's.

    Never open it while the request's transaction holds the lock.
    """
    with writing(), db.engine.begin() as connection:
        yield connection


def write_if_free(statement: Executable) -> None:
    """One statement that nobody waits for: while the database is busy it is left out."""
    with db.engine.connect() as connection, writing():
        raw: Any = connection.connection.driver_connection
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            raw.execute("PRAGMA busy_timeout=50")
        try:
            with connection.begin():
                if not sqlite:
                    connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
                connection.execute(statement)
        except OperationalError:
            log.info("a write was left out: the database is busy")
        finally:
            if sqlite:
                raw.execute("PRAGMA busy_timeout=5000")
