"""Many who bill, number and pay at once. `RACE_ROUNDS=200` runs them as often as that."""

from __future__ import annotations

import os
from datetime import date
from functools import partial

from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.invoices import billing, payments, queries
from crm.invoices.models import Counter, Invoice, InvoiceLine, Payment
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


def test_without_the_index_the_race_for_an_instalment_is_lost(app: Flask, session: Session):
    """The control: on PostgreSQL it is the index that keeps two bills of one instalment apart."""
    if session.get_bind().dialect.name == "sqlite":
        there = "SELECT 1 FROM sqlite_master WHERE name = 'uq_invoice_line_instalment'"
        assert session.scalar(text(there))
        return
    session.execute(text("DROP INDEX uq_invoice_line_instalment"))
    session.commit()
    lost = 0
    try:
        for _ in range(8):
            due = queries.schedule_of(session, signed(session).id)[0].id
            session.commit()
            lost += race(app, [partial(bill, due)] * RACERS).count(None) > 1
    finally:
        session.execute(text("DELETE FROM invoice_line"))
        session.execute(
            text(
                "CREATE UNIQUE INDEX uq_invoice_line_instalment ON invoice_line (instalment_id) "
                "WHERE NOT released"
            )
        )
        session.commit()
    assert lost > 0
    assert session.scalar(select(func.count()).select_from(InvoiceLine)) == 0
