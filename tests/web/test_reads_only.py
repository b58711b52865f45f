"""A transaction that did not say it writes cannot, not even by a statement of its own."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError

from crm.accounts.models import RateCount
from crm.web import clock
from crm.web.database import db, reading, short_write

ROW = {"key": "a", "count": 1}


def test_an_undeclared_statement_is_refused_by_the_database(app):
    put = insert(RateCount).values(**ROW, expires_at=clock.now())
    with app.app_context(), reading(), db.engine.connect() as connection:
        with pytest.raises(DBAPIError, match=r"readonly|read-only"):
            connection.execute(put)
        connection.rollback()
        assert connection.execute(select(RateCount.key)).all() == []


def test_the_session_of_a_page_is_refused_too(app):
    put = insert(RateCount).values(**ROW, expires_at=clock.now())
    with app.app_context(), reading(), pytest.raises(DBAPIError, match=r"readonly|read-only"):
        db.session.execute(put)


def test_a_declared_one_is_kept_after_it(app):
    put = insert(RateCount).values(**ROW, expires_at=clock.now())
    with app.app_context():
        with reading(), db.engine.begin() as connection:
            assert connection.execute(select(RateCount.key)).all() == []
        with short_write() as connection:
            connection.execute(put)
        with reading(), db.engine.begin() as connection:
            assert connection.scalars(select(RateCount.key)).all() == ["a"]
