"""What the browser gets: vendored files as packed, no inline style or script, nothing missing."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pytest

from crm.web.context import NAVIGATION

STATIC = Path("static")
TEMPLATES = sorted(Path("templates").rglob("*.html"))
FORBIDDEN = re.compile(
    r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=\"|\|\s*safe\b|javascript:"
)


def test_vendored_files_are_those_that_were_packed() -> None:
    vendor = STATIC / "vendor"
    listed = {}
    for line in (vendor / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split(maxsplit=1)
        listed[vendor / name] = digest
    found = {
        path: sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert found == listed


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_obeys_the_content_security_policy(path: Path) -> None:
    assert not FORBIDDEN.findall(path.read_text(encoding="utf-8"))


def test_the_style_sheet_names_only_files_that_are_there() -> None:
    named = re.findall(r'url\("((?!data:)[^"]+)"\)', (STATIC / "app.css").read_text())
    assert named
    assert [name for name in named if not (STATIC / name).is_file()] == []


def test_every_icon_named_in_a_template_is_drawn() -> None:
    drawn = set(re.findall(r"^\.i-([a-z]+)\{", (STATIC / "icons.css").read_text(), re.MULTILINE))
    named = {
        name
        for path in TEMPLATES
        for name in re.findall(r'class="i i-([a-z]+)"', path.read_text(encoding="utf-8"))
    }
    assert named - drawn == set()


def test_each_place_of_the_navigation_has_an_icon_of_its_own() -> None:
    drawn = set(re.findall(r"^\.i-([a-z]+)\{", (STATIC / "icons.css").read_text(), re.MULTILINE))
    icons = [place.icon for _, places in NAVIGATION for place in places]
    assert len(icons) == len(set(icons))
    assert set(icons) <= drawn
