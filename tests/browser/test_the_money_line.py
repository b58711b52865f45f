"""The money: a term is drafted, signed and kept, billed, paid in parts, and renewed."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import shoot
from tests.browser.test_the_whole_line import today
from tests.factories.memberships import PDF

COMPANY = "Moneyline Gears"


def done(page: Page, says: str) -> None:
    expect(page.locator(".flash").first).to_contain_text(says)


def draft(page: Page) -> None:
    page.goto("/office/companies/new")
    page.get_by_label("Name", exact=True).fill(COMPANY)
    page.get_by_role("button", name="Save company").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(COMPANY)
    page.goto("/office/memberships/new")
    page.get_by_role("combobox", name="Company").fill(COMPANY)
    page.get_by_label("Tier").select_option(label="Member")
    page.get_by_label("Starts on").fill(today().isoformat())
    page.get_by_label("Dues fall due").select_option("half-yearly")
    shoot(page, "money-1-draft")
    page.get_by_role("button", name="Start membership").click()
    expect(page.locator(".page-meta")).to_contain_text("Draft")


def sign(page: Page, paper: Path) -> None:
    page.get_by_role("button", name="Release for signature").click()
    for side in ("Company signed on", "We signed on"):
        form = page.locator("form", has=page.get_by_label(side))
        form.get_by_label(side).fill(today().isoformat())
        form.get_by_role("button").click()
        done(page, "The signature is recorded")
    page.get_by_role("link", name="Attach the signed agreement").click()
    page.get_by_label("File").set_input_files(paper)
    page.get_by_label("bears both signatures").check()
    page.get_by_role("button", name="Add agreement").click()
    expect(page.locator("#agreement")).to_contain_text("signed.pdf")
    expect(page.locator(".page-meta")).to_contain_text("Active")
    shoot(page, "money-2-signed")


def bill(page: Page) -> str:
    """Returns the number of the billing request."""
    page.get_by_role("button", name=re.compile("^Bill it")).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Draft")
    page.get_by_role("link", name="Edit draft").click()
    page.get_by_label("Purchase order").fill("PO-4711")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Issue billing request").click()
    number = page.get_by_role("heading", level=1).inner_text()
    assert re.fullmatch(r"REQ-\d{4}-\d{4}", number)
    page.get_by_role("link", name="Record finance's number").click()
    page.get_by_label("number").fill(f"F-{number}")
    page.get_by_role("button", name="Record").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF", exact=True).click()
    assert download.value.path().read_bytes().startswith(b"%PDF")
    shoot(page, "money-3-billed")
    return number


def pay(page: Page, number: str, amount: str) -> None:
    page.goto(f"/office/invoices/{number}")
    page.get_by_role("link", name="Record payment").click()
    page.get_by_label("Amount", exact=True).fill(amount)
    page.get_by_label("Received on").fill(today().isoformat())
    page.get_by_role("button", name="Propose anew").click()
    shoot(page, f"money-4-pay-{amount}")
    page.get_by_role("button", name="Record payment").click()
    done(page, "payment")


def test_from_the_draft_to_the_renewal(visit, tmp_path):
    paper = tmp_path / "signed.pdf"
    paper.write_bytes(PDF)
    director = visit("director")
    draft(director)
    membership = director.url
    sign(director, paper)
    number = bill(director)

    staff = visit("staff")
    pay(staff, number, "25000")
    staff.goto(f"/office/receivables?q={COMPANY}")
    expect(staff.get_by_role("row", name=re.compile(COMPANY))).to_contain_text("$100,000")
    pay(staff, number, "100500")
    staff.goto(f"/office/invoices/{number}")
    expect(staff.locator(".page-meta")).to_contain_text("Paid")
    staff.goto(f"/office/payments?q={COMPANY}")
    expect(staff.get_by_role("row", name=re.compile(r"100,500"))).to_contain_text("$500")

    director.goto(membership)
    director.get_by_role("link", name="Renew", exact=True).click()
    shoot(director, "money-5-renew")
    director.get_by_role("button", name="Draft the renewal").click()
    expect(director.locator(".page-meta")).to_contain_text("Draft")
    director.goto("/office/self-check")
    expect(director.locator(".flash").first).to_contain_text("hold")
    shoot(director, "money-6-self-check")
