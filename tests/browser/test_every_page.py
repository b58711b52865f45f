"""Every page that a link leads to: axe finds nothing, and nothing sticks out on a phone.

`SCREENSHOTS=1` keeps a picture of each, wide and light and on a phone and dark.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from html import unescape
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SIZES, axe_finds, shoot
from tests.databases import shared

SHARES = 4
LOOKS = (("wide", "light"), ("phone", "dark"))
SHOTS = "SCREENSHOTS" in os.environ
FILES = r"/(agreements|attachments|evidence|files)/N$"
NOT_PAGES = re.compile(rf"^/static/|^/sign-out|\.(csv|xlsx|pdf|ics)$|{FILES}")
STICKS_OUT = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
  .filter((e) => !e.closest(".scroll, .board, .tabs, nav ul"))
  .slice(0, 3).map((e) => e.outerHTML.slice(0, 200))"""

UNDRAWN = """() => [...document.querySelectorAll(".i")]
  .filter((e) => !getComputedStyle(e).getPropertyValue("--i").includes("url("))
  .map((e) => e.className)"""


def kind_of(address: str) -> str:
    """`/office/companies/12?page=2` → `/office/companies/N`: pages drawn by one view.

    A bill has its number where others have an id: `/office/invoices/REQ-2026-0001`.
    """
    return re.sub(r"/(?:[A-Z]+-\d{4}-)?\d+(?=/|$)", "/N", urlsplit(address).path)


def links_of(text: str, address: str) -> Iterator[str]:
    for link in re.findall(r'<a [^>]*href="([/?][^"#]*)', text):
        target = unescape(link)
        yield address.partition("?")[0] + target if target.startswith("?") else target


def pages_from(page: Page, start: str) -> Iterator[str]:
    """The address of one page of each kind that links lead to from the start."""
    seen = {kind_of(start)}
    ahead = deque([start])
    while ahead:
        address = ahead.popleft()
        answer = page.request.get(address)
        yield address
        for link in links_of(answer.text(), address):
            kind = kind_of(link)
            if kind not in seen and not NOT_PAGES.search(kind):
                seen.add(kind)
                ahead.append(link)


def faults_of(page: Page, name: str, looks: Sequence[tuple[str, str]] = LOOKS) -> list[str]:
    """What is wrong with the page as it stands, in each size and theme."""
    found = [f"{page.url}: no icon {icon}" for icon in page.evaluate(UNDRAWN)]
    for size, theme in looks:
        page.set_viewport_size(SIZES[size])
        page.evaluate("(theme) => document.documentElement.dataset.bsTheme = theme", theme)
        if SHOTS:
            shoot(page, f"{name}-{size}-{theme}")
        found += [f"{size}, {theme}: {fault}" for fault in axe_finds(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found += [f"{page.url} sticks out: {html}" for html in page.evaluate(STICKS_OUT)]
    page.set_viewport_size(SIZES["wide"])
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # looks are the same on both
@pytest.mark.parametrize(
    ("role", "start", "at_least", "looks", "share", "shares"),
    [
        (None, "/", 5, LOOKS, 0, 1),
        ("faculty", "/office/", 6, LOOKS[1:], 0, 1),
        *(("director", "/office/", 10, LOOKS, share, SHARES) for share in range(SHARES)),
    ],
)
def test_every_page_is_in_order(visit, role, start, at_least, looks, share, shares):
    """A role with many pages has them dealt to several tests, so that they can run side by side.
    The faculty's are the director's with less on them, and read on a phone.
    """
    page = visit(role)
    every = shared(f"pages-{role}", lambda: list(pages_from(page, start)))
    mine = every[share::shares]
    faults = []
    for address in mine:
        response = page.goto(address)
        assert response is not None
        if response.status >= 400:
            faults.append(f"{response.status} at {address}")
            continue
        kind = kind_of(address).replace("/", "-").rstrip("-")
        faults += faults_of(page, f"{role or 'stranger'}{kind}", looks)
    assert not faults, "\n".join(faults)
    assert len(mine) >= at_least
