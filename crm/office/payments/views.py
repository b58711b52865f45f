"""The list of payments and the page of each."""

from __future__ import annotations

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue
from flask.wrappers import Response

from crm.accounts.policy import Permission as P
from crm.invoices import queries
from crm.invoices.payment_models import Payment
from crm.invoices.search import PAYMENT_SORTS, PaymentSearch, payment_totals
from crm.journal.queries import history_of
from crm.kit.money import Money
from crm.kit.pages import page_of
from crm.memberships.queries import name_of_company
from crm.office.history import told
from crm.web import query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.here import files
from crm.web.session import the_viewer

pages = Pages("payments", __name__, url_prefix="/office")

LIST = "/office/payments"
HEADINGS = (
    "Received on", "Company", "Reference", "Currency", "Amount", "Allocated", "Not used",
    "Struck on", "Reason", "Recorded by", "Company id", "Payment id",
)  # fmt: skip
COLUMNS: list[tuple[str, str | None, str]] = [
    ("Received on", "received", ""),
    ("Company", "company", ""),
    ("Reference", None, ""),
    ("Amount", None, "n"),
    ("Not used", None, "n"),
]
SHOWN = {
    "standing": "Standing",
    "credit": "With something left",
    "struck": "Struck",
}


@pages.get("/payments", needs=P.INVOICES_READ)
def index() -> ResponseReturnValue:
    search = _search()
    page = page_of(db.session(), search.select(), number=query.page())
    filtered = bool(search.text or search.show or search.company_id or search.bank_import_id)
    return render_template(
        "office/payments/index.html",
        search=search,
        page=page,
        rows=[_row(row) for row in page.items],
        totals=payment_totals(db.session(), search),
        columns=COLUMNS,
        shows=list(SHOWN.items()),
        company=name_of_company(db.session(), search.company_id) if search.company_id else None,
        clear=LIST if filtered else "",
        exports=files(LIST),
    )


@pages.get("/payments.csv", needs=P.INVOICES_READ)
def index_csv() -> Response:
    return csv_response("payments", HEADINGS, _search().select(), viewer=the_viewer(), shape=_cells)


@pages.get("/payments.xlsx", needs=P.INVOICES_READ)
def index_xlsx() -> Response:
    return xlsx_response(
        "payments", HEADINGS, _search().select(), viewer=the_viewer(), shape=_cells
    )


@pages.get("/payments/<id:payment_id>", needs=P.INVOICES_READ)
def show(payment_id: int) -> ResponseReturnValue:
    viewer = the_viewer()
    payment = queries.get_payment(db.session(), payment_id)
    uses = queries.uses_of(db.session(), payment_id)
    return render_template(
        "office/payments/show.html",
        payment=payment,
        uses=[
            (use.allocated_on, number, Money(use.amount_minor, payment.currency), use.by_name)
            for use, number in uses
        ],
        settles=_settles(payment, uses),
        open_=payment.struck_on is None and viewer.may(P.PAYMENTS_RECORD),
        history=told(
            history_of(
                db.session(),
                [("payment", payment.id)],
                confidential=viewer.may(P.CONFIDENTIAL_READ),
            ),
            {},
            payment.currency,
        )
        if viewer.may(P.HISTORY_READ)
        else None,
    )


def _settles(payment: Payment, uses: Any) -> list[tuple[int, str, Money]]:
    """(id, number, how much) of the invoices it settles now."""
    sums: dict[tuple[int, str], int] = {}
    for use, number in uses:
        if use.invoice_id is not None:
            key = (use.invoice_id, number)
            sums[key] = sums.get(key, 0) + use.amount_minor
    return [
        (id_, number, Money(minor, payment.currency))
        for (id_, number), minor in sums.items()
        if minor > 0
    ]


def _search() -> PaymentSearch:
    return PaymentSearch(
        text=query.text("q"),
        show=query.one_of("show", SHOWN) or "",
        company_id=query.number("company"),
        bank_import_id=query.number("list"),
        sort=query.sort(PAYMENT_SORTS, "-received"),
    )


def _row(row: Any) -> dict[str, Any]:
    left = 0 if row.struck_on else row.amount_minor - row.allocated_minor
    return {
        "url": f"{LIST}/{row.id}",
        "received_on": row.received_on,
        "company": row.company,
        "company_url": f"/office/companies/{row.company_id}/billing",
        "reference": row.reference,
        "amount": Money(row.amount_minor, row.currency),
        "left": Money(left, row.currency) if left else None,
        "struck_on": row.struck_on,
    }


def _cells(row: Any) -> tuple[object, ...]:
    left = 0 if row.struck_on else row.amount_minor - row.allocated_minor
    return (
        row.received_on, row.company, row.reference, row.currency,
        Money(row.amount_minor, row.currency), Money(row.allocated_minor, row.currency),
        Money(left, row.currency), row.struck_on, row.struck_reason, row.by_name,
        row.company_id, row.id,
    )  # fmt: skip
