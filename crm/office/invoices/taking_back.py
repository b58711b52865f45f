"""What blocks an invoice, and what is taken back of it; registered beside the list."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.invoices import billing, credits, queries
from crm.invoices.models import Invoice
from crm.invoices.rules import Blocker, InvoicingWay
from crm.office.acts import Act, carry_out
from crm.office.invoices.billing import trail
from crm.office.invoices.forms import BlockerForm, CreditForm, ReasonForm, money_of
from crm.office.invoices.story import noun
from crm.office.invoices.views import pages
from crm.web import clock, programme
from crm.web.database import db
from crm.web.filters import money
from crm.web.session import the_viewer


@pages.form("/invoices/<quoted:number>/blocker", needs=P.INVOICES_ISSUE)
def blocker(number: str) -> ResponseReturnValue:
    invoice = queries.numbered(db.session(), number)
    form = BlockerForm.of_request(
        blocker=invoice.blocker.value if invoice.blocker else "",
        note=invoice.blocker_note,
        promised_on=invoice.promised_on,
    )
    act = _act(
        invoice,
        "blocker",
        title="What keeps them from paying",
        says=("So that nobody reminds a company of what it cannot pay yet.",),
        submit="Save",
        done="Saved.",
    )
    return carry_out(
        act,
        form,
        lambda: billing.note_blocker(
            db.session(),
            invoice,
            Blocker(form.blocker.data) if form.blocker.data else None,
            note=form.note.data or None,
            promised_on=form.promised_on.data,
        ),
    )


@pages.form("/invoices/<quoted:number>/credit", needs=P.INVOICES_CREDIT)
def credit(number: str) -> ResponseReturnValue:
    invoice = queries.numbered(db.session(), number)
    form = CreditForm.of_request()
    act = _act(
        invoice,
        "credit",
        title="Credit a part",
        says=(
            f"Of this {noun(invoice.way)} {money(invoice.balance)} is still owed. A credit note "
            "takes a part of that back; it has a number of its own and stays.",
            *_at_finance(invoice),
        ),
        submit="Write credit note",
        done="The credit note is written.",
    )
    return carry_out(
        act,
        form,
        lambda: credits.credit(
            db.session(),
            invoice,
            money_of(form.amount, invoice.currency),
            reason=form.reason.data,
            **_edge(),
        ),
    )


@pages.form("/invoices/<quoted:number>/void", needs=P.INVOICES_CREDIT)
def void(number: str) -> ResponseReturnValue:
    invoice = queries.numbered(db.session(), number)
    form = ReasonForm.of_request()
    act = _act(
        invoice,
        "void",
        title=f"Void {invoice.number}",
        says=(
            f"A credit note over {money(invoice.total)} takes all of it back. Its number "
            "stays, and what it billed can be billed again.",
            *_at_finance(invoice),
        ),
        submit=f"Void {noun(invoice.way)}",
        done="It is voided.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: credits.void(db.session(), invoice, reason=form.reason.data, **_edge()),
    )


@pages.form("/invoices/<quoted:number>/write-off", needs=P.INVOICES_CREDIT)
def write_off(number: str) -> ResponseReturnValue:
    invoice = queries.numbered(db.session(), number)
    form = ReasonForm.of_request()
    act = _act(
        invoice,
        "write_off",
        title="Write off what is owed",
        says=(
            f"{money(invoice.balance)} is given up: nobody expects it any more. What was billed "
            "stays billed.",
            *_at_finance(invoice),
        ),
        submit="Write off",
        done="What was owed is written off.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: credits.write_off(db.session(), invoice, reason=form.reason.data, **_edge()),
    )


def _at_finance(invoice: Invoice) -> tuple[str, ...]:
    if invoice.way is not InvoicingWay.CENTRAL:
        return ()
    return ("The finance office has to credit its own invoice: send it the paper that is made.",)


def _act(invoice: Invoice, name: str, **words: Any) -> Act:
    there = trail(invoice)
    return Act(
        url=url_for(f"invoices.{name}", number=invoice.number),
        back=there[-1][1],
        trail=there,
        **words,
    )


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}
