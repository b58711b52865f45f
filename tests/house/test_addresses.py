"""An address that was ever given out keeps working, or redirects."""

from __future__ import annotations

from pathlib import Path

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

GIVEN_OUT = [
    line.split(maxsplit=1)
    for line in (Path(__file__).parent / "addresses.txt").read_text().splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("method", "address"), GIVEN_OUT, ids=lambda part: str(part))
def test_an_address_does_not_vanish(the_app, method, address):
    why = ""
    try:
        found, _ = the_app.url_map.bind("localhost").match(address, method)
    except RequestRedirect as sent_on:
        found = sent_on.new_url
    except HTTPException as gone:
        found = None
        why = gone.name
    assert found, f"{why}: redirect {method} {address} to where its page is now"
