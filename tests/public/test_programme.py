"""The programme as strangers meet it."""

from __future__ import annotations

import pytest


def test_the_first_page_says_what_it_is_and_where_to_begin(stranger):
    page = stranger.get("/")
    for words in ("Industry Alliance", "Major partnership", "Rethink lean for resilience"):
        assert words in page.words
    assert page.html.find("a", href="/join")
    assert page.html.find("a", href="/join?mode=factories")


def test_a_way_to_engage_is_ticked_beforehand(stranger):
    page = stranger.get("/join?mode=factories&mode=nonsense")
    assert page.html.find("input", value="factories").has_attr("checked")
    assert not page.html.find("input", value="alliance").has_attr("checked")


def test_the_directory_looks_right_where_little_is_known(stranger):
    page = stranger.get("/people")
    assert "Julie Diop Executive director" in page.words
    assert "Krystyn Van Vliet" in page.words
    assert "None" not in page.words


def test_the_privacy_notice_names_its_version(stranger):
    assert "Version 2026-09" in stranger.get("/privacy").words


@pytest.mark.parametrize(
    "path", ["/", "/join", "/contact", "/people", "/groups", "/results", "/privacy", "/join/thanks"]
)
def test_public_pages_send_no_inline_code(stranger, path):
    html = stranger.get(path).html
    assert not html.find_all(style=True)
    assert not [tag for tag in html.find_all("script") if not tag.get("src")]
