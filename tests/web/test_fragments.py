"""Parts of pages that are drawn once: for equal values that are drawn differently, each its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest
from markupsafe import Markup

from crm.web import fragments


@dataclass(frozen=True)
class Card:
    days: object


@pytest.fixture(autouse=True)
def nothing_drawn(monkeypatch):
    monkeypatch.setattr(fragments, "_drawn", {})


@pytest.mark.parametrize(
    "around", [lambda value: value, lambda value: ("company", (value, "x")), Card]
)
def test_what_is_equal_and_looks_different_is_drawn_apart(around):
    for value in (1, True, 1.0, 0, False):
        key = around(value)
        assert fragments.drawn("row", key, caller=lambda v=value: Markup(str(v))) == str(value)


def test_the_same_is_drawn_once_and_what_has_no_key_each_time():
    number = count()
    draw = lambda: Markup(str(next(number)))  # noqa: E731
    assert [fragments.drawn("row", (1, "x"), caller=draw) for _ in range(2)] == ["0", "0"]
    assert [fragments.drawn("row", None, caller=draw) for _ in range(2)] == ["1", "2"]
