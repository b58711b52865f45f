"""The pictures of the guides. `make pictures` draws them anew; every run checks that it could."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SCREENSHOTS
from tests.servers import ROOT

GUIDES = ROOT / "docs" / "guide"
SHOWN = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Picture:
    """`name` is the file's; `open` a link on the page that leads on to what is shown, `then`
    one on the next."""

    name: str
    role: str | None
    path: str
    open: str | None = None
    then: str | None = None


PICTURES = (
    Picture("public", None, "/"),
    Picture("home", "director", "/office/"),
    Picture("inquiry", "director", "/office/inquiries", "Bellweather Assembly"),
    Picture("pipeline", "director", "/office/pipeline"),
    Picture("opportunity", "director", "/office/pipeline?display=table", "Sable Point Batteries"),
    Picture("membership", "director", "/office/memberships", "Northlake Turbine Works"),
    Picture("council", "director", "/office/council"),
    Picture("renewals", "director", "/office/renewals"),
    Picture("renewal", "director", "/office/renewals", "Verano Semiconductor"),
    Picture("dossier", "director", "/office/companies?q=verano", "Verano Semiconductor", "Dossier"),
    Picture("self-check", "director", "/office/self-check"),
    Picture("company", "staff", "/office/companies?q=halvorsen", "Halvorsen Bearings AS"),
    Picture("invoices", "staff", "/office/invoices"),
    Picture("invoice", "staff", "/office/invoices?state=overdue", "REQ-"),
    Picture("receivables", "staff", "/office/receivables"),
    Picture("roll", "staff", "/office/reports/membership-roll"),
    Picture("faculty", "faculty", "/office/companies?q=halvorsen", "Halvorsen Bearings AS"),
    Picture("map", "faculty", "/office/challenges"),
    Picture("users", "admin", "/office/users"),
)


def take(page: Page, picture: Picture, folder: Path) -> Path:
    page.set_viewport_size(SHOWN)  # type: ignore[arg-type]
    response = page.goto(picture.path)
    assert response is not None
    assert response.ok, f"{response.status} at {picture.path}"
    for link in filter(None, (picture.open, picture.then)):
        page.locator("main").get_by_role("link", name=re.compile(f"^{link}")).first.click()
        page.wait_for_load_state()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    path = folder / f"{picture.name}.jpg"
    page.screenshot(path=path, type="jpeg", quality=80)
    return path


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # looks are the same on both
def test_every_picture_of_the_guides_can_be_taken(visit):
    folder = Path(os.environ.get("PICTURES") or SCREENSHOTS / "guide")
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str | None, Page] = {}
    for picture in PICTURES:
        if picture.role not in pages:
            pages[picture.role] = visit(picture.role)
        assert take(pages[picture.role], picture, folder).stat().st_size > 10_000


def test_the_guides_show_these_pictures_and_no_others():
    shown = {
        name
        for guide in GUIDES.glob("*.md")
        for name in re.findall(r"\]\(([\w-]+)\.jpg\)", guide.read_text("utf-8"))
    }
    assert shown == {picture.name for picture in PICTURES}
    assert {path.stem for path in GUIDES.glob("*.jpg")} == shown
