"""The voice of a member: a seat is proposed and handed over, the council meets and votes, a group
publishes."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import shoot
from tests.browser.test_the_whole_line import today
from tests.mailserver import Mailbox
from tests.servers import wait_for

BALLOT = "A second day in spring"


def confirm_the_proposal(page: Page) -> None:
    """Casco's champion has left; the demo has somebody proposed."""
    page.goto("/office/council")
    row = page.get_by_role("row", name=re.compile("Casco Biologics"))
    expect(row).to_contain_text("Vacant")
    row.get_by_role("link", name=re.compile("own seat")).click()
    page.get_by_role("button", name=re.compile("^Confirm")).click()
    expect(page.locator("#representative")).to_contain_text("Dev Patel")
    shoot(page, "council-1-seat")


def hand_over(page: Page) -> None:
    page.goto("/office/council")
    row = page.get_by_role("row", name=re.compile("Orrin & Vale"))
    row.get_by_role("link", name=re.compile("own seat")).click()
    alternate = page.locator("#alternate")
    alternate.get_by_role("link", name="Step down").click()
    page.get_by_role("button", name="Step down").click()
    page.locator("#representative").get_by_role("link", name="Hand over").click()
    page.get_by_label("Person").select_option(label="Arturo Benavides, Head of the Vale School")
    page.get_by_label("From").fill((today() + timedelta(days=20)).isoformat())
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("#chain")).to_contain_text("Arturo Benavides")
    shoot(page, "council-2-handed-over")


def meet(page: Page) -> None:
    page.goto("/office/council/meetings")
    page.get_by_role("link", name="Plan a meeting").first.click()
    page.get_by_label("Title").fill("Extraordinary meeting")
    page.get_by_label("Day", exact=True).fill((today() - timedelta(days=1)).isoformat())
    page.get_by_label("Starts at").fill("14:00")
    page.get_by_label("Ends at").fill("15:30")
    page.get_by_role("button", name="Plan").click()
    page.get_by_role("link", name="Add an item").click()
    page.get_by_label("Item").fill("A second day?")
    page.get_by_role("button", name="Add to the agenda").click()
    page.get_by_role("link", name="Attendance", exact=True).click()
    page.get_by_role("button", name="Put them on the list").click()
    for person in ("Ruth Adeyemi", "Haruka Aoki"):
        page.get_by_label(f"Attendance of {person}").select_option("present")
    page.get_by_role("button", name="Save list").click()
    page.get_by_role("link", name="Write", exact=True).click()
    page.get_by_label("Minutes").fill("# A second day\n\nThe council **votes by letter**.")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("link", name="Write one down").click()
    page.get_by_label("What was decided").fill("The council votes by letter.")
    page.get_by_role("button", name="Write the decision down").click()
    page.locator("#minutes summary").click()
    page.get_by_label("Approve without them").check()
    page.get_by_role("button", name="Approve the minutes").click()
    expect(page.locator("#minutes")).to_contain_text("Approved on")
    shoot(page, "council-3-met")


def call_the_vote(page: Page) -> str:
    """Returns the address of the open ballot."""
    page.goto("/office/ballots")
    page.get_by_role("link", name="Draft a ballot").click()
    page.get_by_label("Body").select_option(label="Industry Leadership Council")
    page.get_by_label("Title").fill(BALLOT)
    page.get_by_label("Closes on").fill((today() + timedelta(days=14)).isoformat())
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Open the ballot").click()
    page.get_by_role("button", name="Open the ballot").click()
    expect(page.locator(".page-meta")).to_contain_text("Open")
    address = page.url
    page.get_by_role("link", name=re.compile("Invitation")).click()
    page.get_by_role("button", name=re.compile("letters? out|Release")).click()
    shoot(page, "council-4-ballot")
    return address


def vote(page: Page, mailbox: Mailbox, whose: str) -> None:
    """By the personal link of the letter, as somebody who has no account."""
    wait_for(lambda: mailbox.to(whose))
    text = mailbox.to(whose)[-1].get_body(("plain",)).get_content()
    found = re.search(r"/vote/\S+", text)
    assert found is not None
    page.goto(found[0])
    expect(page.locator("main")).to_contain_text("Northlake Turbine Works")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name=re.compile("Next|Look|Continue")).click()
    shoot(page, "council-5-vote")
    page.get_by_role("button", name=re.compile("Cast|Yes")).click()
    page.goto(found[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Your vote is cast")


def publish(page: Page) -> None:
    page.goto("/office/working-groups")
    page.get_by_role("link", name="Digital castings").first.click()
    page.get_by_role("link", name="Roadmap on digital castings").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Where it is published").fill("https://roadmap.example/castings")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Change stage").click()
    page.get_by_label("Stage").select_option("published")
    page.get_by_role("button", name="Change stage").click()
    expect(page.locator("main")).to_contain_text("Published")
    shoot(page, "council-6-published")


def test_from_the_seat_to_the_roadmap(visit, mailbox):
    director = visit("director")
    confirm_the_proposal(director)
    hand_over(director)
    meet(director)
    ballot = call_the_vote(director)
    vote(visit(size="phone"), mailbox, "ruth.adeyemi@northlake.example")
    director.goto(ballot)
    row = director.get_by_role("row", name=re.compile("Northlake"))
    expect(row).to_contain_text("Voted")
    publish(director)
    faculty = visit("faculty", theme="dark")
    later = (today() + timedelta(days=60)).isoformat()
    faculty.goto(f"/office/council?as_of={later}")
    expect(faculty.get_by_role("row", name=re.compile("Casco"))).to_contain_text("Dev Patel")
    shoot(faculty, "council-7-faculty")
