"""Runs migrations on the app's own engine, all in one transaction: old or new, never between."""

from __future__ import annotations

from typing import Any

from alembic import context
from flask import current_app

from crm.kit.db import UTCDateTime
from crm.schema import metadata
from crm.web.database import writing

migrate = current_app.extensions["migrate"]
BY_HAND = ("search_fts", "words")
"""What migrations make without SQLAlchemy's knowledge: the full-text index."""


def spell(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Migrations outlive our classes: write our types in SQLAlchemy's own words."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def include(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
    return not (reflected and any(word in (name or "") for word in BY_HAND))


def run() -> None:
    engine = migrate.db.engine
    sqlite = engine.dialect.name == "sqlite"
    with writing(), engine.connect() as connection:
        if sqlite:
            # Outside the transaction: with keys on, rebuilding a table deletes every child row.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        with connection.begin():
            # Only a transaction that is there already is left to us: else SQLite commits each one.
            context.configure(
                connection=connection,
                target_metadata=metadata,
                render_as_batch=sqlite,
                render_item=spell,
                include_object=include,
                compare_type=True,
            )
            if not sqlite:
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(20261123)")
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"rows would lose what they refer to: {broken[:5]}")
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
