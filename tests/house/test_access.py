"""The wall stands by construction."""

from __future__ import annotations

import pytest

from crm.web.access import Pages, Undeclared, check_all_declared


def test_a_route_without_a_permission_cannot_be_written():
    with pytest.raises(Undeclared):
        Pages("open", __name__).route("/open")


def test_a_route_that_nobody_declared_stops_the_start(the_app):
    rules = the_app.extensions["access"]
    missing = rules.pop(("health.healthz", "GET"))
    with pytest.raises(Undeclared, match="GET /healthz"):
        check_all_declared(the_app)
    rules["health.healthz", "GET"] = missing


def test_alive_and_ready(stranger):
    assert stranger.get("/healthz").text == "ok\n"
    assert stranger.get("/readyz").text == "ready\n"
    assert stranger.client.head("/healthz").status_code == 200
