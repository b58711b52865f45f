"""Every page that a link leads to: axe finds nothing, and nothing sticks out on a phone."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SIZES, axe_finds, shoot

FILES = r"/(agreements|attachments|files)/N$"
NOT_PAGES = re.compile(rf"^/static/|^/sign-out|\.(csv|xlsx|pdf|ics)$|{FILES}")
LINKS = """() => [...document.querySelectorAll("a[href^='/'], a[href^='?']")]
  .map((a) => a.pathname + a.search)"""
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


def pages_from(page: Page, start: str) -> Iterator[list[str]]:
    """Go to one page of each kind that links lead to from the start; a dead link is a fault."""
    seen = {kind_of(start)}
    ahead = deque([start])
    while ahead:
        target = ahead.popleft()
        came_from = page.url
        response = page.goto(target)
        assert response is not None
        if response.status >= 400:
            yield [f"{response.status} at {target}, linked from {came_from} or before"]
            continue
        yield []
        for address in page.evaluate(LINKS):
            kind = kind_of(address)
            if kind not in seen and not NOT_PAGES.search(kind):
                seen.add(kind)
                ahead.append(address)


def faults_of(page: Page, name: str) -> list[str]:
    """What is wrong with the page as it stands: light and wide, dark and on a phone."""
    found = [f"{page.url}: no icon {icon}" for icon in page.evaluate(UNDRAWN)]
    for size, theme in (("wide", "light"), ("phone", "dark")):
        page.set_viewport_size(SIZES[size])
        page.evaluate("(theme) => document.documentElement.dataset.bsTheme = theme", theme)
        shoot(page, f"{name}-{size}-{theme}")
        found += [f"{size}, {theme}: {fault}" for fault in axe_finds(page)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found += [f"{page.url} sticks out: {html}" for html in page.evaluate(STICKS_OUT)]
    page.set_viewport_size(SIZES["wide"])
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # looks are the same on both
@pytest.mark.parametrize(
    ("role", "start", "at_least"),
    [(None, "/", 5), ("director", "/office/", 20), ("faculty", "/office/", 6)],
    ids=["stranger", "director", "faculty"],
)
def test_every_page_is_in_order(visit, role, start, at_least):
    page = visit(role)
    faults = []
    pages = 0
    for dead_links in pages_from(page, start):
        faults += dead_links
        if not dead_links:
            pages += 1
            kind = kind_of(page.url).replace("/", "-").rstrip("-")
            faults += faults_of(page, f"{role or 'stranger'}{kind}")
    assert not faults, "\n".join(faults)
    assert pages >= at_least
