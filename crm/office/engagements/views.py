"""What companies do with us beside the alliance: the lists of facilities and participations."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, render_template, url_for

from crm.accounts.policy import Permission as P
from crm.kit.pages import page_of
from crm.office.engagements import scope
from crm.partnerships import facility_queries, queries, waiting
from crm.partnerships.facility_queries import FacilitySearch, ParticipationSearch
from crm.partnerships.rules import ParticipationKind
from crm.reports import facility_participations
from crm.web import programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.here import files
from crm.web.session import the_viewer

pages = Pages("engagements", __name__, url_prefix="/office/engagements")

MOST_ALARMS = 30
LIST = "/office/engagements/participations"


@pages.get("", needs=P.ENGAGEMENTS_READ)
def index() -> str:
    """The facilities, what of the contributions is due soon, and what thanks wait."""
    today, session = programme.today(), db.session()
    search = FacilitySearch(day=today, closed=query.one_of("show", ("open", "all")) == "all")
    due = session.execute(queries.due_soon(today).limit(MOST_ALARMS)).all()
    return render_template(
        "office/engagements/index.html",
        tabs=scope.tabs("engagements.index"),
        search=search,
        page=page_of(session, search.select(), number=query.page()),
        alarms=scope.alarm_lines(due, today),
        letters=waiting.letters(session, most=MOST_ALARMS)
        if the_viewer().may(P.MAIL_RELEASE)
        else (),
    )


def _participations() -> ParticipationSearch:
    kind = query.one_of("kind", tuple(ParticipationKind))
    return ParticipationSearch(
        day=programme.today(),
        q=query.text("q"),
        kind=ParticipationKind(kind) if kind else None,
        facility_id=query.number("facility"),
        show=query.one_of("show", ("now", "all")) or "now",
    )


@pages.get("/participations", needs=P.ENGAGEMENTS_READ)
def participations() -> str:
    search = _participations()
    return render_template(
        "office/engagements/participations.html",
        tabs=scope.tabs("engagements.participations"),
        search=search,
        page=page_of(db.session(), search.select(), number=query.page()),
        kinds=[(one.value, one.value.capitalize()) for one in ParticipationKind],
        facilities=[(id_, name) for id_, name in facility_queries.names(db.session())],
        clear=url_for("engagements.participations")
        if search != ParticipationSearch(day=search.day)
        else "",
        files=files(LIST),
        today=search.day,
    )


@pages.get("/participations.csv", needs=P.ENGAGEMENTS_READ)
def participations_csv() -> Response:
    return _export(csv_response)


@pages.get("/participations.xlsx", needs=P.ENGAGEMENTS_READ)
def participations_xlsx() -> Response:
    return _export(xlsx_response)


def _export(respond: Callable[..., Response]) -> Response:
    rows = _participations().select()
    headings = [column.heading for column in facility_participations.COLUMNS]
    return respond(
        "participations",
        headings,
        rows,
        viewer=the_viewer(),
        shape=facility_participations.cells,
    )
