"""One search over everything the viewer may find: a page, and lines for the palette."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.reports.acquaintances import people_of
from crm.reports.in_touch import known_by
from crm.search.queries import Scopes, find
from crm.search.rules import Kind
from crm.web import programme, query, session
from crm.web.access import Pages
from crm.web.database import db

pages = Pages("search", __name__, url_prefix="/office")

IN_PALETTE = 12
ON_PAGE = 50
NEEDS = {
    Kind.COMPANY: P.COMPANIES_READ,
    Kind.PERSON: P.PEOPLE_READ,
    Kind.MEMBERSHIP: P.MEMBERSHIPS_READ,
    Kind.OPPORTUNITY: P.PIPELINE_READ,
    Kind.WORKING_GROUP: P.COUNCIL_READ,
    Kind.MEETING: P.COUNCIL_READ,
    Kind.BALLOT: P.COUNCIL_READ,
    Kind.PROJECT: P.PROJECTS_READ,
    Kind.FACILITY: P.ENGAGEMENTS_READ,
    Kind.CONTRIBUTION: P.ENGAGEMENTS_READ,
    Kind.PARTNERSHIP: P.ENGAGEMENTS_READ,
}
PATHS = {
    Kind.COMPANY: "/office/companies/",
    Kind.PERSON: "/office/people/",
    Kind.MEMBERSHIP: "/office/memberships/",
    Kind.OPPORTUNITY: "/office/opportunities/",
    Kind.WORKING_GROUP: "/office/working-groups/",
    Kind.MEETING: "/office/meetings/",
    Kind.BALLOT: "/office/ballots/",
    Kind.PROJECT: "/office/projects/",
    Kind.FACILITY: "/office/engagements/facilities/",
    Kind.CONTRIBUTION: "/office/engagements/contributions/",
    Kind.PARTNERSHIP: "/office/engagements/partnerships/",
}
ICONS = {
    Kind.COMPANY: "company",
    Kind.PERSON: "person",
    Kind.MEMBERSHIP: "membership",
    Kind.OPPORTUNITY: "deal",
    Kind.WORKING_GROUP: "people",
    Kind.MEETING: "meeting",
    Kind.BALLOT: "check",
    Kind.PROJECT: "flag",
    Kind.FACILITY: "flag",
    Kind.CONTRIBUTION: "link",
    Kind.PARTNERSHIP: "deal",
}


@pages.get("/search", needs=P.SIGNED_IN)
def index() -> ResponseReturnValue:
    """With `part=palette` the bare lines."""
    viewer = session.viewer()
    assert viewer is not None  # signed in, or the page would not open
    text = query.text("q")
    bare = query.one_of("part", ("palette",)) is not None
    limit = IN_PALETTE if bare else ON_PAGE
    found, more = find(db.session(), text, scopes=scopes(viewer), limit=limit)
    companies = [result.record_id for result in found if result.kind is Kind.COMPANY]
    return render_template(
        "office/search/palette.html" if bare else "office/search/index.html",
        text=text,
        found=found,
        more=more,
        known_by=known_by(db.session(), companies, viewer) if companies else {},
        paths=PATHS,
        icons=ICONS,
    )


def scopes(viewer: Viewer) -> Scopes:
    """The kinds this viewer may find, and of people only those they may see."""
    kinds = [kind for kind, permission in NEEDS.items() if viewer.may(permission)]
    return {
        kind: people_of(viewer, programme.today()) if kind is Kind.PERSON else None
        for kind in kinds
    }
