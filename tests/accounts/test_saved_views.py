from __future__ import annotations

from crm.accounts import saved_views
from tests.conftest import NOW
from tests.racing import race


def test_of_many_clicks_at_once_one_view_is_kept(app, session, dana):
    view = {"page": "companies", "name": "Mine", "query": "", "shared": False}
    act = saved_views.save
    ends = race(app, [lambda own: act(own, **view, by=dana.actor, now=NOW)] * 4)
    assert [type(end) for end in ends if end is not None] == [saved_views.NameTaken] * 3
