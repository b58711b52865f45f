"""Markdown as people write it, and as nobody should be able to use it."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from crm.web.markdown import TAGS, markdown

NASTY = (
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<javascript:alert(1)>",
    "![x](https://elsewhere.example/pixel.png)",
    '<img src=x onerror="alert(1)">',
    '[x](https://a.example "\\" onmouseover=alert(1) \\"")',
    "<svg/onload=alert(1)>",
    "`<b onclick=alert(1)>`",
    "[x]: javascript:alert(1)\n\n[x]",
)


def test_it_is_read_as_commonmark_with_tables():
    text = "# Why\n\n- **one**\n- [two](https://a.example/b)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    html = markdown(text)
    assert "<h3>Why</h3>" in html
    assert "<strong>one</strong>" in html
    assert 'href="https://a.example/b"' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert "<td>2</td>" in html


def test_headings_stand_below_those_of_the_page():
    html = markdown("## a\n\n### b\n\n###### c")
    assert re.findall(r"<h\d>", html) == ["<h3>", "<h4>", "<h5>"]


def test_nothing_is_nothing():
    assert markdown(None) == markdown("") == ""


def runs(text: str) -> list[str]:
    """What a browser would make of it that it must not."""
    found = BeautifulSoup(markdown(text), "html.parser").find_all(True)
    return [
        str(tag)
        for tag in found
        if tag.name not in TAGS
        or set(tag.attrs) - {"href", "title", "rel"}
        or not str(tag.get("href", "https:")).startswith(("https:", "http:", "mailto:"))
    ]


@pytest.mark.parametrize("text", NASTY)
def test_nothing_in_it_runs(text):
    assert runs(text) == []


@given(st.lists(st.sampled_from([*NASTY, "# ", "- ", "> ", "\n", "`", "[", "](", ")", "<", "**"])))
def test_no_mixture_of_it_runs(parts):
    assert runs("".join(parts)) == []
