"""The session of the request or the command, and short connections beside it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import Connection, Engine, Executable, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from crm.journal import recorder
from crm.kit.db import WRITES, Base, open_postgresql_properly, open_sqlite_properly
from crm.search import operations as search
from crm.web import clock

log = logging.getLogger(__name__)

READ = "read"
"""The name of the engine for what only reads, where there is one: PostgreSQL."""

PLAN_ONCE = "-c plan_cache_mode=force_generic_plan -c jit=off"
"""Planning a page's statement anew takes longer than running it: there is one statement for each
shape of a question, so one plan serves all its values."""


class HouseSession(FlaskSession):
    def get_bind(
        self, mapper: Any = None, clause: Any = None, bind: Any = None, **more: Any
    ) -> Engine | Connection:
        """The engine that only reads, unless writing was declared."""
        if bind is None and not WRITES.get():
            return read_engine()
        return super().get_bind(mapper, clause, bind, **more)


db = SQLAlchemy(disable_autonaming=True, session_options={"class_": HouseSession})
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
    options = engine_options(url)
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    if not url.startswith("sqlite"):
        app.config.setdefault("SQLALCHEMY_BINDS", {READ: reading_only(url, options)})
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
        # The connection used last knows the statements: each prepares and plans for itself.
        "pool_use_lifo": True,
        "connect_args": {"connect_timeout": 2, "options": "-c lock_timeout=5000 -c timezone=UTC"},
    }


def reading_only(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """An engine on which each statement stands alone and none can write.

    READ COMMITTED shows each statement the newest rows anyway, so that a transaction around them
    would only cost two more journeys to the server.
    """
    arguments = options["connect_args"]
    only = f"{arguments['options']} -c default_transaction_read_only=on {PLAN_ONCE}"
    return {
        **options,
        "url": url,
        "isolation_level": "AUTOCOMMIT",
        "connect_args": {**arguments, "options": only},
    }


def read_engine() -> Engine:
    return db.engines.get(READ, db.engine)


@contextmanager
def read_connection() -> Iterator[Connection]:
    """A connection of its own that only reads, whatever the request has declared."""
    with reading(), read_engine().connect() as connection:
        yield connection


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
