"""The limit on public posts: counted in the database, one upsert each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from crm.accounts.models import RateCount
from crm.app import create_app
from crm.web import clock
from crm.web.limits import DatabaseCounts
from crm.web.senders import network
from tests.conftest import NOW


@pytest.fixture
def counts(app) -> DatabaseCounts:
    with app.app_context():
        yield DatabaseCounts("crm-database://")


def test_a_window_counts_up_and_a_new_one_begins(counts, monkeypatch):
    assert [counts.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert counts.incr("b", 60, amount=2) == 2
    assert counts.get("a") == 3
    assert counts.get_expiry("a") == (NOW + timedelta(seconds=60)).timestamp()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=60))
    assert counts.get("a") == 0
    assert counts.incr("a", 60) == 1


def test_a_new_window_sweeps_those_that_ended(counts, session, monkeypatch):
    counts.incr("old", 60)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(seconds=61))
    counts.incr("new", 60)
    assert session.scalar(select(func.count()).select_from(RateCount)) == 1


def test_counts_are_cleared_and_checked(counts):
    counts.incr("a", 60)
    counts.incr("b", 60)
    counts.clear("a")
    assert (counts.get("a"), counts.get("b")) == (0, 1)
    assert counts.reset() == 1
    assert counts.check()


def test_a_wrong_setting_stops_the_start(the_app):
    with pytest.raises(ValueError, match="couldn't parse"):
        create_app({**the_app.config, "FORM_LIMIT": "many"})


@pytest.mark.parametrize(
    ("one", "another", "alike"),
    [
        ("198.51.100.7", "198.51.100.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
    ],
)
def test_an_ipv6_network_is_one_sender(one, another, alike):
    app = Flask("senders")
    keys = []
    for address in (one, another):
        with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            keys.append(network())
    assert (keys[0] == keys[1]) is alike
