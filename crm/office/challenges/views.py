"""The challenge map, one challenge, and whom to introduce to whom."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, render_template

from crm.accounts.policy import Permission as P
from crm.kit import csv, xlsx
from crm.kit.pages import page_of
from crm.office.challenges import lines, links
from crm.office.challenges.filter import choices
from crm.programme import queries as programmes
from crm.reports.challenges import introductions, met
from crm.reports.challenges.ahead import AheadSearch
from crm.reports.challenges.introductions import Introductions
from crm.reports.challenges.map import challenge_map
from crm.reports.challenges.rules import Part
from crm.web import exports, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("challenges", __name__, url_prefix="/office/challenges")

BEST = 5
"""Companies with whom to introduce to them, beside the map."""


@pages.get("", needs=P.COMPANIES_READ)
def index() -> str:
    viewer, today = the_viewer(), programme.today()
    as_of = query.day("as_of")
    told = challenge_map(db.session(), day=as_of or today, today=today, viewer=viewer)
    best = None
    if as_of is None or as_of == today:
        asked = Introductions(viewer=viewer, today=today)
        _, best = introductions.page(db.session(), asked, number=1, size=BEST)
    return render_template(
        "office/challenges/index.html",
        columns=[(part.value.capitalize(), None, "n") for part in Part],
        rows=[(line, links.cells(line, as_of)) for line in told.lines],
        missing=[
            (line, links.SAYS[part], links.remedy(part, line.challenge, viewer))
            for line in told.lines
            for part in line.gaps
        ],
        nowhere=links.nowhere(told.nowhere, as_of),
        as_of=as_of,
        day=as_of or today,
        pairs=None if best is None else lines.pairs(best, viewer),
        months=met.MONTHS,
    )


@pages.get("/<key>", needs=P.COMPANIES_READ)
def show(key: str) -> str:
    """One challenge: its numbers, what it lacks, and what lies ahead."""
    viewer, today, session = the_viewer(), programme.today(), db.session()
    challenge = programmes.find_challenge(session, key)
    as_of = query.day("as_of")
    day = as_of or today
    line = next(
        (
            one
            for one in challenge_map(session, day=day, today=today, viewer=viewer).lines
            if one.challenge.id == challenge.id
        ),
        None,
    )
    coming = AheadSearch(day=day, challenge_id=challenge.id)
    return render_template(
        "office/challenges/show.html",
        challenge=challenge,
        tiles=links.cells(line, as_of) if line else (),
        missing=[
            (links.SAYS[part], links.remedy(part, challenge, viewer))
            for part in (line.gaps if line else ())
        ],
        page=page_of(session, coming.select(), number=query.page()),
        addresses={"meeting": "/office/meetings/", "project": "/office/projects/"},
        as_of=as_of,
        day=day,
    )


@pages.get("/introductions", needs=P.COMPANIES_READ)
def introduce() -> str:
    search = _asked()
    page, found = introductions.page(db.session(), search, number=query.page())
    company, person = introductions.about(db.session(), search)
    return render_template(
        "office/challenges/introductions.html",
        search=search,
        page=page,
        pairs=lines.pairs(found, search.viewer),
        challenges=choices(search.challenge_id),
        company=company,
        person=person,
        kept=_kept(search),
        months=met.MONTHS,
    )


@pages.get("/introductions.<any(csv, xlsx):ending>", needs=P.COMPANIES_READ)
def export(ending: str) -> Response:
    """Every company with whom to introduce to it, as on the pages."""
    search = _asked()
    exports.note_export(f"introductions.{ending}", search.viewer)
    found = lines.cells(introductions.all_of(db.session(), search))
    file = io.BytesIO()
    if ending == "csv":
        file.write("".join(csv.stream(lines.HEADINGS, found)).encode())
    else:
        xlsx.write(file, xlsx.Sheet(name="Introductions", headings=lines.HEADINGS, rows=found))
    return exports.file_response(file, "introductions", ending)


def _asked() -> Introductions:
    return Introductions(
        viewer=the_viewer(),
        today=programme.today(),
        challenge_id=query.number("challenge"),
        company_id=query.number("company"),
        person_id=query.number("person"),
    )


def _kept(search: Introductions) -> dict[str, Any]:
    """The filters that one does not choose on the page."""
    kept = {"company": search.company_id, "person": search.person_id}
    return {name: id_ for name, id_ in kept.items() if id_ is not None}
