"""A major partnership: needs as stated, screened, faculty convened, areas agreed, handed over."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import shoot
from tests.browser.test_every_page import faults_of

COMPANY = "Arbourne Health"
TITLE = "Implants measured while they are made"
NUMBER = "SR-2500"


def tab_to(page: Page, name: str) -> None:
    """By the keyboard alone: on, until what has the focus is called so."""
    for _ in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(() => { const e = document.activeElement; return (e.labels?.[0]?.textContent ?? "
            "e.getAttribute('aria-label') ?? e.textContent).trim(); })()"
        )
        if focused == name:
            return
    raise AssertionError(f"the keyboard does not come to {name!r}")


def open_it(page: Page) -> str:
    """From the palette to the open workspace, without a mouse; returns its address."""
    page.goto("/office/")
    page.keyboard.press("/")
    page.keyboard.type("arbourne")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/office/(search|companies)"))
    if "/search" in page.url:
        tab_to(page, COMPANY)
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(COMPANY)
    tab_to(page, "Open a workspace")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("New major partnership")
    for field, typed in (
        ("Title", TITLE),
        ("Lead faculty", "Tomas Iriarte"),
        ("The company’s needs, as it stated them", "Ten implants an hour, each measured twice"),
        ("Stated by", "Miriam Kessler"),
    ):
        tab_to(page, field)
        page.keyboard.type(typed)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    tab_to(page, "Record a screening")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Screening of {COMPANY}")
    tab_to(page, "Lists or service")
    page.keyboard.type("Consolidated screening list")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#screening")).to_contain_text("Clear")
    return page.url.partition("#")[0]


def link(page: Page, section: str, name: str) -> None:
    page.locator(f"#{section}").get_by_role("link", name=name).first.click()


def convene(page: Page) -> None:
    link(page, "faculty", "Ask somebody")
    page.get_by_label("Who", exact=True).fill("Tomas Iriarte")
    page.get_by_role("button", name="Record that they are asked").click()
    link(page, "faculty", "Change what Tomas Iriarte says")
    page.get_by_label("They are").select_option(label="Interested")
    page.get_by_role("button", name="Save answer").click()
    expect(page.locator("#faculty")).to_contain_text("Interested")
    link(page, "convenings", "Log a convening")
    page.get_by_label("Miriam Kessler").check()
    page.get_by_label("Tomas Iriarte").check()
    page.get_by_label("What came of it").fill("Two hours at the gauge")
    page.get_by_role("button", name="Log convening").click()
    expect(page.locator("#convenings")).to_contain_text("Tomas Iriarte")


def agree(page: Page) -> None:
    link(page, "areas", "Propose an area")
    page.get_by_label("Area", exact=True).fill("Measuring on the machine")
    page.get_by_label("Tomas Iriarte").check()
    page.get_by_role("button", name="Propose area").click()
    link(page, "areas", "Record interest in Measuring on the machine")
    day = page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'America/New_York'})")
    for side in ("company", "university"):
        page.get_by_label(f"The {side} is").select_option(label="Strong")
    page.get_by_label("When they said so").fill(day)
    page.get_by_label("When they did").fill(day)
    page.get_by_role("button", name="Save interest").click()
    expect(page.locator("#areas")).to_contain_text("Wanted by both")
    link(page, "areas", "Agree on Measuring on the machine")
    page.get_by_role("button", name="Agree").click()
    expect(page.locator("#areas")).to_contain_text("Agreed")


def hand_off(page: Page) -> None:
    link(page, "scope", "Write the scope")
    page.get_by_label("What is to be done").fill("A gauge inside the machine")
    page.get_by_label("Estimate").fill("1,234,500")
    page.get_by_role("button", name="Save scope").click()
    expect(page.locator("#scope")).to_contain_text("$1,234,500")
    link(page, "handoff", "Hand off")
    page.get_by_label("To whom").fill("Prudence Calloway")
    page.get_by_label("Their number").fill(NUMBER)
    page.get_by_role("button", name="Hand off").click()
    expect(page.locator("#handoff")).to_contain_text(NUMBER)
    expect(page.locator(".page-meta")).to_contain_text("Hand-off to the research office")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_from_the_needs_to_the_hand_off(visit):
    page = visit("director")
    address = open_it(page)
    convene(page)
    agree(page)
    hand_off(page)
    faults = faults_of(page, "partnership-1-workspace")
    shoot(page, "partnership-1-workspace")
    page.goto("/office/engagements/partnerships")
    faults += faults_of(page, "partnership-2-board")
    card = page.locator(".board li", has_text=TITLE)
    expect(page.locator(".board section", has_text="Hand-off to the")).to_contain_text(TITLE)
    card.get_by_role("button", name=re.compile("Move")).click()
    page.locator("#move").get_by_role("button", name="Negotiation").click()
    expect(page.get_by_role("status")).to_contain_text("moved to “Negotiation”")
    page.goto("/office/engagements/partnerships?display=table")
    faults += faults_of(page, "partnership-3-table")
    faculty = visit("faculty", theme="dark")
    faculty.goto(address)
    expect(faculty.locator("main")).to_contain_text("A gauge inside the machine")
    expect(faculty.locator("main")).not_to_contain_text("1,234,500")
    faults += faults_of(faculty, "partnership-4-faculty")
    assert not faults, "\n".join(faults)
