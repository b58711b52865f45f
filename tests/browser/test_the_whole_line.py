"""The main job, end to end: a stranger asks, the director wins, staff export, faculty look on."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from tests.browser.conftest import shoot

COMPANY = "Walkabout Castings"
PERSON = "Ines Duarte"
TOO_QUICK = 3200
"""Milliseconds: a form sent sooner is suspected to be a machine's."""


def today() -> date:
    return datetime.now(UTC).astimezone(ZoneInfo("America/New_York")).date()


def ask(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Express interest").first.click()
    page.get_by_label("Company").fill(COMPANY)
    page.get_by_label("Your name").fill(PERSON)
    page.get_by_label("Work e-mail").fill("ines@walkabout-castings.example")
    page.get_by_label("Industry Alliance").check()
    page.get_by_label("What would you like to achieve?").fill("Is founding still open?")
    page.wait_for_timeout(TOO_QUICK)
    shoot(page, "line-1-ask")
    page.get_by_role("button", name="Send").click()
    expect(page).to_have_url(re.compile("/join/thanks"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Thank you")


def triage(page: Page) -> None:
    page.goto("/office/")
    page.get_by_role("link", name="All inquiries").click()
    page.get_by_role("link", name=COMPANY).click()
    shoot(page, "line-2-triage")
    page.get_by_role("button", name="Open opportunity").click()
    expect(page.locator(".flash")).to_contain_text("An opportunity is open")
    page.get_by_label("Your answer").fill("It is. May I call you tomorrow?")
    page.get_by_role("button", name="Send answer").click()
    expect(page.locator(".flash")).to_be_visible()


def move(page: Page) -> None:
    """By the card's menu with the keyboard, then by drag."""
    page.goto("/office/pipeline")
    page.get_by_role("button", name=f"Move {COMPANY}").press("Enter")
    page.get_by_role("button", name="Negotiation", exact=True).press("Enter")
    expect(page.locator(".flash")).to_contain_text("moved to “Negotiation”")
    card = page.locator(".board li", has_text=COMPANY)
    target = page.locator(".col", has_text="Out for signature").locator("ol")
    target.scroll_into_view_if_needed()
    start, end = card.bounding_box(), target.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 60, start["y"] + 40)
    page.mouse.down()
    page.mouse.move(start["x"] + 80, start["y"] + 60, steps=5)
    page.mouse.move(end["x"] + 60, end["y"] + 30, steps=15)
    page.mouse.up()
    expect(page.locator(".flash")).to_contain_text("moved to “Out for signature”")
    shoot(page, "line-3-pipeline")


def win(page: Page) -> None:
    page.get_by_role("link", name=COMPANY, exact=True).first.click()
    page.get_by_role("link", name="Win", exact=True).click()
    page.get_by_label("Tier").select_option(label="Member")
    page.get_by_label("Starts on").fill(today().isoformat())
    shoot(page, "line-4-win")
    page.get_by_role("button", name="Win and start the membership").click()
    expect(page.locator(".flash").first).to_contain_text("Won")
    page.get_by_role("link", name=re.compile("^Membership from")).click()
    expect(page.locator(".page-meta")).to_contain_text("Awaiting signature")
    for side in ("Company signed on", "We signed on"):
        form = page.locator("form", has=page.get_by_label(side))
        form.get_by_label(side).fill(today().isoformat())
        form.get_by_role("button").click()
        expect(page.locator(".flash").first).to_contain_text("The signature is recorded")
    expect(page.locator(".page-meta")).to_contain_text("Active")
    shoot(page, "line-5-membership")


def seat(page: Page) -> None:
    page.get_by_role("link", name="Seat and holders").click()
    page.get_by_role("link", name="Name representative").click()
    page.get_by_label("Person").select_option(label=PERSON)
    page.get_by_label("From").fill(today().isoformat())
    page.get_by_role("button", name="Name representative").click()
    expect(page.locator("main")).to_contain_text(PERSON)
    page.goto("/office/council")
    expect(page.get_by_role("row", name=re.compile(COMPANY))).to_contain_text(PERSON)
    shoot(page, "line-6-council")


def export(page: Page) -> dict[str, str]:
    page.goto("/office/reports/membership-roll")
    shoot(page, "line-7-roll")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["Company"] == COMPANY)


def test_from_a_stranger_to_the_roll(visit):
    ask(visit(size="phone"))
    director = visit("director")
    triage(director)
    move(director)
    win(director)
    seat(director)
    row = export(visit("staff"))
    assert row["Status"] == "active"
    assert row["Tier"] == "Member"
    assert row["Fee a year"] == "250000.00"
    assert row["Council representative"] == PERSON
    faculty = visit("faculty", theme="dark")
    faculty.goto("/office/search?q=walkabout")
    faculty.get_by_role("link", name=COMPANY).first.click()
    expect(faculty.locator(".page-meta")).to_contain_text("Active")
    shoot(faculty, "line-8-faculty")
    text = faculty.locator("body").inner_text()
    assert "250,000" not in text
    assert "$" not in text
    assert faculty.get_by_role("link", name="Pipeline").count() == 0


def test_the_keys_of_the_office(visit):
    page = visit("director")
    page.goto("/office/")  # a page is loaded when its scripts have run
    page.keyboard.press("/")
    expect(page.locator("#top-q")).to_be_focused()
    page.keyboard.press("Control+k")
    page.keyboard.type("northlake")
    palette = page.get_by_role("dialog", name="Search and go")
    expect(palette.get_by_role("option").first).to_contain_text("Northlake Turbine Works")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Northlake Turbine Works")
    page.wait_for_load_state("load")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.goto("/office/companies/new")
    page.get_by_label("Name", exact=True).press("Control+Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.locator("[data-errors]")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile("/office/companies$"))


def test_a_list_narrows_while_one_types(visit):
    page = visit("director")
    page.goto("/office/companies")
    page.get_by_role("searchbox", name="Search this list").press_sequentially("casco")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"/office/companies\?q=casco"))
    expect(page.get_by_role("searchbox", name="Search this list")).to_be_focused()


def test_the_theme_is_the_systems_until_one_is_chosen(visit):
    page = visit("director", theme="dark")
    page.goto("/office/")  # waits until the scripts have run
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.get_by_role("button", name="Dana").click()
    page.get_by_role("button", name="Light or dark").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_the_office_works_without_scripts(visit, browser, site):
    signed_in = visit("director").context.storage_state()
    context = browser.new_context(
        base_url=site.address, storage_state=signed_in, java_script_enabled=False
    )
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/office/")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Companies", exact=True).click()
    page.get_by_role("searchbox", name="Search this list").fill("casco")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Casco Biologics").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Casco Biologics")
    context.close()
