"""What the log says of a request, and what it does not."""

from __future__ import annotations

import io
import json
import logging

import pytest

from crm.web import logs
from tests.cast import Member, Stranger


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch):
    """The log of production, while the test lasts."""
    root, own = logging.getLogger(), logging.getLogger("crm")
    before = root.handlers[:], root.level, own.level
    monkeypatch.setattr("sys.stderr", io.StringIO())
    logs.configure(production=True)
    yield lambda: [json.loads(line) for line in root.handlers[0].stream.getvalue().splitlines()]
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    own.setLevel(before[2])


def test_a_request_is_one_line_of_json(dana: Member, lines) -> None:
    answer = dana.get("/office/?q=confidential")
    (line,) = lines()
    assert line["event"] == "answered"
    assert (line["method"], line["route"], line["status"]) == ("GET", "/office/", 200)
    assert line["user"] == dana.user_id
    assert line["request_id"] == answer.response.headers["X-Request-Id"]
    assert "confidential" not in json.dumps(line)


def test_an_id_from_outside_is_not_believed_without_a_proxy(stranger: Stranger) -> None:
    answer = stranger.get("/healthz", headers={"X-Request-Id": "made-up-elsewhere"})
    assert answer.response.headers["X-Request-Id"] != "made-up-elsewhere"
