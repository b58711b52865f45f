"""No dead ends: whatever a page links to opens, for whoever sees the link."""

from __future__ import annotations

from collections import Counter, deque

import pytest

from tests.browser.test_every_page import NOT_PAGES, kind_of, links_of

OF_EACH_KIND = 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # links are the same on both
@pytest.mark.parametrize("role", ["director", "staff", "faculty", "reader", "admin"])
def test_every_link_opens(visit, role):
    request = visit(role).request
    ahead = deque([("/office/", "the sign-in")])
    kinds = Counter()
    dead = []
    while ahead:
        address, seen_on = ahead.popleft()
        answer = request.get(address)
        if answer.status >= 400:
            dead.append(f"{answer.status} at {address}, linked from {seen_on}")
            continue
        for target in links_of(answer.text(), address):
            kind = kind_of(target)
            if kinds[kind] < OF_EACH_KIND and not NOT_PAGES.search(kind):
                kinds[kind] += 1
                ahead.append((target, address))
    assert not dead, "\n".join(dead)
    assert len(kinds) > 10
