"""No redirect leaves the house."""

from __future__ import annotations

import pytest

from crm.web.destinations import own_path
from tests.factories.accounts import PASSWORD, user

AWAY = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/ok\r\nSet-Cookie: a=b",
    "javascript:alert(1)",
    "office",
    "",
    " /office/",
    "/sign-in?next=/sign-in",
    "/sign-out",
    "/" + "a" * 3000,
    "/a\\..\\b",
    "///evil.example",
    "http:/evil.example",
    "/\x00/evil.example",
]


@pytest.mark.parametrize("given", AWAY)
def test_only_paths_of_our_own_are_followed(given):
    assert own_path(given, "/office/") == "/office/"


@pytest.mark.parametrize("given", ["/office/", "/office/companies?q=a&page=2#top", "/x?u=//a"])
def test_own_paths_are_kept(given):
    assert own_path(given, "/office/") == given


@pytest.mark.parametrize("given", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_sign_in_goes_nowhere_else(stranger, session, given):
    user(email="una@office.example")
    session.commit()
    hidden = stranger.get("/sign-in", query_string={"next": given}).hidden()
    assert hidden["next"] == "/office/"
    sent = {**hidden, "next": given, "email": "una@office.example", "password": PASSWORD}
    assert stranger.post("/sign-in", sent).location == "/office/"
