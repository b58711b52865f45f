"""How many public posts one address may send, counted in our own database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from flask_limiter import Limiter
from limits import parse_many
from limits.storage import Storage
from sqlalchemy import Connection, bindparam, case, delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from crm.accounts.models import RateCount
from crm.web import clock
from crm.web.database import db, writing
from crm.web.senders import network


class DatabaseCounts(Storage):
    """Fixed windows in `rate_count`: one upsert each, whatever process it comes from."""

    STORAGE_SCHEME = ["crm-database"]  # noqa: RUF012

    @property
    def base_exceptions(self) -> type[Exception]:
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = clock.now()
        with _hasty_write() as connection:
            values = {
                "name": key,
                "amount": amount,
                "until": now + timedelta(seconds=expiry),
                "now": now,
            }
            count = int(connection.scalar(_UPSERTS[connection.dialect.name], values) or 0)
            if count == amount:  # a window begins: the moment to sweep those that ended
                connection.execute(delete(RateCount).where(RateCount.expires_at <= now))
        return count

    def get(self, key: str) -> int:
        with db.engine.connect() as connection:
            found = select(RateCount.count).where(
                RateCount.key == key, RateCount.expires_at > clock.now()
            )
            return connection.scalar(found) or 0

    def get_expiry(self, key: str) -> float:
        with db.engine.connect() as connection:
            found = connection.scalar(select(RateCount.expires_at).where(RateCount.key == key))
        return (found or clock.now()).timestamp()

    def check(self) -> bool:
        with db.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(RateCount)) is not None

    def reset(self) -> int | None:
        with _hasty_write() as connection:
            return connection.execute(delete(RateCount)).rowcount

    def clear(self, key: str) -> None:
        with _hasty_write() as connection:
            connection.execute(delete(RateCount).where(RateCount.key == key))


def _upsert(insert: Any) -> Any:
    """One more in the window of a key; in a new window, if the last one is over."""
    over = RateCount.expires_at <= bindparam("now", type_=RateCount.expires_at.type)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[RateCount.key],
        set_={
            "count": case((over, new.count), else_=RateCount.count + new.count),
            "expires_at": case((over, new.expires_at), else_=RateCount.expires_at),
        },
    ).returning(RateCount.count)


_VALUES = {
    "key": bindparam("name", type_=RateCount.key.type),
    "count": bindparam("amount", type_=RateCount.count.type),
    "expires_at": bindparam("until", type_=RateCount.expires_at.type),
}
_HASTY = select(func.set_config("synchronous_commit", "off", True)).cte("hasty")
_UPSERTS = {
    "sqlite": _upsert(sqlite_insert(RateCount).values(_VALUES)),
    "postgresql": _upsert(
        postgresql_insert(RateCount).from_select(
            list(_VALUES), select(*_VALUES.values()).select_from(_HASTY)
        )
    ),
}

limiter = Limiter(
    network,
    storage_uri="crm-database://",
    strategy="fixed-window",
    headers_enabled=False,
)


def form_limit() -> str:
    """The setting FORM_LIMIT, as Flask-Limiter writes limits."""
    return str(current_app.config["FORM_LIMIT"])


def init_app(app: Flask) -> None:
    parse_many(app.config["FORM_LIMIT"])  # a wrong one stops the start, not the first form
    limiter.init_app(app)


@contextmanager
def _hasty_write() -> Iterator[Connection]:
    """A short write that need not outlive a power cut: a count lost there hurts nobody.

    So it waits for no disk, and a public post waits for its own commit only. On PostgreSQL each
    statement is its own transaction, and says so itself.
    """
    with db.engine.connect() as connection, writing():
        if connection.dialect.name != "sqlite":
            yield connection.execution_options(isolation_level="AUTOCOMMIT")
            return
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA synchronous=NORMAL")
        try:
            with connection.begin():
                yield connection
        finally:
            raw.execute("PRAGMA synchronous=FULL")
