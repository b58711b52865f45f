"""Reports as pages and as files, each for a day."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, render_template, url_for
from flask.wrappers import Response

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies import queries as companies
from crm.reports import files, registry
from crm.reports.columns import VERY_LATE, Asked, Column, Kind, Report, Row, Section
from crm.reports.files import Made
from crm.web import clock, exports, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.query import BadQuery
from crm.web.session import the_viewer

pages = Pages("reports", __name__, url_prefix="/office/reports")

CLASSES = dict.fromkeys((Kind.MONEY, Kind.NUMBER, Kind.ID, Kind.PERCENT, Kind.LATE), "n")


def _invoice(number: object) -> str:
    return url_for("invoices.show", number=str(number))


LINKS: dict[str, tuple[str, Callable[[object], str]]] = {
    "Ballot": ("Ballot id", "/office/ballots/{}".format),
    "Facility": ("Facility id", "/office/engagements/facilities/{}".format),
    "Contribution": ("Contribution id", "/office/engagements/contributions/{}".format),
    "Company": ("Company id", "/office/companies/{}".format),
    "Invoice": ("Invoice", _invoice),
    "Project": ("id", "/office/projects/{}".format),
    "Tier": ("Membership id", "/office/memberships/{}".format),
    "What": ("Link", str),
}
"""The column that says where another one leads, and how."""


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
    groups = files.grouped(made)
    company_id = made.company_id
    return render_template(
        "office/reports/show.html",
        made=made,
        heads=_heads(made.columns),
        groups=[
            (group.title, [_line(made.columns, row) for row in group.rows], group.sums[1:])
            for group in groups
        ],
        sections=sections_of(made.sections),
        company=None if company_id is None else companies.get(db.session(), company_id),
        sums=list(files.sums(made))[1:],
        bars=made.report.chart(made.rows),
        today=programme.today(),
        year_end=date(programme.today().year - 1, 12, 31),
    )


@pages.get("/<name>.<any(csv, xlsx, pdf):ending>", needs=P.REPORTS_READ)
def export(name: str, ending: str) -> Response:
    viewer = the_viewer()
    report = _report(name, viewer)  # a refusal leaves no entry in the journal
    _asked(report, viewer)
    exports.note_export(f"{name}.{ending}", viewer)
    made = _made(name)
    content = files.FORMATS[ending](made)
    return exports.file_response(io.BytesIO(content), made.name, ending)


def sections_of(sections: Iterable[Section]) -> list[tuple[Section, Any, Any, Any]]:
    """Each with its headings, its lines and the sums of its columns, as `cells` draws them."""
    return [
        (
            section,
            _heads(section.columns),
            [_line(section.columns, row) for row in section.rows],
            list(files.sums_of(section.columns, section.rows))[1:],
        )
        for section in sections
    ]


def _heads(columns: Sequence[Column]) -> list[tuple[str, None, str]]:
    return [(c.heading, None, CLASSES.get(c.kind, "")) for c in columns if c.kind is not Kind.ID]


def _line(columns: Sequence[Column], row: Row) -> list[tuple[str, str, str]]:
    """Kind, text and address of each cell; a cell that names a record leads to it.

    Ids are for files, where one table is joined with another; here they are in the addresses.
    """
    by_heading = dict(zip((column.heading for column in columns), row, strict=True))
    line = []
    for column, cell in zip(columns, row, strict=True):
        named, address = LINKS.get(column.heading, ("", str))
        leads = by_heading.get(named)
        kind = column.kind
        if kind is Kind.ID:
            continue
        if kind is Kind.LATE and isinstance(cell, int) and cell <= VERY_LATE:
            kind = Kind.NUMBER
        line.append(
            (
                kind.value,
                files.shown(cell),
                address(leads) if leads and cell else "",
            )
        )
    return line


def _made(name: str) -> Made:
    viewer = the_viewer()
    shown, report = programme.current(), _report(name, viewer)
    return files.make(
        report,
        db.session(),
        asked=_asked(report, viewer),
        programme=shown.name,
        run_at=clock.now().astimezone(ZoneInfo(shown.zone)),
    )


def _asked(report: Report, viewer: Viewer) -> Asked:
    """Raises `BadQuery`, and `NotFound` for a company there is not."""
    day = query.day("as_of") or programme.today()
    since = query.day("since") if report.tells_changes else None
    if since is not None and since > day:
        raise BadQuery("“since” lies after “as_of”: give the first day, then the last.")
    company_id = query.number("company") if report.of_company else None
    if company_id is not None:
        companies.get(db.session(), company_id)
    return Asked(day=day, viewer=viewer, since=since, company_id=company_id)


def _report(name: str, viewer: Viewer) -> Report:
    report = registry.get(name)
    if not viewer.may(report.needs):
        abort(403)
    return report
