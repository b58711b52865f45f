"""My companies: those I have to do with, and who else has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, render_template
from sqlalchemy import Row

from crm.accounts.policy import Permission as P
from crm.kit.pages import page_of
from crm.office.activities.views import pages
from crm.reports.my_companies import SORTS, MyCompanies
from crm.web import programme, query
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.here import files
from crm.web.session import the_viewer

LIST = "/office/my-companies"
HEADINGS = (
    "Company", "Sector", "Last contact on", "Kind", "By", "My last on", "About", "Next step",
    "Next step on", "Relationship manager", "Company id",
)  # fmt: skip


def _search() -> MyCompanies:
    return MyCompanies(
        viewer=the_viewer(),
        today=programme.today(),
        q=query.text("q"),
        sort=query.sort(SORTS, "name"),
    )


@pages.get("/my-companies", needs=P.TOUCHES_LOG)
def my_companies() -> str:
    search = _search()
    return render_template(
        "office/activities/my_companies.html",
        search=search,
        page=page_of(db.session(), search.select(), number=query.page(), counted=search.counted()),
        files=files(LIST),
    )


@pages.get("/my-companies.csv", needs=P.TOUCHES_LOG)
def my_companies_csv() -> Response:
    return _export(csv_response)


@pages.get("/my-companies.xlsx", needs=P.TOUCHES_LOG)
def my_companies_xlsx() -> Response:
    return _export(xlsx_response)


def _export(respond: Callable[..., Response]) -> Response:
    return respond("my-companies", HEADINGS, _search().select(), viewer=the_viewer(), shape=_cells)


def _cells(row: Row[Any]) -> Sequence[object]:
    return (
        row.name, row.sector, row.last_on, row.last_kind, row.last_by, row.mine_on, row.modes,
        row.step, row.step_on, row.owner, row.id,
    )  # fmt: skip
