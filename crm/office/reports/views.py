"""Reports as pages and as files, each for a day."""

from __future__ import annotations

import io
from datetime import date
from zoneinfo import ZoneInfo

from flask import abort, render_template
from flask.wrappers import Response

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.reports import files, registry
from crm.reports.columns import Kind, Report, Row
from crm.reports.files import Made
from crm.web import clock, exports, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("reports", __name__, url_prefix="/office/reports")

CLASSES = {Kind.MONEY: "n", Kind.NUMBER: "n", Kind.ID: "n"}
LINKS = {
    "Company": ("Company id", "/office/companies/"),
    "Tier": ("Membership id", "/office/memberships/"),
}
"""The column whose id says where another one leads."""


@pages.get("", needs=P.REPORTS_READ)
def index() -> str:
    viewer = the_viewer()
    return render_template(
        "office/reports/index.html",
        reports=[report for report in registry.REPORTS.values() if viewer.may(report.needs)],
        today=programme.today(),
    )


@pages.get("/<name>", needs=P.REPORTS_READ)
def show(name: str) -> str:
    made = _made(name)
    return render_template(
        "office/reports/show.html",
        made=made,
        heads=[(column.heading, None, CLASSES.get(column.kind, "")) for column in made.columns],
        lines=[_line(made, row) for row in made.rows],
        sums=list(files.sums(made))[1:],
        bars=made.report.chart(made.rows),
        today=programme.today(),
        year_end=date(programme.today().year - 1, 12, 31),
    )


@pages.get("/<name>.<any(csv, xlsx, pdf):ending>", needs=P.REPORTS_READ)
def export(name: str, ending: str) -> Response:
    viewer = the_viewer()
    _report(name, viewer)  # a refusal leaves no entry in the journal
    query.day("as_of")
    exports.note_export(f"{name}.{ending}", viewer)
    made = _made(name)
    content = files.FORMATS[ending](made)
    return exports.file_response(io.BytesIO(content), made.name, ending)


def _line(made: Made, row: Row) -> list[tuple[str, str, str]]:
    """Kind, text and address of each cell; a cell that names a record leads to it."""
    by_heading = dict(zip((column.heading for column in made.columns), row, strict=True))
    return [
        (
            column.kind.value,
            files.shown(cell),
            f"{LINKS[column.heading][1]}{by_heading[LINKS[column.heading][0]]}"
            if column.heading in LINKS and LINKS[column.heading][0] in by_heading
            else "",
        )
        for column, cell in zip(made.columns, row, strict=True)
    ]


def _made(name: str) -> Made:
    viewer = the_viewer()
    shown = programme.current()
    return files.make(
        _report(name, viewer),
        db.session(),
        day=query.day("as_of") or programme.today(),
        viewer=viewer,
        programme=shown.name,
        run_at=clock.now().astimezone(ZoneInfo(shown.zone)),
    )


def _report(name: str, viewer: Viewer) -> Report:
    report = registry.get(name)
    if not viewer.may(report.needs):
        abort(403)
    return report
