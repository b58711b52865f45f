"""The finance office's list beside ours, month by month; registered beside the list."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.invoices import finance
from crm.invoices.finance import Difference
from crm.kit.errors import RuleBroken
from crm.kit.periods import months_after
from crm.kit.tables import Unreadable
from crm.kit.text import one_line
from crm.office.invoices.views import dues, pages
from crm.stewardship.imports import finance as reading
from crm.web import clock, programme, query
from crm.web.database import db
from crm.web.query import BadQuery
from crm.web.session import the_viewer

_MONTH = re.compile(r"(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])")
EXPLAINED = {
    Difference.MISSING_THERE: "We asked for it, and their list does not have it.",
    Difference.MISSING_HERE: "They have it on their list, and we asked for nothing like it.",
    Difference.OTHER_AMOUNT: "They invoiced another amount than we asked for.",
    Difference.NUMBER_NOT_RECORDED: "They have given it a number that we have not recorded.",
    Difference.RECEIVED_NOT_RECORDED: "They received more for it than is recorded here.",
    Difference.RECORDED_NOT_RECEIVED: "More is recorded here than they have received.",
}


@pages.get("/invoices/reconcile", needs=P.INVOICES_READ)
def reconcile() -> ResponseReturnValue:
    return _page(_month(query.text("month")))


@pages.post("/invoices/reconcile", needs=P.INVOICES_ISSUE)
def import_statement() -> ResponseReturnValue:
    """Read the finance office's list of a month in: all of it, or nothing."""
    month = _month(request.form.get("month", "").strip())
    sent = request.files.get("file")
    data = sent.read(reading.LARGEST + 1) if sent else b""
    if not data:
        return _page(month, "Choose the file that the finance office gave you.")
    name = one_line(sent.filename or "")[-120:] if sent else ""
    try:
        lines = reading.read(data, currency=programme.current().facts.get("currency", "USD"))
        finance.import_statement(db.session(), month, name or "finance list", lines, **_edge())
    except (Unreadable, RuleBroken) as refusal:
        return _page(month, str(refusal))
    flash(f"{len(lines)} lines are read. This is what differs.", "success")
    return redirect(url_for("invoices.reconcile", month=f"{month:%Y-%m}"))


@pages.post("/invoices/reconcile/<id:line_id>/receipt", needs=P.PAYMENTS_RECORD)
def record_receipt(line_id: int) -> ResponseReturnValue:
    line = finance.get_line(db.session(), line_id)
    payment = finance.record_receipt(
        db.session(), line, received_on=_day(request.form.get("received_on", "")), **_edge()
    )
    flash("The receipt is recorded.", "success")
    return _back(payment.company_id)


@pages.post("/invoices/reconcile/<id:line_id>/number", needs=P.INVOICES_ISSUE)
def record_number(line_id: int) -> ResponseReturnValue:
    invoice = finance.record_number(db.session(), finance.get_line(db.session(), line_id))
    flash(f"{invoice.finance_number} is recorded for {invoice.number}.", "success")
    return _back(invoice.company_id)


def _back(company_id: int) -> ResponseReturnValue:
    month = request.form.get("month", "")
    if not _MONTH.fullmatch(month):
        return redirect(url_for("invoices.company", company_id=company_id))
    return redirect(url_for("invoices.reconcile", month=month))


def _page(month: date, problem: str = "") -> ResponseReturnValue:
    today = programme.today()
    statement = finance.latest_of(db.session(), month)
    compared = finance.compare(db.session(), statement) if statement else None
    last_day = months_after(month, 1) - timedelta(days=1)
    page = render_template(
        "office/invoices/reconcile.html",
        month=month,
        months=[_month_choice(months_after(today.replace(day=1), -back)) for back in range(24)],
        statement=statement,
        agreeing=compared.agreeing if compared else 0,
        groups=[
            (kind, EXPLAINED[kind], found)
            for kind in Difference
            if compared and (found := [d for d in compared.differences if d.kind is kind])
        ],
        received_on=min(last_day, today),
        problems=problem.split("\n")[:20] if problem else [],
        office=dues().finance_office,
        largest=reading.LARGEST // 1024,
    )
    return page, 422 if problem else 200


def _month_choice(month: date) -> tuple[str, str]:
    return f"{month:%Y-%m}", f"{month:%B %Y}"


def _month(text: str) -> date:
    """`2026-05`; the last one that is over, where none is asked for."""
    if not text:
        return months_after(programme.today().replace(day=1), -1)
    if not _MONTH.fullmatch(text):
        raise BadQuery("Write “month” as year-month, such as 2026-05.")
    return date.fromisoformat(f"{text}-01")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        day = date.max
    if not 1900 <= day.year <= 2200:
        raise BadQuery("Write the day as year-month-day, such as 2026-09-30.")
    return day


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}
