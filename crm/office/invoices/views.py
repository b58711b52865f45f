"""The list of invoices and the page of each."""

from __future__ import annotations

import io
from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from crm.accounts.policy import Permission as P
from crm.invoices import queries, settings
from crm.invoices.rules import InvoicingWay, State
from crm.invoices.search import SORTS, InvoiceSearch, totals
from crm.invoices.settings import DuesSettings
from crm.kit.money import Money
from crm.kit.pages import page_of
from crm.memberships.queries import name_of_company
from crm.office.invoices.story import noun, story
from crm.reports import bills
from crm.web import programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.exports import csv_response, file_response, xlsx_response
from crm.web.here import files
from crm.web.session import the_viewer

pages = Pages("invoices", __name__, url_prefix="/office")

LIST = "/office/invoices"
HEADINGS = (
    "Number", "Finance number", "Company", "PO number", "State", "Way", "Issued on", "Due on",
    "Currency", "Net", "Tax", "Amount", "Paid", "Credited", "Owed", "Blocker", "Promised for",
    "Sent on", "Company id", "Membership id", "Invoice id",
)  # fmt: skip
COLUMNS: list[tuple[str, str | None, str]] = [
    ("Number", "number", ""),
    ("Company", "company", ""),
    ("State", None, ""),
    ("Issued on", "issued", ""),
    ("Due on", "due", ""),
    ("Amount", None, "n"),
    ("Owed", None, "n"),
]
WAYS = {InvoicingWay.CENTRAL: "Billing requests", InvoicingWay.OWN: "Our own invoices"}


def dues() -> DuesSettings:
    """How the programme bills, as last loaded."""
    return settings.of_facts(programme.current().facts)


@pages.get("/invoices", needs=P.INVOICES_READ)
def index() -> ResponseReturnValue:
    search = _search()
    page = page_of(db.session(), search.select(), number=query.page())
    filtered = bool(search.text or search.state or search.way or search.company_id)
    return render_template(
        "office/invoices/index.html",
        search=search,
        page=page,
        rows=[_row(row) for row in page.items],
        totals=totals(db.session(), search),
        columns=COLUMNS,
        states=[(state.value, state.value.capitalize()) for state in State],
        ways=[(way.value, words) for way, words in WAYS.items()],
        company=name_of_company(db.session(), search.company_id) if search.company_id else None,
        noun=noun(dues().invoicing),
        clear=LIST if filtered else "",
        exports=files(LIST),
    )


@pages.get("/invoices.csv", needs=P.INVOICES_READ)
def index_csv() -> Response:
    return csv_response("invoices", HEADINGS, _search().select(), viewer=the_viewer(), shape=_cells)


@pages.get("/invoices.xlsx", needs=P.INVOICES_READ)
def index_xlsx() -> Response:
    return xlsx_response(
        "invoices", HEADINGS, _search().select(), viewer=the_viewer(), shape=_cells
    )


@pages.get("/invoices/<quoted:number>", needs=P.INVOICES_READ)
def show(number: str) -> ResponseReturnValue:
    invoice = queries.numbered(db.session(), number)
    told = story(db.session(), invoice, the_viewer(), programme.today(), dues())
    return render_template("office/invoices/show.html", **told)


@pages.get("/invoices/drafts/<id:invoice_id>", needs=P.INVOICES_READ)
def draft(invoice_id: int) -> ResponseReturnValue:
    """A draft has no number yet; what is issued since is shown under its own."""
    invoice = queries.get(db.session(), invoice_id)
    if invoice.number is not None:
        return redirect(url_for("invoices.show", number=invoice.number))
    told = story(db.session(), invoice, the_viewer(), programme.today(), dues())
    return render_template("office/invoices/show.html", **told)


@pages.get("/invoices/<quoted:number>.pdf", needs=P.INVOICES_READ)
def pdf(number: str) -> Response:
    invoice = queries.numbered(db.session(), number)
    head = bills.letterhead(db.session())
    paper = bills.invoice_paper(db.session(), head, invoice)
    return _file(paper, number)


@pages.get("/invoices/drafts/<id:invoice_id>.pdf", needs=P.INVOICES_READ)
def draft_pdf(invoice_id: int) -> Response:
    invoice = queries.get(db.session(), invoice_id)
    head = bills.letterhead(db.session())
    paper = bills.invoice_paper(db.session(), head, invoice)
    return _file(paper, invoice.number or f"draft-{invoice_id}")


@pages.get("/invoices/credits/<credit>.pdf", needs=P.INVOICES_READ)
def credit_pdf(credit: str) -> Response:
    note = queries.credit_numbered(db.session(), credit)
    head = bills.letterhead(db.session())
    return _file(bills.credit_paper(head, note.invoice, note), note.number)


def _file(paper: dict[str, Any], name: str) -> Response:
    (content,) = bills.typeset([paper])
    return file_response(io.BytesIO(content), name, "pdf")


def _search() -> InvoiceSearch:
    state, way = query.one_of("state", [*State]), query.one_of("way", [*InvoicingWay])
    return InvoiceSearch(
        today=programme.today(),
        text=query.text("q"),
        state=State(state) if state else None,
        way=InvoicingWay(way) if way else None,
        company_id=query.number("company"),
        sort=query.sort(SORTS, "-due"),
    )


def page_of_invoice(invoice_id: int, number: str | None) -> str:
    if number is None:
        return url_for("invoices.draft", invoice_id=invoice_id)
    return url_for("invoices.show", number=number)


def _row(row: Any) -> dict[str, Any]:
    total = row.net_minor + row.tax_minor
    owed = 0 if row.issued_on is None else total - row.paid_minor - row.credited_minor
    return {
        "url": page_of_invoice(row.id, row.number),
        "number": row.number or "Draft",
        "finance_number": row.finance_number,
        "company": row.company,
        "company_url": f"/office/companies/{row.company_id}",
        "state": row.state,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "amount": Money(total, row.currency),
        "owed": Money(owed, row.currency) if owed else None,
        "blocker": row.blocker,
    }


def _cells(row: Any) -> tuple[object, ...]:
    def money(minor: int) -> Money:
        return Money(minor, row.currency)

    total = row.net_minor + row.tax_minor
    owed = 0 if row.issued_on is None else total - row.paid_minor - row.credited_minor
    return (
        row.number, row.finance_number, row.company, row.po_number, row.state, row.way,
        row.issued_on, row.due_on, row.currency, money(row.net_minor), money(row.tax_minor),
        money(total), money(row.paid_minor), money(row.credited_minor), money(owed), row.blocker,
        row.promised_on, row.sent_on, row.company_id, row.membership_id, row.id,
    )  # fmt: skip
