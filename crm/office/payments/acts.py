"""Recording what came in, and what is done with it; registered beside the list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.invoices import payments, queries
from crm.invoices.models import Invoice
from crm.invoices.payment_models import Payment
from crm.invoices.payments import UnfitPayment
from crm.invoices.rules import InvoicingWay
from crm.kit.db import MAX_ID
from crm.kit.errors import RuleBroken
from crm.kit.money import Money, plain
from crm.office.acts import Act, accepted, carry_out
from crm.office.invoices.forms import money_of
from crm.office.payments.forms import AllocateForm, PaymentForm, RefundForm, StrikeForm
from crm.office.payments.views import LIST, pages
from crm.web import clock, programme, query
from crm.web.database import db
from crm.web.filters import money
from crm.web.query import BadQuery
from crm.web.session import the_viewer

SETTLE = "settle-"
"""Before an invoice's id: the field that says how much of the payment is for it."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A line of the proposal: an open invoice, and how much of the payment is for it."""

    invoice: Invoice
    field: str
    value: str
    same_hands: bool


@pages.form("/payments/new", needs=P.PAYMENTS_RECORD)
def new() -> ResponseReturnValue:
    """First what came in; then, with a proposal, what of it is for which invoice."""
    asked = _invoice_asked()
    form = PaymentForm.of_request(**_prefilled(asked))
    proposing = request.form.get("step") == "propose"
    made: list[Payment] = []

    def record() -> None:
        made.append(
            payments.receive(
                db.session(),
                _company(form).id,
                money_of(form.amount, form.currency.data or "USD"),
                received_on=form.received_on.data,
                reference=form.reference.data or None,
                settles=_settles(form.currency.data or "USD"),
                **_edge(),
            )
        )

    sent = request.method == "POST"
    if sent and not proposing and accepted(form, record):
        flash("The payment is recorded.", "success")
        return redirect(url_for("payments.show", payment_id=made[0].id))
    shares: Sequence[Share] | None = None

    def propose() -> None:
        nonlocal shares
        shares = _shares(form, asked, anew=proposing or not sent)

    if sent or asked is not None:
        proposed = accepted(form, propose) if proposing else _quietly(propose)
    else:
        proposed = True
    page = render_template(
        "office/payments/new.html",
        form=form,
        shares=shares,
        back=url_for("invoices.show", number=asked.number) if asked else LIST,
    )
    return page, 200 if not sent or (proposing and proposed) else 422


@pages.form("/payments/<id:payment_id>/allocate", needs=P.PAYMENTS_RECORD)
def allocate(payment_id: int) -> ResponseReturnValue:
    payment = queries.get_payment(db.session(), payment_id)
    opens = queries.open_invoices(db.session(), payment.company_id, payment.currency)
    asked = _invoice_asked()
    chosen = next((one for one in opens if asked is not None and one.id == asked.id), None)
    first = chosen or next(iter(opens), None)
    most = min(payment.credit.minor, first.balance.minor if first else 0)
    form = AllocateForm.of_request(
        invoice=str(first.id) if first else "", amount=plain(Money(most, payment.currency))
    )
    form.invoice.choices = {
        "": "Choose …",
        **{str(one.id): f"{one.number}: {money(one.balance)} owed" for one in opens},
    }
    act = _act(
        payment,
        "allocate",
        title="Use for an invoice",
        says=(f"{money(payment.credit)} of this payment is not used yet.",),
        submit="Use it",
        done="It is used for the invoice.",
    )

    def use() -> None:
        if not form.invoice.data:
            raise UnfitPayment("Choose what it is for.", field="invoice")
        payments.allocate(
            db.session(),
            payment,
            int(form.invoice.data),
            money_of(form.amount, payment.currency),
            by=the_viewer().actor,
            today=programme.today(),
        )

    return carry_out(act, form, use)


@pages.post("/payments/<id:payment_id>/take-back", needs=P.PAYMENTS_RECORD)
def take_back(payment_id: int) -> ResponseReturnValue:
    payment = queries.get_payment(db.session(), payment_id)
    payments.take_back(
        db.session(),
        payment,
        _id(request.form.get("invoice", "")),
        by=the_viewer().actor,
        today=programme.today(),
    )
    flash("It is taken back: owed again there, and not used here.", "success")
    return redirect(url_for("payments.show", payment_id=payment_id))


@pages.form("/payments/<id:payment_id>/strike", needs=P.PAYMENTS_RECORD)
def strike(payment_id: int) -> ResponseReturnValue:
    payment = queries.get_payment(db.session(), payment_id)
    form = StrikeForm.of_request()
    act = _act(
        payment,
        "strike",
        title="Strike payment",
        says=(
            "For what was recorded by mistake, or bounced. What it settled is owed again; the "
            "payment stays on record, struck out.",
        ),
        submit="Strike payment",
        done="The payment is struck.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: payments.strike(db.session(), payment, reason=form.reason.data, **_edge()),
    )


@pages.form("/companies/<id:company_id>/refund", needs=P.PAYMENTS_RECORD)
def refund(company_id: int) -> ResponseReturnValue:
    company = companies.get(db.session(), company_id)
    credit = queries.credit_of(db.session(), company_id)
    first = next(iter(credit.values()), None)
    form = RefundForm.of_request(
        refunded_on=programme.today(), amount=plain(first) if first else ""
    )
    form.currency.choices = {code: code for code in credit or ("USD",)}
    back = url_for("invoices.company", company_id=company_id)
    act = Act(
        title="Refund",
        says=(
            "Record what was paid back to the company out of its credit: "
            + (", ".join(money(sum_) for sum_ in credit.values()) or "it has none")
            + ".",
        ),
        submit="Record refund",
        done="The refund is recorded.",
        url=request.path,
        back=back,
        trail=(("Companies", url_for("companies.index")), (f"{company.name}: billing", back)),
    )
    return carry_out(
        act,
        form,
        lambda: payments.refund(
            db.session(),
            company_id,
            money_of(form.amount, form.currency.data or "USD"),
            on=form.refunded_on.data,
            reason=form.reason.data,
            reference=form.reference.data or None,
            by=the_viewer().actor,
            today=programme.today(),
        ),
    )


def _shares(form: PaymentForm, asked: Invoice | None, *, anew: bool) -> list[Share]:
    """The company's open invoices with a proposal, or with what was typed. Raises `RuleBroken`."""
    company = _company(form)
    currency = form.currency.data or "USD"
    amount = money_of(form.amount, currency)
    opens = sorted(
        queries.open_invoices(db.session(), company.id, currency),
        key=lambda one: asked is None or one.id != asked.id,
    )
    own = {one.id for one in opens if _same_hands(one)}
    proposed = payments.spread(amount, [one for one in opens if one.id not in own])
    shares = []
    for one in opens:
        field = f"{SETTLE}{one.id}"
        part = proposed.get(one.id)
        value = plain(part) if part else ""
        shares.append(
            Share(
                invoice=one,
                field=field,
                value=value if anew else request.form.get(field, "")[:40],
                same_hands=one.id in own,
            )
        )
    return shares


def _same_hands(invoice: Invoice) -> bool:
    return invoice.way is InvoicingWay.OWN and invoice.issued_by_id == the_viewer().id


def _settles(currency: str) -> dict[int, Money]:
    """What was typed beside the invoices. Raises `UnfitPayment`."""
    found: dict[int, Money] = {}
    for name, typed in request.form.items():
        if not name.startswith(SETTLE) or not typed.strip():
            continue
        try:
            part = Money.parse(typed, currency)
        except ValueError as error:
            raise UnfitPayment(f"“{typed[:40]}”: {error}") from None
        if part.minor:
            found[_id(name.removeprefix(SETTLE))] = part
    return found


def _quietly(do: Any) -> bool:
    """What is proposed below a form that says already what is wrong with it."""
    try:
        do()
    except RuleBroken:
        return False
    return True


def _company(form: PaymentForm) -> Company:
    company = companies.picked(db.session(), form.company.data or "")
    if company is None:
        raise UnfitPayment("Choose the company from the list.", field="company")
    return company


def _prefilled(asked: Invoice | None) -> dict[str, Any]:
    filled: dict[str, Any] = {"received_on": programme.today()}
    if asked is not None:
        company = asked.company
        filled |= {"amount": plain(asked.balance), "currency": asked.currency}
    else:
        company_id = query.number("company")
        if company_id is None:
            return filled
        company = companies.get(db.session(), company_id)
    return {**filled, "company": f"{company.name} (#{company.id})"}


def _invoice_asked() -> Invoice | None:
    number = query.text("invoice")
    return queries.numbered(db.session(), number) if number else None


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= MAX_ID):
        raise BadQuery("The form names something that is no invoice. Load the page again.")
    return int(text)


def _act(payment: Payment, name: str, **words: Any) -> Act:
    back = url_for("payments.show", payment_id=payment.id)
    return Act(
        url=url_for(f"payments.{name}", payment_id=payment.id),
        back=back,
        trail=(("Payments", LIST), (payment.company.name, back)),
        **words,
    )


def _edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now(), "today": programme.today()}
