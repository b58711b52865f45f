"""Migrations: one head, in step with the models, up and down and up with rows in the tables."""

from __future__ import annotations

from flask_migrate import check, downgrade, upgrade
from sqlalchemy import MetaData, inspect, text

from crm.app import create_app
from crm.schema import metadata
from crm.web.database import db
from tests.conftest import settings
from tests.databases import TestDatabase


def test_they_lead_to_the_models_and_back(empty_database: str, tmp_path) -> None:
    app = create_app(settings(empty_database, tmp_path))
    with app.app_context():
        upgrade()
        check()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        check()
        assert set(metadata.tables) <= set(inspect(db.engine).get_table_names())
        db.engine.dispose()


def test_a_filled_database_goes_down_and_up_again(
    database: TestDatabase, prepare, empty_database: str, tmp_path
) -> None:
    prepare(empty_database)
    app = create_app(settings(empty_database, tmp_path))
    with app.app_context():
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT count(*) FROM stage"))
        downgrade(revision="base")
        upgrade()
        left = MetaData()
        left.reflect(db.engine)
        assert set(metadata.tables) <= set(left.tables)
        db.engine.dispose()
