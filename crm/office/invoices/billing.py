"""From what is due to what is issued and sent; registered beside the list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.invoices import billing, duty, lines, queries, sending
from crm.invoices.duty import ToBill
from crm.invoices.letters import Sender
from crm.invoices.lines import Charge
from crm.invoices.models import Invoice
from crm.kit.db import MAX_ID
from crm.kit.money import Money
from crm.kit.pages import page_of
from crm.office.acts import Act, accepted, carry_out
from crm.office.invoices.forms import (
    MOST_LINES,
    BillToForm,
    ChargeForm,
    FinanceForm,
    LineForm,
    money_of,
)
from crm.office.invoices.story import later, noun
from crm.office.invoices.views import LIST, dues, page_of_invoice, pages
from crm.reports import bills
from crm.web import clock, programme, query
from crm.web.database import db, read_connection
from crm.web.query import BadQuery
from crm.web.session import the_viewer

WITHIN = (30, 60, 90, 180, 366)


@pages.get("/invoices/to-bill", needs=P.INVOICES_READ)
def to_bill() -> ResponseReturnValue:
    """What falls due within some days, or is due already, and is on no invoice."""
    today, told = programme.today(), dues()
    within = int(query.one_of("within", [str(days) for days in WITHIN]) or WITHIN[1])
    asked = ToBill(before=today + timedelta(days=within + 1), text=query.text("q"))
    page = page_of(db.session(), asked.select(), number=query.page())
    return render_template(
        "office/invoices/to_bill.html",
        asked=asked,
        within=within,
        choices=[(days, f"{days} days") for days in WITHIN],
        page=page,
        rows=[
            {
                "id": row.id,
                "company": row.company,
                "tier": row.tier,
                "number": row.number,
                "due_on": row.due_on,
                "late": row.due_on < today,
                "amount": Money(row.amount_minor, row.currency),
                "membership_url": f"/office/memberships/{row.membership_id}",
                "company_url": f"/office/companies/{row.company_id}/billing",
            }
            for row in page.items
        ],
        noun=noun(told.invoicing),
        days_before=told.bill_days_before,
    )


@pages.post("/invoices/drafts", needs=P.INVOICES_ISSUE)
def draft_instalments() -> ResponseReturnValue:
    """Drafts of the instalments named, one for each membership."""
    made = duty.bill_each(db.session(), _ids("instalment"), **_edge())
    word = noun(made[0].way)
    flash(
        f"The {word} is drafted. Look at it, then issue it."
        if len(made) == 1
        else f"{len(made)} drafts are written. Look at each, then issue it.",
        "success",
    )
    if len(made) == 1:
        return redirect(url_for("invoices.draft", invoice_id=made[0].id))
    return redirect(url_for("invoices.index", state="draft"))


@pages.form("/invoices/new", needs=P.INVOICES_ISSUE)
def charge() -> ResponseReturnValue:
    """Other charges than dues: a workshop, a late fee."""
    told = dues()
    form = ChargeForm.of_request(
        company=_company_asked(), due_on=programme.today() + timedelta(days=told.payment_days)
    )
    made: list[Invoice] = []

    def draw_up() -> None:
        company = companies.picked(db.session(), form.company.data or "")
        made.append(
            billing.charge(
                db.session(),
                company.id if company else 0,
                list(form.charges()),
                due_on=form.due_on.data,
                by=the_viewer().actor,
                now=clock.now(),
            )
        )

    if request.method == "POST" and accepted(form, draw_up):
        flash("It is drafted. Look at it, then issue it.", "success")
        return redirect(url_for("invoices.draft", invoice_id=made[0].id))
    page = render_template(
        "office/invoices/charge.html",
        form=form,
        noun=noun(told.invoicing),
        lines=[
            (form[f"description_{number}"], form[f"amount_{number}"])
            for number in range(1, MOST_LINES + 1)
        ],
    )
    return page, 422 if request.method == "POST" else 200


@pages.form("/invoices/drafts/<id:invoice_id>/edit", needs=P.INVOICES_ISSUE)
def edit(invoice_id: int) -> ResponseReturnValue:
    invoice = queries.get(db.session(), invoice_id)
    form = BillToForm.of_request(
        name=invoice.bill_to_name,
        address=invoice.bill_to_address,
        email=invoice.bill_to_email,
        po_number=invoice.po_number,
        note=invoice.note,
        due_on=invoice.due_on,
        version=invoice.version,
    )
    act = Act(
        title="Edit draft",
        says=(
            "Until it is issued you may say to whom it goes and when it is due: "
            f"{later(dues())} at the earliest.",
        ),
        submit="Save draft",
        done="The draft is saved.",
        url=url_for("invoices.edit", invoice_id=invoice_id),
        back=page_of_invoice(invoice.id, invoice.number),
        trail=trail(invoice),
    )
    return carry_out(
        act,
        form,
        lambda: billing.edit_draft(
            db.session(),
            invoice,
            form.bill_to(),
            due_on=form.due_on.data,
            version=form.version.data or 0,
        ),
    )


@pages.form("/invoices/drafts/<id:invoice_id>/lines/new", needs=P.INVOICES_ISSUE)
def add_line(invoice_id: int) -> ResponseReturnValue:
    invoice = queries.get(db.session(), invoice_id)
    form = LineForm.of_request(version=invoice.version)
    act = Act(
        title="Add a line",
        says=(f"A charge in your own words, in {invoice.currency}, beside what the draft bills.",),
        submit="Add line",
        done="The line is added.",
        url=url_for("invoices.add_line", invoice_id=invoice_id),
        back=page_of_invoice(invoice.id, invoice.number),
        trail=trail(invoice),
    )

    def add() -> None:
        amount = money_of(form.amount, invoice.currency)
        new = Charge(description=form.description.data or "", amount=amount)
        lines.add(db.session(), invoice, new, version=form.version.data or 0)

    return carry_out(act, form, add)


@pages.post("/invoices/drafts/<id:invoice_id>/lines/<id:line_id>/drop", needs=P.INVOICES_ISSUE)
def drop_line(invoice_id: int, line_id: int) -> ResponseReturnValue:
    invoice = queries.get(db.session(), invoice_id)
    version = request.form.get("version", default=0, type=int)
    gone = lines.drop(db.session(), invoice, line_id, version=version)
    flash(
        "The line is dropped."
        if gone.instalment_id is None
        else "The line is dropped; its instalment can be billed again.",
        "success",
    )
    return redirect(url_for("invoices.draft", invoice_id=invoice_id))


@pages.post("/invoices/drafts/<id:invoice_id>/discard", needs=P.INVOICES_ISSUE)
def discard(invoice_id: int) -> ResponseReturnValue:
    invoice = queries.get(db.session(), invoice_id)
    billing.discard(db.session(), invoice, by=the_viewer().actor, today=programme.today())
    flash("The draft is discarded; what of it is still owed can be billed again.", "success")
    return redirect(url_for("invoices.to_bill"))


@pages.post("/invoices/drafts/<id:invoice_id>/issue", needs=P.INVOICES_ISSUE)
def issue(invoice_id: int) -> ResponseReturnValue:
    invoice = queries.get(db.session(), invoice_id)
    number = billing.issue(
        db.session(), invoice, version=request.form.get("version", type=int), **_edge()
    )
    flash(f"Issued as {number}. From now on it stays as it is.", "success")
    return redirect(url_for("invoices.show", number=number))


@pages.post("/invoices/<quoted:number>/send", needs=P.INVOICES_ISSUE)
def send(number: str) -> ResponseReturnValue:
    """The paper is set before the transaction begins: nobody waits for it."""
    with read_connection() as connection, Session(connection) as reading:
        head = bills.letterhead(reading)
        paper = bills.invoice_paper(reading, head, queries.numbered(reading, number))
    (pdf,) = bills.typeset([paper])
    to = sending.send(
        db.session(),
        queries.numbered(db.session(), number),
        pdf,
        sender=Sender(programme=head.programme, contact=head.contact),
        told=head.told,
        **_edge(),
    )
    flash(f"The letter to {to} is written and goes out with the PDF.", "success")
    return redirect(url_for("invoices.show", number=number))


@pages.form("/invoices/<quoted:number>/finance", needs=P.INVOICES_ISSUE)
def finance(number: str) -> ResponseReturnValue:
    invoice = queries.numbered(db.session(), number)
    form = FinanceForm.of_request(
        finance_number=invoice.finance_number,
        invoiced_on=invoice.finance_invoiced_on or programme.today(),
    )
    act = Act(
        title="What the finance office made of it",
        says=("Their own invoice number and day, as they told you or as it is on their list.",),
        submit="Record",
        done="The finance office's number is recorded.",
        url=url_for("invoices.finance", number=number),
        back=page_of_invoice(invoice.id, invoice.number),
        trail=trail(invoice),
    )
    return carry_out(
        act,
        form,
        lambda: billing.record_finance(
            db.session(),
            invoice,
            number=form.finance_number.data,
            invoiced_on=form.invoiced_on.data,
        ),
    )


def trail(invoice: Invoice) -> tuple[tuple[str, str], ...]:
    return (
        ("Invoices", LIST),
        (invoice.number or "Draft", page_of_invoice(invoice.id, invoice.number)),
    )


def _company_asked() -> str:
    """`?company=12` from a company's page fills in its name."""
    company_id = query.number("company")
    company = companies.get(db.session(), company_id) if company_id else None
    return f"{company.name} (#{company.id})" if company else ""


def _ids(name: str) -> list[int]:
    given = request.form.getlist(name)
    if any(not (id_.isascii() and id_.isdigit() and len(id_) <= 10) for id_ in given):
        raise BadQuery("The form names something that is no instalment. Load the page again.")
    ids = sorted({int(id_) for id_ in given})
    if ids and not 0 < ids[-1] <= MAX_ID:
        raise BadQuery("The form names something that is no instalment. Load the page again.")
    return ids


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}
