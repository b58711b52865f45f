"""A real browser before a real site: gunicorn, the worker, a mail server and the demo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.browser import chromium
from tests.databases import TestDatabase
from tests.mailserver import Mailbox, mail_server
from tests.servers import ROOT, Site, prepare_site, running_site

SCREENSHOTS = ROOT / "var" / "screenshots"
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text()
RUN_AXE = """() => axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
})"""
SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "wide": {"width": 1440, "height": 900},
}


@pytest.fixture(scope="session")
def site_and_mailbox(
    database: TestDatabase, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Mailbox]]:
    folder = tmp_path_factory.mktemp(database.kind)
    with (
        database.filled(folder, prepare_site) as url,
        mail_server() as (mailbox, settings),
        running_site(url, folder, **settings) as site,
    ):
        yield site, mailbox


@pytest.fixture(scope="session")
def site(site_and_mailbox: tuple[Site, Mailbox]) -> Site:
    """The demo, shared by the browser tests of a worker: they add to it and reset nothing."""
    return site_and_mailbox[0]


@pytest.fixture(scope="session")
def mailbox(site_and_mailbox: tuple[Site, Mailbox]) -> Mailbox:
    return site_and_mailbox[1]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.executable(), args=chromium.FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Opens pages as different people: each call is a browser of its own, without cookies.

    `visit()` is a stranger, `visit("director")` has signed in. An error in a page's script, or
    something that its content security policy refused, fails the test.
    """
    faults: list[str] = []

    def visit(role: str | None = None, *, size: str = "wide", theme: str = "light") -> Page:
        context = browser.new_context(
            base_url=site.address,
            viewport=SIZES[size],
            color_scheme="dark" if theme == "dark" else "light",
            reduced_motion="reduce",
            locale="en-US",
        )
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda line: (
                faults.append(f"{page.url}: {line.text}")
                if "Content Security Policy" in line.text
                else None
            ),
        )
        if role:
            page.goto("/sign-in")
            page.get_by_label("E-mail").fill(f"{role}@demo.example")
            page.get_by_label("Password", exact=True).fill(site.password)
            page.get_by_role("button", name="Sign in").click()
            expect(page).to_have_url(re.compile(r"/office/"))
        return page

    yield visit
    for context in browser.contexts:
        context.close()
    assert faults == []


def axe_finds(page: Page) -> list[str]:
    """What axe has against the page as it is now: WCAG 2.2 AA, one line for each element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)  # not through the page's own policy, which would refuse it
    found = page.evaluate(RUN_AXE)
    return [
        f"{page.url} {fault['id']}: {node['html']} {node['failureSummary']}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


def shoot(page: Page, name: str) -> Path:
    """Keep a picture of the whole page under var/screenshots."""
    path = SCREENSHOTS / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=True)
    return path
