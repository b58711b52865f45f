"""Money in: what it settles, what is over, what is given back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.invoices import payments, queries
from crm.invoices.models import Invoice
from crm.invoices.payment_models import Allocation, Payment, Refund
from crm.invoices.payments import SameHands, UnfitPayment
from crm.kit.actors import Actor
from crm.kit.money import Money
from tests.conftest import NOW, TODAY
from tests.factories.invoices import InvoiceFactory

SAM = Actor(2, "Sam Okafor")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def receive(
    session: Session, invoice: Invoice, minor: int, settles: dict[int, int], **more: Any
) -> Payment:
    told: dict[str, Any] = {"received_on": date(2026, 6, 10), "reference": "SWIFT 1", "by": SAM}
    return payments.receive(
        session,
        invoice.company_id,
        usd(minor),
        settles={id_: usd(part) for id_, part in settles.items()},
        **{**told, "now": NOW, "today": TODAY, **more},
    )


def test_part_by_part_until_it_is_settled(session: Session):
    invoice = InvoiceFactory()
    receive(session, invoice, 40_000, {invoice.id: 40_000})
    assert invoice.balance == usd(60_000)
    receive(session, invoice, 60_000, {invoice.id: 60_000})
    assert invoice.balance == usd(0)
    told = session.execute(
        select(
            queries.paid_minor_on(date(2026, 6, 9)), queries.paid_minor_on(date(2026, 6, 10))
        ).select_from(Invoice)
    ).one()
    assert tuple(told) == (0, 100_000)


def test_what_is_over_is_the_company_s_credit_and_can_be_used(session: Session):
    invoice = InvoiceFactory()
    with pytest.raises(UnfitPayment, match=r"only USD 1,000\.00"):
        receive(session, invoice, 150_000, {invoice.id: 150_000})
    payment = receive(session, invoice, 150_000, {invoice.id: 100_000})
    assert queries.credit_of(session, invoice.company_id) == {"USD": usd(50_000)}
    other = InvoiceFactory(company=invoice.company)
    payments.allocate(session, payment, other.id, usd(50_000), by=SAM, today=TODAY)
    assert (other.balance, payment.credit) == (usd(50_000), usd(0))
    payments.take_back(session, payment, other.id, by=SAM, today=TODAY)
    assert (other.balance, payment.credit) == (usd(100_000), usd(50_000))


def test_early_money_settles_from_the_day_of_the_invoice(session: Session):
    invoice = InvoiceFactory()
    receive(session, invoice, 10, {invoice.id: 10}, received_on=date(2026, 1, 1))
    assert session.scalar(select(Allocation.allocated_on)) == date(2026, 6, 1)


def test_who_issues_does_not_record(session: Session):
    invoice = InvoiceFactory(issued_by_id=SAM.id)
    with pytest.raises(SameHands, match="somebody else"):
        receive(session, invoice, 10, {invoice.id: 10})
    central = InvoiceFactory(central=True, issued_by_id=SAM.id)
    receive(session, central, 10, {central.id: 10})
    assert central.paid_minor == 10


@pytest.mark.parametrize(
    ("minor", "more", "says"),
    [
        (0, {}, "above zero"),
        (10, {"received_on": date(2026, 6, 16)}, "today or earlier"),
    ],
)
def test_what_cannot_have_come_in(session: Session, minor: int, more: dict[str, Any], says: str):
    with pytest.raises(UnfitPayment, match=says):
        receive(session, InvoiceFactory(), minor, {}, **more)


def test_nothing_is_settled_across_companies_currencies_or_drafts(session: Session):
    invoice, stranger = InvoiceFactory(), InvoiceFactory()
    with pytest.raises(UnfitPayment, match="another company"):
        receive(session, invoice, 10, {stranger.id: 10})
    euros = InvoiceFactory(company=invoice.company, currency="EUR")
    with pytest.raises(UnfitPayment, match="is in EUR"):
        receive(session, invoice, 10, {euros.id: 10})
    draft = InvoiceFactory(company=invoice.company, drafted=True)
    with pytest.raises(UnfitPayment, match="draft"):
        receive(session, invoice, 10, {draft.id: 10})


def test_a_struck_payment_is_owed_again(session: Session):
    invoice = InvoiceFactory()
    payment = receive(session, invoice, 100_000, {invoice.id: 90_000})
    payments.strike(session, payment, reason="Bounced", by=SAM, now=NOW, today=TODAY)
    assert (invoice.balance, payment.credit) == (usd(100_000), usd(0))
    with pytest.raises(UnfitPayment, match="already"):
        payments.strike(session, payment, reason="Again", by=SAM, now=NOW, today=TODAY)
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(text("UPDATE payment SET struck_on = NULL, struck_reason = NULL"))
    session.rollback()


def test_a_refund_comes_out_of_the_credit_oldest_first(session: Session):
    invoice = InvoiceFactory()
    first = receive(session, invoice, 30_000, {})
    second = receive(session, invoice, 30_000, {})
    told: dict[str, Any] = {"on": TODAY, "reason": "Overpaid", "reference": None, "by": SAM}
    with pytest.raises(UnfitPayment, match=r"credit is USD 600\.00"):
        payments.refund(session, invoice.company_id, usd(60_001), today=TODAY, **told)
    payments.refund(session, invoice.company_id, usd(40_000), today=TODAY, **told)
    assert (first.credit, second.credit) == (usd(0), usd(20_000))
    with pytest.raises(UnfitPayment, match="refunded"):
        payments.strike(session, first, reason="No", by=SAM, now=NOW, today=TODAY)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payment SET amount_minor = 1",
        "DELETE FROM allocation",
        "UPDATE allocation SET amount_minor = 1",
        "DELETE FROM payment",
        "UPDATE payment SET allocated_minor = amount_minor + 1",
        "UPDATE payment SET recorded_by_id = 7",
        "INSERT INTO allocation (payment_id, invoice_id, amount_minor, allocated_on, by_name) "
        "SELECT payment_id, invoice_id, 1, '2026-06-09', by_name FROM allocation",
        "INSERT INTO allocation (payment_id, invoice_id, amount_minor, allocated_on, by_name) "
        "SELECT payment_id, invoice_id, 1, '2026-05-31', by_name FROM allocation",
    ],
)
def test_the_database_keeps_payments_as_they_were(session: Session, change: str):
    invoice = InvoiceFactory()
    receive(session, invoice, 100, {invoice.id: 50})
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(text(change))
    session.rollback()
    assert session.scalars(select(Payment)).one().credit == usd(50)


def test_nothing_is_settled_before_the_money_is_in_and_the_invoice_out(session: Session):
    invoice, late = InvoiceFactory(), InvoiceFactory(issued_on=TODAY)
    payment = receive(session, invoice, 100, {})
    with pytest.raises(UnfitPayment, match="came in on June 10, 2026"):
        payments.allocate(session, payment, invoice.id, usd(1), by=SAM, today=date(2026, 6, 9))
    paid = receive(session, late, 100, {})
    with pytest.raises(UnfitPayment, match="issued on June 15, 2026"):
        payments.allocate(session, paid, late.id, usd(1), by=SAM, today=date(2026, 6, 14))


def test_nothing_is_given_back_before_it_is_there(session: Session):
    """Neither before the payment, nor on a day on which it still settled an invoice."""
    invoice = InvoiceFactory()
    payment = receive(session, invoice, 100, {invoice.id: 60})
    payments.take_back(session, payment, invoice.id, by=SAM, today=date(2026, 6, 14))

    def refund(minor: int, on: date) -> None:
        payments.refund(
            session, invoice.company_id, usd(minor), on=on, reason="Over", reference=None,
            by=SAM, today=TODAY,
        )  # fmt: skip

    for minor, on, says in (
        (1, date(2026, 6, 9), r"June 9, 2026 the company's credit was USD 0\.00"),
        (41, date(2026, 6, 13), r"June 13, 2026 the company's credit was USD 0\.40"),
        (101, TODAY, r"company's credit is USD 1\.00"),
    ):
        with pytest.raises(UnfitPayment, match=says):
            refund(minor, on)
    refund(40, date(2026, 6, 10))
    refund(60, date(2026, 6, 14))
    assert payment.credit == usd(0)


act = st.tuples(
    st.sampled_from(["receive", "allocate", "take back", "strike", "refund"]),
    st.integers(0, 5),
    st.integers(0, 2),
    st.integers(1, 150_000),
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(act, max_size=14))
def test_whatever_is_done_every_sum_ties_out(
    session: Session, acts: list[tuple[str, int, int, int]]
):
    """Against a plain account book: what came in is settled, given back, struck or left."""
    first = InvoiceFactory()
    invoices = [first, *(InvoiceFactory(company=first.company) for _ in range(2))]
    received: list[Payment] = []
    for word, which, target, minor in acts:
        payment = received[which % len(received)] if received else None
        try:
            with session.begin_nested():
                _do(session, word, payment, invoices[target], minor, received)
        except UnfitPayment:
            session.expire_all()
    session.expire_all()
    standing = [payment for payment in received if payment.struck_on is None]
    came_in = sum(payment.amount_minor for payment in standing)
    settled = sum(invoice.paid_minor for invoice in invoices)
    ids = [payment.id for payment in received]
    given_back = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.company_id == first.company_id
        )
    )
    left = sum(payment.credit.minor for payment in standing)
    assert came_in == settled + (given_back or 0) + left
    for invoice in invoices:
        allocated = session.scalar(
            select(func.coalesce(func.sum(Allocation.amount_minor), 0)).where(
                Allocation.invoice_id == invoice.id, Allocation.payment_id.in_(ids)
            )
        )
        assert invoice.paid_minor == allocated
        assert 0 <= invoice.paid_minor <= invoice.total_minor
    session.rollback()


def _do(
    session: Session,
    word: str,
    payment: Payment | None,
    invoice: Invoice,
    minor: int,
    received: list[Payment],
) -> None:
    if word == "receive":
        part = min(minor, invoice.balance.minor)
        received.append(receive(session, invoice, minor, {invoice.id: part} if part else {}))
    elif word == "refund":
        payments.refund(
            session, invoice.company_id, usd(minor), on=TODAY, reason="Over", reference=None,
            by=SAM, today=TODAY,
        )  # fmt: skip
    elif payment is not None and word == "allocate":
        payments.allocate(session, payment, invoice.id, usd(minor), by=SAM, today=TODAY)
    elif payment is not None and word == "take back":
        payments.take_back(session, payment, invoice.id, by=SAM, today=TODAY)
    elif payment is not None:
        payments.strike(session, payment, reason="Bounced", by=SAM, now=NOW, today=TODAY)
