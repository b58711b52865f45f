"""Reading the bank's list: upload, preview, take in, undo; registered beside the list.

Nothing is kept between the steps: the preview carries the file, and what was shown is compared
with what would be done.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.invoices import bank as domain
from crm.invoices.bank import How, Match, Taken
from crm.kit.errors import RuleBroken
from crm.kit.tables import Unreadable
from crm.kit.text import one_line
from crm.office.payments.views import pages
from crm.stewardship.imports import bank as reading
from crm.stewardship.imports.bank import LARGEST, MOST_ROWS, BankList
from crm.web import clock, programme
from crm.web.database import db
from crm.web.query import BadQuery
from crm.web.session import the_viewer

TAKE, COMPANY = "take-", "company-"
"""Before a row's number: whether it is taken in, and whose it is."""


@pages.form("/payments/import", needs=P.PAYMENTS_RECORD)
def bank() -> ResponseReturnValue:
    """The list is uploaded, and shown with what it seems to be for."""
    if request.method != "POST":
        return _start()
    sent = request.files.get("file")
    data = sent.read(LARGEST + 1) if sent else b""
    if not data:
        return _start("Choose the file that the bank gave you.")
    name = one_line(sent.filename or "")[-120:] if sent else ""
    return _look(data, name or "bank list")


@pages.post("/payments/import/take", needs=P.PAYMENTS_RECORD)
def take_bank() -> ResponseReturnValue:
    """Take in what was ticked, all of it or nothing."""
    data, name = _carried(), one_line(request.form.get("name", ""))[:120] or "bank list"
    try:
        found = _read(data)
        matches = domain.match(db.session(), found.lines, by=the_viewer().actor)
        if request.form.get("seen") != domain.fingerprint(matches):
            return _look(
                data, name, "Something changed meanwhile: this is what it looks like now.", 409
            )
        read = domain.take(
            db.session(),
            name,
            list(_taken(matches)),
            by=the_viewer().actor,
            now=clock.now(),
            today=programme.today(),
        )
    except Unreadable as error:
        return _start(str(error))
    except RuleBroken as refusal:
        return _look(data, name, str(refusal))
    flash("The payments are recorded. The whole list can be undone: From the bank.", "success")
    return redirect(url_for("payments.index", list=read.id))


@pages.post("/payments/import/<id:bank_import_id>/undo", needs=P.PAYMENTS_RECORD)
def undo_bank(bank_import_id: int) -> ResponseReturnValue:
    read = domain.get(db.session(), bank_import_id)
    struck = domain.undo(
        db.session(),
        read,
        by=the_viewer().actor,
        now=clock.now(),
        today=programme.today(),
    )
    flash(f"Undone: {len(struck)} payments are struck. The list can be read again.", "success")
    return redirect(url_for("payments.bank"))


def _start(problem: str = "") -> ResponseReturnValue:
    page = render_template(
        "office/payments/bank.html",
        problems=problem.split("\n")[:20] if problem else [],
        imports=domain.latest(db.session()),
        most_rows=MOST_ROWS,
        largest=LARGEST // 1024,
    )
    return page, 422 if problem else 200


def _look(data: bytes, name: str, problem: str = "", status: int = 422) -> ResponseReturnValue:
    try:
        found = _read(data)
    except (Unreadable, RuleBroken) as error:
        return _start(str(error))
    matches = domain.match(db.session(), found.lines, by=the_viewer().actor)
    page = render_template(
        "office/payments/preview.html",
        name=name,
        content=base64.b64encode(data).decode(),
        seen=domain.fingerprint(matches),
        matches=[_row(match) for match in matches],
        counts=[(how.value, sum(match.how is how for match in matches)) for how in How],
        outgoing=found.outgoing,
        problem=problem,
    )
    return page, status if problem else 200


def _row(match: Match) -> dict[str, Any]:
    """A line of the preview, with what was chosen for it where it is shown again."""
    row, again = match.line.row, "seen" in request.form
    return {
        "match": match,
        "line": match.line,
        "matched": match.company is not None,
        "known": match.how is How.KNOWN,
        "take": f"{TAKE}{row}",
        "ticked": f"{TAKE}{row}" in request.form if again else match.how is How.NUMBER,
        "company": f"{COMPANY}{row}",
        "typed": request.form.get(f"{COMPANY}{row}", "")[:230],
    }


def _taken(matches: Sequence[Match]) -> Iterator[Taken]:
    """The lines let in: those ticked, and those whose company was named by hand."""
    for match in matches:
        row = match.line.row
        if match.how is How.KNOWN:
            continue
        if match.company is not None:
            if f"{TAKE}{row}" in request.form:
                settles = {id_: part for id_, _, part in match.settles}
                yield Taken(line=match.line, company_id=match.company.id, settles=settles)
            continue
        try:
            named = companies.picked(db.session(), request.form.get(f"{COMPANY}{row}", "")[:230])
        except RuleBroken as refusal:
            raise domain.NotTaken(f"Row {row}: {refusal}") from None
        if named is not None:
            yield Taken(line=match.line, company_id=named.id, settles={})


def _carried() -> bytes:
    try:
        data = base64.b64decode(request.form.get("content", ""), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data:
        raise BadQuery("The file got lost on the way. Upload it again.")
    return data


def _read(data: bytes) -> BankList:
    currency = programme.current().facts.get("currency", "USD")
    return reading.read(data, currency=currency)
