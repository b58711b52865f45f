"""Receivables as of a day, and the invoices behind each sum."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.invoices.lateness import Age, days_late
from crm.kit.money import Money
from crm.kit.pages import page_of, part_of
from crm.reports import receivables
from crm.reports.receivables import INVOICE_SORTS, SORTS, OpenInvoices, Owed
from crm.web import programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.here import files
from crm.web.session import the_viewer

pages = Pages("receivables", __name__, url_prefix="/office/receivables")

INVOICES = "/office/receivables/invoices"
OVERDUE = "overdue"
CURRENCY_CODES = 3
HEADINGS = (
    "Company", "Invoice", "Finance number", "Invoiced on", "Due on", "Days late", "Currency",
    "Amount", "Balance", "Blocker", "Promised for", "Last reminder", "Company id",
)  # fmt: skip


@pages.get("", needs=P.MONEY_READ)
def index() -> str:
    today = programme.today()
    day, text = query.day("as_of") or today, query.text("q")
    sort = query.sort(SORTS, "-overdue")
    read = receivables.receivables(db.session(), day, text=text)
    page = part_of(receivables.in_order(read.by_company, sort), number=query.page())
    return render_template(
        "office/receivables/index.html",
        day=day,
        is_today=day == today,
        text=text,
        sort=sort,
        page=page,
        heads=[(age.words, age.value, "n") for age in Age],
        tiles=[_tiles(row, day, text) for row in read.sums],
        rows=[_row(row, day) for row in page.items],
        sums=[_row(row, day, text) for row in read.sums],
        credit=any(row.credit_minor for row in read.sums),
        months=[] if text else receivables.due_next(db.session(), day, read.billed),
        clear=url_for("receivables.index") if text or day != today else "",
        year_end=date(today.year - 1, 12, 31),
    )


@pages.get("/invoices", needs=P.MONEY_READ)
def invoices() -> str:
    """The open invoices behind a sum of the page above."""
    today = programme.today()
    search, asked = _search(today)
    page = page_of(db.session(), search.select(), number=query.page())
    company = companies.get(db.session(), search.company_id) if search.company_id else None
    return render_template(
        "office/receivables/invoices.html",
        search=search,
        asked=asked,
        is_today=search.as_of == today,
        company=company,
        page=page,
        rows=[_line(row, search.as_of) for row in page.items],
        ages=[(OVERDUE, "Overdue"), *((age.value, age.words) for age in Age)],
        exports=files(INVOICES),
        back=url_for("receivables.index", as_of=search.as_of.isoformat()),
    )


@pages.get("/invoices.<any(csv, xlsx):ending>", needs=P.MONEY_READ)
def export(ending: str) -> ResponseReturnValue:
    """Every row of the same search."""
    search, _ = _search(programme.today())
    respond = {"csv": csv_response, "xlsx": xlsx_response}[ending]

    def cells(row: Any) -> tuple[object, ...]:
        return _cells(row, search.as_of)

    return respond("open-invoices", HEADINGS, search.select(), viewer=the_viewer(), shape=cells)


def _search(today: date) -> tuple[OpenInvoices, str]:
    """What the address bar asks for, and the word it used for the age."""
    asked = query.one_of("age", [OVERDUE, *Age]) or ""
    currency = query.text("currency").upper()
    if currency and (len(currency) != CURRENCY_CODES or not currency.isalpha()):
        raise query.BadQuery("“currency” is a code of three letters, such as USD.")
    search = OpenInvoices(
        as_of=query.day("as_of") or today,
        company_id=query.number("company"),
        currency=currency or None,
        age=Age(asked) if asked and asked != OVERDUE else None,
        overdue=asked == OVERDUE,
        text=query.text("q"),
        sort=query.sort(INVOICE_SORTS, "due"),
    )
    return search, asked


def _row(row: Owed, day: date, text: str = "") -> dict[str, Any]:
    """Each sum with the address of the invoices behind it; "" where there are none."""

    def cell(sum_: Money, age: str | None) -> tuple[Money, str]:
        if not sum_.minor:
            return sum_, ""
        url = url_for(
            "receivables.invoices",
            as_of=day.isoformat(),
            q=text or None,
            company=row.company_id,
            currency=row.currency,
            age=age,
        )
        return sum_, url

    return {
        "company": row.company,
        "company_id": row.company_id,
        "currency": row.currency,
        "invoices": row.invoices,
        "ages": [cell(row.of(age), age.value) for age in Age],
        "overdue": cell(row.overdue, OVERDUE),
        "total": cell(row.total, None),
        "credit": (row.credit, _payments(row, day, text) if row.credit_minor else ""),
    }


def _payments(row: Owed, day: date, text: str) -> str:
    """The payments of which something is left; for an earlier day all, as the list knows today."""
    left = "credit" if day == programme.today() else None
    return url_for("payments.index", q=text or None, company=row.company_id, show=left)


def _tiles(row: Owed, day: date, text: str) -> list[tuple[str, Money, str, str]]:
    """Words, sum, address and state of each age that has something in it."""
    states = {Age.NOT_DUE: "", Age.TO_30: "soon", Age.TO_60: "soon"}
    cells = _row(row, day, text)["ages"]
    return [
        (age.words, sum_, url, states.get(age, "late"))
        for age, (sum_, url) in zip(Age, cells, strict=True)
        if url
    ]


def _line(row: Any, day: date) -> dict[str, Any]:
    return {
        "number": row.number,
        "finance_number": row.finance_number,
        "company_id": row.company_id,
        "company": row.company,
        "issued_on": row.issued_on,
        "due_on": row.due_on,
        "late": days_late(day, row.due_on),
        "total": Money(row.total_minor, row.currency),
        "balance": Money(row.balance_minor, row.currency),
        "blocker": row.blocker.capitalize() if row.blocker else "",
        "promised_on": row.promised_on,
        "reminded_on": row.reminded_on,
    }


def _cells(row: Any, day: date) -> tuple[object, ...]:
    return (
        row.company,
        row.number,
        row.finance_number,
        row.issued_on,
        row.due_on,
        days_late(day, row.due_on),
        row.currency,
        Money(row.total_minor, row.currency),
        Money(row.balance_minor, row.currency),
        row.blocker.value if row.blocker else None,
        row.promised_on,
        row.reminded_on,
        row.company_id,
    )
