"""The saved views above a list page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request

from crm.accounts import saved_views
from crm.accounts.policy import Permission as P
from crm.accounts.saved_views import Shown
from crm.web.database import db
from crm.web.session import the_viewer

PATHS = {
    "companies": "/office/companies",
    "people": "/office/people",
    "pipeline": "/office/pipeline",
}
NEEDS = {
    "companies": P.COMPANIES_READ,
    "people": P.PEOPLE_READ,
    "pipeline": P.PIPELINE_READ,
}
"""The pages that have them, and what opens each. An address is never taken from what was saved."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    page: str
    path: str
    query: str
    """The present filters, as a view would keep them."""
    views: Sequence[Shown]
    may_save: bool


def bar(page: str) -> Bar:
    """What the present viewer sees above the page. One SELECT."""
    viewer = the_viewer()
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != "page" and pair[1]]
    return Bar(
        page=page,
        path=PATHS[page],
        query=urlencode(asked),
        views=saved_views.of_page(db.session(), page, viewer.id),
        may_save=viewer.may(P.VIEWS_SAVE),
    )
