"""A machine on loan: offered, valued by its owner, accepted with thanks, used, and given back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import shoot
from tests.browser.test_every_page import faults_of
from tests.factories.memberships import PDF
from tests.mailserver import Mailbox
from tests.servers import wait_for

LATHE = "Turning centre with bar feeder"
GIVER = "vince@pressmark.example"


def record_the_offer(page: Page) -> str:
    """From the company's page; returns the address of the contribution."""
    page.goto("/office/companies?q=pressmark")
    page.get_by_role("link", name="Pressmark Stamping").first.click()
    page.locator("#engagements").get_by_role("link", name="Record an offer").click()
    expect(page.get_by_label("Company", exact=True)).to_have_value(re.compile("Pressmark"))
    page.locator("#title").fill(LATHE)
    page.get_by_label("Kind").select_option("services")
    page.get_by_label("Gift or loan").select_option("loan")
    page.get_by_label("Facility").select_option(label="Teaching factory")
    page.get_by_label("Contact at the company").fill("Vince Marullo")
    page.get_by_label("Responsible person").fill("Tomas Iriarte")
    page.get_by_role("button", name="Record offer").click()
    expect(page.locator("[data-errors]")).to_contain_text("Services cannot be lent")
    expect(page.locator("#title")).to_have_value(LATHE)
    page.get_by_label("Kind").select_option("equipment")
    page.get_by_role("button", name="Record offer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(LATHE)
    return page.url


def value_it(page: Page) -> None:
    page.get_by_role("link", name="Enter value").click()
    page.get_by_label("Basis").select_option(label="Lease value")
    page.get_by_label("Amount").fill("31,400")
    page.get_by_label("Valued by the").select_option(label="Donor")
    page.get_by_label("Their name").fill("Vince Marullo")
    page.get_by_label("Valued on").fill("2026-01-05")
    page.get_by_role("button", name="Save value").click()
    page.get_by_role("link", name="Add evidence").click()
    statement = FilePayload(name="lease.pdf", mimeType="application/pdf", buffer=PDF)
    page.get_by_label("File").set_input_files(statement)
    page.get_by_label("Title").fill("Their statement")
    page.get_by_role("button", name="Add evidence").click()
    expect(page.locator("#value")).to_contain_text("$31,400")
    expect(page.locator("#value")).to_contain_text("Their statement")


def move(page: Page, stage: str) -> None:
    page.get_by_role("link", name="Next stage").click()
    page.get_by_label("Stage").select_option(label=stage)
    page.get_by_role("button", name="Change stage").click()
    expect(page.locator(".page-meta")).to_contain_text(stage)


def thank(page: Page, mailbox: Mailbox, act: str, subject: str) -> None:
    """Nothing leaves before somebody has read it and lets it out; no value is in it."""
    sent = len(mailbox.to(GIVER))
    page.get_by_role("link", name=f"Thanks for its {act}").click()
    expect(page.locator("#letter")).to_contain_text(subject)
    page.get_by_role("button", name="Release this letter").click()
    wait_for(lambda: len(mailbox.to(GIVER)) > sent)
    letter = mailbox.to(GIVER)[-1]
    assert letter["Subject"] == f"{subject}: {LATHE}"
    assert "31,400" not in letter.get_body(("plain",)).get_content()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_from_the_offer_to_the_return(visit, mailbox):
    page = visit("director")
    address = record_the_offer(page)
    value_it(page)
    move(page, "Accepted")
    thank(page, mailbox, "acceptance", "Thank you for the loan")
    move(page, "Delivered")
    move(page, "In use")
    faults = faults_of(page, "factory-1-contribution")
    shoot(page, "factory-1-in-use")
    move(page, "Returned")
    thank(page, mailbox, "return", "Back with you, and thank you")
    expect(page.get_by_role("link", name="Next stage")).to_have_count(0)
    for place in ("", "/participations", "/contributions", "/facilities/1"):
        page.goto(f"/office/engagements{place}")
        faults += faults_of(page, "factory-2")
    page.goto("/office/engagements/contributions?q=turning")
    expect(page.get_by_role("row", name=re.compile("Lease value 1 USD"))).to_contain_text("$31,400")
    faculty = visit("faculty", theme="dark")
    faculty.goto(address)
    expect(faculty.locator("main")).to_contain_text("Returned")
    expect(faculty.locator("main")).not_to_contain_text("31,400")
    expect(faculty.locator("main")).not_to_contain_text("Their statement")
    shoot(faculty, "factory-3-faculty")
    assert not faults, "\n".join(faults)
