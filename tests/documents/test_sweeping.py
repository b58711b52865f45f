"""Files of requests that failed: gone after a day, and nothing else with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import obstore
import pytest
from obstore.store import MemoryStore
from sqlalchemy import delete

from crm.cli import nightly
from crm.documents import operations, sweeping
from crm.documents.models import Document
from crm.documents.operations import NewFile
from crm.kit.actors import SYSTEM
from crm.web import clock
from crm.web import documents as kept
from tests.conftest import NOW
from tests.factories.memberships import PDF

HOUR = timedelta(hours=1)


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def keep(session, store):
    def keep() -> str:
        file = NewFile(name="agreement.pdf", content=PDF)
        return operations.keep(session, store, file, by=SYSTEM, now=NOW).key

    return keep


def there(store) -> set[str]:
    return {file["path"] for found in obstore.list(store) for file in found}


def tomorrow() -> datetime:
    return datetime.now(UTC) + sweeping.LEFT_FOR + HOUR


def test_what_a_failed_request_left_goes_after_a_day(session, store, keep):
    keep()
    session.rollback()
    named = keep()
    obstore.put(store, "readme.txt", b"not ours")
    obstore.put(store, "old/" + "x" * 32, b"not ours either")
    before = there(store)
    assert sweeping.sweep(session, store, now=tomorrow() - 2 * HOUR) == 0
    assert there(store) == before
    assert sweeping.sweep(session, store, now=tomorrow()) == 1
    assert there(store) == {named, "readme.txt", "old/" + "x" * 32}


def test_no_more_than_so_many_at_once(session, store, keep, monkeypatch):
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(sweeping, "_ASKED_AT_ONCE", 2)
    for _ in range(5):
        keep()
    session.rollback()
    named = keep()
    assert [sweeping.sweep(session, store, now=tomorrow()) for _ in range(3)] == [3, 2, 0]
    assert there(store) == {named}


def test_a_register_that_names_no_file_deletes_none(session, store, keep):
    keep()
    session.execute(delete(Document))
    assert sweeping.sweep(session, store, now=tomorrow()) == 0
    assert len(there(store)) == 1


def test_the_nightly_round_sweeps_and_survives_a_store_that_is_away(
    app, session, store, keep, monkeypatch, caplog
):
    keep()
    session.rollback()
    named = keep()
    session.commit()
    night = tomorrow().replace(hour=12)
    monkeypatch.setattr(kept, "store", lambda: store)
    monkeypatch.setattr(clock, "now", lambda: night + timedelta(days=1))
    with app.app_context():
        nightly.self_check()
    assert there(store) == {named}

    def away():
        raise OSError("no route to the store")

    monkeypatch.setattr(kept, "store", away)
    monkeypatch.setattr(clock, "now", lambda: night + timedelta(days=2))
    with app.app_context():
        nightly.self_check()
    assert "files that no row names were not swept" in caplog.text
