"""Many who bill, number and pay at once. `RACE_ROUNDS=200` runs them as often as that."""

from __future__ import annotations

import os
from datetime import date
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.invoices import billing, credits, payments, queries
from crm.invoices.models import Counter, Invoice, InvoiceLine
from crm.invoices.payment_models import Payment
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.memberships.models import Membership
from tests.conftest import NOW, TODAY
from tests.enrolment.test_changes import signed
from tests.factories.invoices import InvoiceFactory
from tests.racing import race

RACERS = 8
ROUNDS = int(os.environ.get("RACE_ROUNDS", "6"))
BY = Actor(2, "Sam Okafor")


def bill(instalment_id: int, session: Session) -> None:
    billing.bill(session, [instalment_id], by=BY, now=NOW, today=TODAY)


def issue(invoice_id: int, session: Session) -> None:
    invoice = session.get_one(Invoice, invoice_id)
    billing.issue(session, invoice, by=BY, now=NOW, today=TODAY)


def pay(invoice_id: int, company_id: int, minor: int, session: Session) -> None:
    payments.receive(
        session, company_id, Money(minor, "USD"), received_on=TODAY, reference=None,
        settles={invoice_id: Money(minor, "USD")}, by=BY, now=NOW, today=TODAY,
    )  # fmt: skip


def renew(membership_id: int, session: Session) -> None:
    old = session.get_one(Membership, membership_id)
    draft = NewMembership(old.company_id, old.tier_id, TODAY, 3, Money(100, "USD"))
    enrolment.renew(session, old, draft, by=BY, now=NOW, today=TODAY)


def test_an_instalment_is_billed_once(app: Flask, session: Session):
    for _ in range(ROUNDS):
        due = queries.schedule_of(session, signed(session).id)[0].id
        session.commit()
        ends = race(app, [partial(bill, due)] * RACERS)
        assert ends.count(None) == 1
        assert all(end is None or isinstance(end, billing.NotBillable) for end in ends)
        session.commit()


def void(invoice_id: int, session: Session) -> None:
    invoice = session.get_one(Invoice, invoice_id)
    credits.void(session, invoice, reason="Sold", by=BY, now=NOW, today=TODAY)


def test_what_is_voided_while_its_term_ends_is_owed_no_more(app: Flask, session: Session):
    for _ in range(ROUNDS):
        term = signed(session, date(2026, 6, 20))
        due = queries.schedule_of(session, term.id)[0].id
        invoice = billing.bill(session, [due], by=BY, now=NOW, today=TODAY)
        billing.issue(session, invoice, by=BY, now=NOW, today=TODAY)
        session.commit()
        acts = [partial(void, invoice.id), partial(terminate, term.id)]
        session.commit()
        assert race(app, acts) == [None, None]
        assert all(due.reversed_on for due in queries.schedule_of(session, term.id))
        session.commit()


def test_numbers_have_no_gap_and_no_twin(app: Flask, session: Session):
    for _ in range(ROUNDS):
        drafts = [InvoiceFactory(drafted=True).id for _ in range(RACERS)]
        session.commit()
        acts = [partial(issue, id_) for id_ in drafts]
        acts[0] = partial(issue, drafts[1])  # two race for one draft: one number is taken
        assert race(app, acts).count(None) == RACERS - 1
        session.commit()
    numbers = session.scalars(select(Invoice.number).where(Invoice.number.is_not(None))).all()
    assert sorted(numbers) == [f"INV-2026-{n + 1:04d}" for n in range(len(numbers))]
    assert session.scalar(select(Counter.last)) == len(numbers) == ROUNDS * (RACERS - 1)


def test_an_invoice_is_not_paid_twice(app: Flask, session: Session):
    for _ in range(ROUNDS):
        invoice = InvoiceFactory()
        act = partial(pay, invoice.id, invoice.company_id, 40_000)
        session.commit()
        assert race(app, [act] * RACERS).count(None) == 2
        assert (invoice.paid_minor, invoice.balance.minor) == (80_000, 20_000)
        kept = select(func.count()).where(Payment.company_id == invoice.company_id)
        assert session.scalar(kept) == 2
        session.commit()


def test_a_term_is_renewed_once(app: Flask, session: Session):
    for _ in range(ROUNDS):
        old = signed(session, date(2023, 7, 1))
        act = partial(renew, old.id)
        session.commit()
        assert race(app, [act] * RACERS).count(None) == 1
        terms = session.scalars(
            select(Membership)
            .where(Membership.company_id == old.company_id)
            .order_by(Membership.starts_on)
        ).all()
        assert [term.starts_on for term in terms] == [date(2023, 7, 1), date(2026, 7, 1)]
        session.commit()


def terminate(membership_id: int, session: Session) -> None:
    membership = session.get_one(Membership, membership_id)
    enrolment.terminate(session, membership, on=TODAY, reason="Sold", by=BY, now=NOW, today=TODAY)


def test_an_instalment_is_billed_or_reversed_never_both(app: Flask, session: Session):
    for _ in range(ROUNDS):
        term = signed(session, date(2026, 7, 1))
        due = queries.schedule_of(session, term.id)[0].id
        acts = [partial(bill, due), partial(terminate, term.id)] * 3
        session.commit()
        race(app, acts)
        after = queries.schedule_of(session, term.id)[0]
        assert after.billed is not (after.reversed_on is not None)
        session.commit()


def test_the_database_itself_keeps_an_instalment_on_one_invoice(session: Session):
    due = queries.schedule_of(session, signed(session).id)[0].id
    billing.bill(session, [due], by=BY, now=NOW, today=TODAY)
    more = InvoiceLine(
        invoice_id=InvoiceFactory(drafted=True).id, position=9, instalment_id=due,
        description="Once more", amount_minor=1,
    )  # fmt: skip
    session.add(more)
    with pytest.raises(IntegrityError, match="instalment"):
        session.flush()
