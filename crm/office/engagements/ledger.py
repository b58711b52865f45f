"""The ledger of contributions as of a day: filtered, sorted, summed, taken along as it stands."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, render_template, url_for

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.kit.money import Money
from crm.kit.pages import page_of
from crm.office.engagements import scope
from crm.office.engagements.views import pages
from crm.partnerships import facility_queries, queries
from crm.partnerships.queries import SHOWN, SORTS, VALUE, ContributionSearch
from crm.partnerships.rules import Given, Kind
from crm.reports import contributions_ledger as ledger
from crm.web import programme, query
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.here import files
from crm.web.session import the_viewer

LIST = "/office/engagements/contributions"


def _search(*, money: bool) -> ContributionSearch:
    """Who may see no money does not learn from the order what is worth more."""
    kind, given = query.one_of("kind", tuple(Kind)), query.one_of("given", tuple(Given))
    return ContributionSearch(
        day=query.day("as_of") or programme.today(),
        q=query.text("q"),
        kind=Kind(kind) if kind else None,
        given=Given(given) if given else None,
        facility_id=query.number("facility"),
        company_id=query.number("company"),
        show=query.one_of("show", tuple(SHOWN)) or "all",
        sort=query.sort((*SORTS, VALUE) if money else SORTS, "company"),
    )


@pages.get("/contributions", needs=P.ENGAGEMENTS_READ)
def contributions() -> str:
    """Its sums for who may see money, by basis and currency."""
    session, today, money = db.session(), programme.today(), the_viewer().may(P.MONEY_READ)
    search = _search(money=money)
    page = page_of(session, search.select(money=money), number=query.page())
    return render_template(
        "office/engagements/contributions.html",
        tabs=scope.tabs("engagements.contributions"),
        search=search,
        page=page,
        amounts=[
            Money(row.amount_minor, row.currency) if row.currency else None for row in page.items
        ]
        if money
        else (),
        sums=queries.sums(session, search) if money else (),
        money=money,
        company=companies.get(session, search.company_id) if search.company_id else None,
        kinds=[(one.value, one.value.capitalize()) for one in Kind],
        ways=[(one.value, one.value.capitalize()) for one in Given],
        facilities=[(id_, name) for id_, name in facility_queries.names(session)],
        shown=[(word, word.capitalize()) for word in SHOWN],
        clear=url_for("engagements.contributions")
        if search != ContributionSearch(day=today, sort=search.sort)
        else "",
        files=files(LIST),
        today=today,
    )


@pages.get("/contributions.csv", needs=P.ENGAGEMENTS_READ)
def contributions_csv() -> Response:
    return _export(csv_response)


@pages.get("/contributions.xlsx", needs=P.ENGAGEMENTS_READ)
def contributions_xlsx() -> Response:
    return _export(xlsx_response)


def _export(respond: Callable[..., Response]) -> Response:
    """The columns of the report, the rows of the page."""
    viewer = the_viewer()
    money = viewer.may(P.MONEY_READ)
    search = _search(money=money)
    return respond(
        "contributions",
        [column.heading for column in ledger.columns(viewer)],
        search.select(money=money),
        viewer=viewer,
        shape=lambda row: ledger.cells(row, search.day, money=money),
    )
