from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import render_template
from flask.typing import ResponseReturnValue

from crm.accounts import queries as accounts
from crm.accounts.policy import Permission as P
from crm.journal.acts import ACTS
from crm.journal.queries import JournalSearch, page_before
from crm.office.telling import kind_words, tell
from crm.web import programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("journal", __name__, url_prefix="/office/journal")

LONGEST_WORD = 60
TOLD = (
    "affiliation", "clearance", "company", "company_domain", "export", "holding", "inquiry",
    "instalment", "letter", "membership", "opportunity", "person", "person_address", "programme",
    "seat", "task", "tier", "touch", "user", "user_role",
)  # fmt: skip
"""The kinds offered as a filter; the address bar takes any."""


@pages.get("", needs=P.JOURNAL_READ)
def index() -> ResponseReturnValue:
    viewer = the_viewer()
    everyone = viewer.may(P.JOURNAL_ALL)
    since, until = query.day("since"), query.day("until")
    search = JournalSearch(
        actor_id=query.number("actor") if everyone else viewer.id,
        kind=query.text("kind")[:LONGEST_WORD] or None,
        act=query.one_of("act", ACTS),
        since=_midnight(since) if since else None,
        before=_midnight(until + timedelta(days=1)) if until else None,
        confidential=viewer.may(P.CONFIDENTIAL_READ),
    )
    before_id = query.number("before")
    lines, older = page_before(db.session(), search, before_id=before_id)
    return render_template(
        "office/journal/index.html",
        told=tell(db.session(), lines, viewer=viewer, about=True),
        search=search,
        since=since,
        until=until,
        older=older,
        before_id=before_id,
        everyone=everyone,
        people=accounts.everyone(db.session()) if everyone else [],
        kinds=[(kind, kind_words(kind)) for kind in TOLD],
        acts=[(act, act) for act in sorted(ACTS, key=str.casefold)],
        values_shown=viewer.may(P.HISTORY_READ),
    )


def _midnight(day: date) -> datetime:
    """When the day begins, in the programme's zone."""
    return datetime.combine(day, time(), ZoneInfo(programme.current().zone))
