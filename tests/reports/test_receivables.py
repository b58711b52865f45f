"""What is owed on a day: the quick reading equals the slow one, invoice by invoice."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.invoices import billing, credits, queries
from crm.invoices.instalment_models import Instalment, InstalmentReversal
from crm.invoices.lateness import AGE_ENDS, Age, age_on, days_late
from crm.invoices.models import Invoice, InvoiceLine
from crm.invoices.payment_models import Payment
from crm.kit.money import Money
from crm.reports import receivables
from crm.reports.receivables import OpenInvoices
from tests.conftest import NOW, TODAY
from tests.factories.books import DANA, SAM, Books, make
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory

DAYS = [TODAY + timedelta(days=days) for days in (-400, -15, -14, -1, 0, 1, 30, 200)]


def owed_slowly(session, day):
    """Each invoice by the rule of one invoice."""
    found = select(
        Invoice.id,
        Invoice.company_id,
        Invoice.currency,
        Invoice.due_on,
        Invoice.net_minor
        + Invoice.tax_minor
        - queries.paid_minor_on(day)
        - queries.credited_minor_on(day),
    ).where(Invoice.issued_on <= day)
    return [tuple(row) for row in session.execute(found) if row[4]]


def credit_slowly(session, day):
    """What is left of each company's payments that were in on the day and not struck by then."""
    found: dict = defaultdict(int)
    for payment in session.scalars(select(Payment).where(Payment.received_on <= day)):
        if payment.struck_on is None or payment.struck_on > day:
            uses = queries.uses_of(session, payment.id)
            used = sum(use.amount_minor for use, _ in uses if use.allocated_on <= day)
            found[payment.company_id, payment.currency] += payment.amount_minor - used
    return {key: minor for key, minor in found.items() if minor}


@pytest.mark.parametrize("day", DAYS)
def test_rows_sums_and_invoices_tie_out_on_every_day(session, day):
    make(session)
    slowly: dict = defaultdict(lambda: dict.fromkeys(Age, 0))
    in_all: dict = defaultdict(lambda: dict.fromkeys(Age, 0))
    for _, company_id, currency, due_on, minor in owed_slowly(session, day):
        slowly[company_id, currency][age_on(day, due_on)] += minor
        in_all[currency][age_on(day, due_on)] += minor
    read = receivables.receivables(session, day)
    owing = [row for row in read.by_company if row.invoices]
    assert {(row.company_id, row.currency): row.minor for row in owing} == slowly
    assert {row.currency: row.minor for row in read.sums if row.invoices} == in_all
    left = credit_slowly(session, day)
    assert {(r.company_id, r.currency): r.credit_minor for r in read.by_company} == {
        **dict.fromkeys(slowly, 0),
        **left,
    }
    assert sum(row.credit_minor for row in read.sums) == sum(left.values())
    behind = session.execute(OpenInvoices(as_of=day).select()).all()
    assert sorted((r.id, r.balance_minor) for r in behind) == sorted(
        (row[0], row[4]) for row in owed_slowly(session, day)
    )
    assert all(row.age == age_on(day, row.due_on) for row in behind)


def test_the_day_before_on_and_after_every_edge(session):
    company = CompanyFactory()
    for _, end in AGE_ENDS:
        for days in (end - 1, end, end + 1):
            InvoiceFactory(
                company=company,
                issued_on=date(2025, 1, 1),
                due_on=TODAY - timedelta(days=days),
            )
    rows = session.execute(OpenInvoices(as_of=TODAY).select()).all()
    assert len(rows) == 12
    assert all(row.age == age_on(TODAY, row.due_on) for row in rows)
    assert [days_late(TODAY, TODAY + timedelta(days=ahead)) for ahead in (1, 0, -1)] == [0, 0, 1]


def unbilled_slowly(session, day):
    """Instalments of signed terms by month: counted on the day, and on no invoice then."""
    found: dict = defaultdict(int)
    for one in session.scalars(select(Instalment)):
        gone = session.get(InstalmentReversal, one.id)
        lines = session.execute(
            select(InvoiceLine.released, Invoice)
            .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
            .where(InvoiceLine.instalment_id == one.id, Invoice.issued_on <= day)
        ).all()
        billed = any(
            not released
            or all(note.issued_on > day for note in queries.credits_of(session, invoice.id))
            for released, invoice in lines
        )
        if billed or (gone is not None and gone.reversed_on <= day) or not one.amount_minor:
            continue
        month = one.due_on.replace(day=1) if one.due_on >= day else None
        found[month, one.currency] += one.amount_minor
    return found


@pytest.mark.parametrize("day", [TODAY, TODAY - timedelta(days=1), TODAY - timedelta(days=200)])
def test_what_is_billed_and_what_is_to_be_billed_stand_apart(session, day):
    books = make(session)
    read = receivables.receivables(session, day)
    months = receivables.due_next(session, day, read.billed, months=60)
    expected = unbilled_slowly(session, day)
    awaiting = queries.of_membership(session, books.terms["Awaiting"].id)
    for one in awaiting:  # nobody has signed: nothing is owed
        month = one.due_on.replace(day=1) if one.due_on >= day else None
        expected[month, one.currency] -= one.amount_minor
    told = {
        (month.starts_on, money.currency): money.minor
        for month in months
        for money in month.to_bill
    }
    assert told == {key: minor for key, minor in expected.items() if minor}
    billed = sum(money.minor for month in months for money in month.billed)
    assert billed == sum(row.minor[Age.NOT_DUE] for row in read.sums)


def test_a_draft_is_not_billed_and_a_voided_invoice_is_billed_until_it_is_voided(session):
    books = Books(session)
    term = books.start("Once", years=1, starts_on=date(2026, 9, 1))
    (only,) = queries.of_membership(session, term.id)
    earlier = TODAY - timedelta(days=10)

    def to_bill(day):
        months = receivables.due_next(session, day, {})
        return [money for month in months for money in month.to_bill]

    billing.bill(session, [only.id], by=SAM, now=NOW, today=earlier)
    assert to_bill(TODAY) == [Money(250_000_00, "USD")]
    (draft,) = session.scalars(select(Invoice))
    billing.issue(session, draft, by=SAM, now=NOW, today=earlier)
    assert to_bill(earlier - timedelta(days=1)) == [Money(250_000_00, "USD")]
    assert to_bill(earlier) == to_bill(TODAY) == []
    credits.void(session, draft, reason="Wrong", by=DANA, now=NOW, today=TODAY)
    assert to_bill(TODAY - timedelta(days=1)) == []
    assert to_bill(TODAY) == [Money(250_000_00, "USD")]


def test_currencies_are_never_added_up(session):
    company = CompanyFactory()
    InvoiceFactory(company=company, due_on=date(2026, 6, 1), net_minor=500)
    InvoiceFactory(company=company, due_on=date(2026, 6, 1), net_minor=700, currency="EUR")
    read = receivables.receivables(session, TODAY)
    assert [(row.currency, row.total.minor) for row in read.sums] == [("EUR", 700), ("USD", 500)]
    assert len(read.by_company) == 2
    sorts = [
        receivables.in_order(read.by_company, sort)[0].currency for sort in ("total", "-total")
    ]
    assert sorts == ["EUR", "EUR"]
