"""What is doubted, and what is not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm.pipeline.suspicion import suspicions

CALM = {"age": timedelta(minutes=1), "trapped": False, "lines": (), "from_address_lately": 0}


@pytest.mark.parametrize(
    "message",
    [
        "Is founding still open? Our budget locks on 30 September.",
        "Two surplus cobots, free if collected by June: https://cobots.example/list",
        "See https://a.example and https://b.example for what we make.",
        "I am a student and would like an internship. I use <cad> & python.",
        "Мы производим станки и хотели бы узнать об альянсе.",
        "我们是一家机床制造商。",
        "",
    ],
)
def test_what_people_write_is_not_doubted(message):
    assert suspicions(message=message, **CALM) == []


@pytest.mark.parametrize(
    "message",
    [
        "We offer SEO services and backlinks for your website.",
        "Rank higher! http://seo.example",
        "http://a.example http://b.example http://c.example http://d.example",
        "[url=http://x.example]casino[/url]",
        "<script>alert(1)</script>",
    ],
)
def test_what_salesmen_and_robots_write_is(message):
    assert suspicions(message=message, **CALM)


def test_each_layer_says_its_reason():
    found = suspicions(
        age=timedelta(seconds=2.99),
        trapped=True,
        lines=(),
        message="",
        from_address_lately=10,
    )
    assert len(found) == 3


def test_three_seconds_are_enough():
    assert suspicions(message="", **{**CALM, "age": timedelta(seconds=3)}) == []
