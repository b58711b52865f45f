"""A professor finds who knows a company, asks first, logs a contact: on a phone, in a few acts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import SIZES, shoot
from tests.browser.test_every_page import faults_of
from tests.mailserver import Mailbox
from tests.servers import Site, wait_for

COMPANY = "Halvorsen Bearings AS"
SUMS = re.compile(r"[$€£]\s?\d|\bUSD\b|\bEUR\b")
TEN_SECONDS = 3
"""Taps and fields that a report may take: one to its form, one line, one to send it."""


class Hand:
    """Counts what somebody has to do: each tap, each field that is filled."""

    def __init__(self) -> None:
        self.acts = 0

    def tap(self, what: Locator) -> None:
        self.acts += 1
        what.click()

    def write(self, what: Locator, text: str) -> None:
        self.acts += 1
        what.fill(text)


@contextmanager
def phone(browser: Browser, site: Site, *, scripts: bool) -> Iterator[Page]:
    """Somebody of the faculty on a phone that runs scripts, or none."""
    context = browser.new_context(
        base_url=site.address, viewport=SIZES["phone"], java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("E-mail").fill("faculty@demo.example")
    page.get_by_label("Password", exact=True).fill(site.password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good day")
    yield page
    context.close()


def report(page: Page, hand: Hand, text: str) -> None:
    """One line; the day is today, it was a call, and who took part may be left out."""
    hand.write(page.get_by_label("What came of it"), text)
    hand.tap(page.get_by_role("button", name="Log contact"))
    expect(page.locator("#timeline")).to_contain_text(text)
    expect(page.locator("#contacts tbody tr").filter(has_text="Fay")).to_contain_text("Call")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "none"])
def test_a_contact_report_takes_three_acts_on_a_phone(browser, site, scripts):
    with phone(browser, site, scripts=scripts) as page:
        for start in ("/office/", "/office/my-companies"):
            page.goto(start)
            hand = Hand()
            hand.tap(page.locator("main").get_by_role("link", name="Log a contact").first)
            report(page, hand, f"Call: likes what {start} says, {scripts}.")
            assert hand.acts <= TEN_SECONDS
        hand = Hand()
        report(page, hand, f"Call: one line on their own page, {scripts}.")
        assert hand.acts < TEN_SECONDS


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_knows_a_company_is_found_by_its_name_alone(browser, site):
    """Without scripts by the search page."""
    with phone(browser, site, scripts=False) as page:
        page.locator("#top-q").fill("halvorsen")
        page.locator("#top-q").press("Enter")
        line = page.locator("main li").filter(has_text=COMPANY).first
        expect(line).to_contain_text("looks after them · last contact")
        line.get_by_role("link").first.click()
        expect(page.locator("#contacts")).to_contain_text("Looks after them")


def ask_first(page: Page, mailbox: Mailbox) -> None:
    page.locator("#contacts").get_by_role("link", name=re.compile("^ask ")).click()
    page.get_by_label("What you have in mind").fill("May I show two students their line?")
    page.get_by_role("button", name="Send the note").click()
    wait_for(lambda: any(COMPANY in str(letter["Subject"]) for letter in mailbox.letters))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_who_talks_to_them_ask_first_and_the_map(visit, mailbox):
    page = visit("faculty")
    page.goto("/office/")  # a page is loaded when its scripts have run
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and go").fill("halvorsen")
    option = page.get_by_role("option").filter(has_text="looks after them").first
    expect(option).to_contain_text("last contact")
    option.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(COMPANY)
    contacts = page.locator("#contacts")
    expect(contacts.get_by_role("columnheader")).to_have_text(
        ["Who", "Last contact", "About", "Next step"]
    )
    expect(contacts).to_contain_text("corporate-relations@university.example")
    faults = faults_of(page, "faculty-1-company")
    ask_first(page, mailbox)
    contacts.get_by_role("link", name="Contacts of faculty").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Faculty–company contacts")
    page.goto("/office/challenges")
    faults += faults_of(page, "faculty-2-map")
    shoot(page, "faculty-2-map")
    page.locator("table").first.get_by_role("link", name=re.compile("prospects: Rethink")).click()
    expect(page.get_by_role("row", name=re.compile("Kestrel|Sable|Pinnock")).first).to_be_visible()
    page.goto("/office/challenges")
    page.locator("#introductions").get_by_role("link", name="All of them").click()
    faults += faults_of(page, "faculty-3-introductions")
    pair = page.locator("main tbody tr").first
    pair.locator("summary").click()
    pair.get_by_role("link", name=re.compile("^Ask .* first")).click()
    expect(page.get_by_label("What you have in mind")).to_have_value(re.compile("be introduced to"))
    for address in (
        "/office/challenges",
        "/office/challenges/introductions",
        "/office/challenges/lean",
    ):
        page.goto(address)
        assert not SUMS.search(page.locator("main").inner_text())
    faults += faults_of(page, "faculty-4-challenge")
    assert not faults, "\n".join(faults)
