"""What every test can ask for: the app on both databases, a session, the cast.

Whoever asks for `app`, `session` or one of the cast runs twice: on SQLite and on PostgreSQL.
Everything is really committed; the database is put back after each test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import event
from sqlalchemy.orm import Session

import config
from crm.accounts.rules import Role
from crm.app import create_app
from crm.journal import recorder
from crm.kit.db import WRITES
from crm.programme import rules as programme_rules
from crm.search import operations as search
from crm.stewardship import programme as programme_loading
from crm.web import clock, lately
from crm.web.database import db, writing
from tests.cast import Member, Stranger, sign_in_as
from tests.factories import base
from tests.factories.memberships import STORE

if TYPE_CHECKING:  # a plugin must not be imported before pytest does it
    from tests.databases import TestDatabase

pytest_plugins = ["tests.databases", "tests.network"]

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 6, 15, 14, 30, tzinfo=ZoneInfo("America/New_York"))
"""The moment at which every test that asks for the app takes place: a Monday."""
TODAY = date(2026, 6, 15)


def settings(url: str, folder: Path, **more: Any) -> dict[str, Any]:
    found = config.from_env({"DATABASE_URL": url, "CRM_DATA_DIR": str(folder)})
    found["DOCUMENT_STORE"] = STORE
    return {**found, "TESTING": False, "FORM_LIMIT": "100000 per minute", **more}


@pytest.fixture(scope="session")
def prepare(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], None]:
    """Migrate, and load the programme: what every database of the tests holds."""

    def prepare(url: str) -> None:
        app = create_app(settings(url, tmp_path_factory.mktemp("prepare")))
        file = programme_rules.parse((ROOT / "programme.toml").read_text(encoding="utf-8"))
        with app.app_context(), writing():
            upgrade()
            programme_loading.load(db.session(), file, now=NOW, today=TODAY)
            db.session.commit()
            db.engine.dispose()

    return prepare


@pytest.fixture(scope="session")
def the_app(database: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = create_app(settings(database.url, tmp_path_factory.mktemp("data")))
    yield app
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


@pytest.fixture
def app(
    the_app: Flask, fresh_database: TestDatabase, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """The app on a freshly prepared database, at the moment NOW."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(lately, "FRESH_FOR", 3600.0)  # a slow machine must not read it twice
    lately.forget()
    yield the_app
    with the_app.app_context():
        db.session.remove()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """The test's own session, beside those of its requests: commit what they are to see."""
    with app.app_context():
        engine = db.engine
    token = WRITES.set(True)
    with Session(engine, expire_on_commit=True) as session:
        recorder.listen(session, clock=clock.now)
        search.listen(session)
        base.SESSION.set(session)
        # A session holds what it made by a weak reference only. Relations of expired rows are read
        # from what it holds, never by a query: without this it is the collector that decides.
        made: list[object] = []
        event.listen(session, "pending_to_persistent", lambda _session, row: made.append(row))
        yield session
    WRITES.reset(token)


@pytest.fixture
def statements(app: Flask) -> Iterator[list[str]]:
    """Every statement sent to the database from now on; `clear()` begins anew."""
    seen: list[str] = []
    with app.app_context():
        engines = list(db.engines.values())

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def stranger(app: Flask) -> Stranger:
    return Stranger(app)


@pytest.fixture
def dana(app: Flask, session: Session) -> Member:
    """Dana, the director."""
    return sign_in_as(app, session, "Dana Whitfield", Role.DIRECTOR)


@pytest.fixture
def sam(app: Flask, session: Session) -> Member:
    """Sam, of the staff."""
    return sign_in_as(app, session, "Sam Okafor", Role.STAFF)


@pytest.fixture
def fay(app: Flask, session: Session) -> Member:
    """Fay, of the faculty."""
    return sign_in_as(app, session, "Fay Lindqvist", Role.FACULTY)


@pytest.fixture
def rea(app: Flask, session: Session) -> Member:
    """Rea, who reads: finance, an auditor."""
    return sign_in_as(app, session, "Rea Castellano", Role.READER)


@pytest.fixture
def ada(app: Flask, session: Session) -> Member:
    """Ada, the administrator."""
    return sign_in_as(app, session, "Ada Brandt", Role.ADMINISTRATOR)
