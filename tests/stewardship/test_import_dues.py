"""Memberships, invoices and payments: what a programme brings along when it moves in."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from crm.invoices import billing, queries
from crm.invoices.instalment_models import Instalment
from crm.invoices.models import Counter, Invoice, InvoiceLine
from crm.invoices.payment_models import Payment
from crm.invoices.rules import InvoicingWay
from crm.kit.money import Money
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.memberships.rules import DuesFrequency
from crm.reports import self_check
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.stewardship.importing import counts

HEADS = "Company,Tier,Starts on,Years,Fee,Frequency,Signed on,Agreement number,Instalments\n"
NORTHLAKE = "Northlake,founding,2023-10-01,3,500000,yearly,2023-09-01,MFG-1,\n"
BOLT = 'Bolt,Associate,2025-07-01,2 years,"50,000.01",,2025-06-01,,{}\n'
INVOICES = "Number,Company,Agreement,Issued on,Due on,Amount,PO number,Finance number\n"
PAYMENTS = "Company,Received on,Amount,Reference,Invoice number\n"


@pytest.fixture(autouse=True)
def companies(session):
    for name in ("Northlake", "Bolt"):
        CompanyFactory(name=name)
    session.commit()


def green(session):
    return self_check.red(self_check.results(session, TODAY)) == []


def test_memberships_come_with_their_schedules(imports, session):
    by_hand = BOLT.format("2025-07-01 60000.01; 2026-03-31 40000.01")
    report = imports("memberships", HEADS + NORTHLAKE + by_hand)
    assert counts(report) == (2, 0, 0)
    northlake, bolt = session.scalars(select(Membership).order_by(Membership.starts_on)).all()
    assert (northlake.founding, northlake.agreement_number) == (True, "MFG-1")
    assert northlake.company_signed_on == northlake.programme_signed_on == date(2023, 9, 1)
    assert northlake.ends_before == date(2026, 10, 1)
    dues = queries.of_membership(session, northlake.id)
    assert [(d.due_on, d.amount_minor) for d in dues] == [
        (date(year, 10, 1), 500_000_00) for year in (2023, 2024, 2025)
    ]
    assert bolt.dues_frequency is DuesFrequency.BY_HAND
    dues = queries.of_membership(session, bolt.id)
    assert [(d.due_on, d.amount_minor) for d in dues] == [
        (date(2025, 7, 1), 60_000_01), (date(2026, 3, 31), 40_000_01),
    ]  # fmt: skip
    assert green(session)


def test_a_fee_for_each_year_and_renewals_in_any_order(imports, session):
    text = (
        "Company,Tier,Starts on,Years,Fee,Year fees,Signed on\n"
        "Northlake,Member,2026-02-28,2,100,100; 120,2026-01-01\n"
        "Northlake,Member,2024-02-28,2,100,100; 90.50,2024-01-01\n"
    )
    assert counts(imports("memberships", text)) == (2, 0, 0)
    first, second = session.scalars(select(Membership).order_by(Membership.starts_on)).all()
    assert second.predecessor_id == first.id
    assert memberships.fees_of(session, first) == [Money(100_00, "USD"), Money(90_50, "USD")]
    assert green(session)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Nowhere,Member,2025-01-01,3,1,,,,", "Row 2, column “Company”: No company is known"),
        ("Bolt,Golden,2025-01-01,3,1,,,,", "Row 2, column “Tier”: There is no such tier."),
        ("Bolt,Member,2025-02-30,3,1,,,,", "Row 2, column “Starts on”: There is no such day"),
        ("Bolt,Member,2025-01-01,three,1,,,,", "Row 2, column “Years”: Write a number of years"),
        ("Bolt,Member,2025-01-01,11,1,,,,", "Row 2, column “Years”: A term has between"),
        ("Bolt,Member,2025-01-01,3,-1,,,,", "Row 2, column “Fee”: The amount cannot be negative"),
        ("Bolt,Member,2025-01-01,3,1,weekly,,,", "Row 2, column “Frequency”: Write one of"),
        ("Bolt,Member,2025-01-01,3,1,by hand,,,", "Row 2, column “Frequency”: By hand needs"),
        ("Bolt,Member,2025-01-01,1,9,,,,2025-01-01", "Row 2, column “Instalments”: Write each"),
        ("Bolt,Member,2025-01-01,1,9,,,,2025-01-01 8", "Row 2, column “Instalments”: The instal"),
        ("Bolt,Member,2025-01-01,1,9,,2027-01-01,,", "Row 2: A signature cannot lie in the fut"),
        ("Bolt,Member,2025-01-01,1,9,,,MFG-1,", "Row 2, column “Agreement number”: Another"),
        ("Northlake,Member,2025-01-01,1,9,,,,", "Row 2, column “Starts on”: Northlake has a memb"),
    ],
)  # fmt: skip
def test_a_wrong_membership_is_named_and_nothing_is_taken(imports, session, line, complaint):
    imports("memberships", HEADS + NORTHLAKE)
    good = "Bolt,Member,2030-01-01,1,9,,,,\n"
    [said] = imports.refused("memberships", HEADS + line + "\n" + good)
    assert said.startswith(complaint)
    assert session.scalar(select(func.count(Membership.id))) == 1


def test_a_dry_run_refuses_what_the_import_would_and_writes_nothing(imports, session):
    report = imports("memberships", HEADS + NORTHLAKE, write=False)
    assert counts(report) == (1, 0, 0)
    assert session.scalar(select(func.count(Membership.id))) == 0
    twice = HEADS + NORTHLAKE + NORTHLAKE.replace("2023-10-01", "2024-10-01").replace("MFG-1", "")
    [said] = imports.refused("memberships", twice, write=False)
    assert said.startswith("Row 3, column “Starts on”: Northlake has a membership")


def test_invoices_keep_their_numbers_and_bill_the_dues(imports, session):
    imports("memberships", HEADS + NORTHLAKE)
    text = (
        INVOICES
        + "MFG23-17,Northlake,MFG-1,2023-09-05,2023-10-05,500000,PO-7,F-1\n"
        + "REQ-2025-0009,,MFG-1,2025-09-05,2025-10-05,500000,,\n"
        + 'REQ-2026-0002,Bolt,,2026-02-01,2026-03-01,"1,200.50",,\n'
    )
    report = imports("invoices", text)
    assert counts(report) == (3, 0, 0)
    assert [str(warning) for warning in report.warnings] == [
        "Row 4, column “Amount”: No dues that are not billed yet come to this: taken as a charge."
    ]
    first, second, charge = session.scalars(select(Invoice).order_by(Invoice.id)).all()
    assert (first.number, first.issued_on, first.due_on, first.po_number) == (
        "MFG23-17", date(2023, 9, 5), date(2023, 10, 5), "PO-7",
    )  # fmt: skip
    assert (first.finance_number, first.way) == ("F-1", InvoicingWay.CENTRAL)
    billed = select(InvoiceLine.invoice_id, Instalment.number).join(
        Instalment, Instalment.id == InvoiceLine.instalment_id
    )
    assert dict(session.execute(billed).all()) == {first.id: 1, second.id: 3}
    assert charge.membership_id is None
    assert green(session)
    counters = dict(session.execute(select(Counter.year, Counter.last)).all())
    assert counters == {2025: 9, 2026: 2}
    due = queries.schedule_of(session, session.scalars(select(Membership.id)).one())
    mine = billing.bill(session, [due[1].id], by=imports.actor, now=NOW, today=TODAY)
    assert billing.issue(session, mine, by=imports.actor, now=NOW, today=TODAY) == "REQ-2026-0003"
    assert green(session)
    session.commit()
    assert counts(imports("invoices", text)) == (0, 0, 3)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("A-1,Nowhere,,2025-01-01,2025-02-01,1,,", "Row 2, column “Company”: No company"),
        ("A-1,,MFG-9,2025-01-01,2025-02-01,1,,", "Row 2, column “Agreement”: No membership has"),
        ("A-1,Bolt,MFG-1,2025-01-01,2025-02-01,1,,", "Row 2, column “Agreement”: This agreement"),
        ("A-1,Bolt,,2025-01-01,2024-12-31,1,,", "Row 2, column “Due on”: It cannot be due before"),
        ("A-1,Bolt,,2027-01-01,2027-02-01,1,,", "Row 2, column “Issued on”: What was issued"),
        ("A-1,Bolt,,2025-01-01,2025-02-01,0,,", "Row 2, column “Amount”: Write an amount above"),
        ("OLD-1,Bolt,,2025-01-01,2025-02-01,7,,", "Row 2, column “Number”: This number is known"),
        ("A-1,Bolt,,2025-01-01,2025-02-01,7,,F-1", "Row 2, column “Finance number”: Another"),
        ("to-bill,Bolt,,2025-01-01,2025-02-01,7,,", "Row 2, column “Number”: Write the invoice"),
        ("INV-1.pdf,Bolt,,2025-01-01,2025-02-01,7,,", "Row 2, column “Number”: Write the invoice"),
        ("INV-2025-99999,Bolt,,2025-01-01,2025-02-01,7,,", "Row 2, column “Number”: This lies far"),
        (",Bolt,,2025-01-01,2025-02-01,7,,", "Row 2, column “Number”: This cell is empty"),
    ],
)  # fmt: skip
def test_a_wrong_invoice_is_named_and_nothing_is_taken(imports, session, line, complaint):
    imports("memberships", HEADS + NORTHLAKE)
    imports("invoices", INVOICES + "OLD-1,Bolt,,2025-01-01,2025-02-01,8,,F-1\n")
    good = "A-2,Bolt,,2025-01-01,2025-02-01,1,,\n"
    [said] = imports.refused("invoices", INVOICES + line + "\n" + good)
    assert said.startswith(complaint)
    assert session.scalar(select(func.count(Invoice.id))) == 1


def test_one_number_twice_in_a_file(imports):
    line = "A-1,Bolt,,2025-01-01,2025-02-01,1,,\n"
    [said] = imports.refused("invoices", INVOICES + line + line)
    assert said == "Row 3, column “Number”: Row 2 has this number, too."


def test_payments_settle_the_invoices_they_name(imports, session):
    imports(
        "invoices",
        INVOICES
        + "A-1,Bolt,,2025-01-01,2025-02-01,100,,F-1\n"
        + "A-2,Bolt,,2025-01-01,2025-02-01,50,,\n",
    )
    text = (
        PAYMENTS
        + "Bolt,2025-02-03,120,WIRE 1,F-1; A-2\n"
        + ",2025-02-03,40,WIRE 2,A-2\n"
        + "Bolt,2025-03-01,7,,\n"
        + "Bolt,2025-03-01,7,,\n"
    )
    report = imports("payments", text)
    assert counts(report) == (4, 0, 0)
    assert [str(warning) for warning in report.warnings] == [
        "Row 3, column “Invoice number”: More than is owed: the rest stays as the company’s credit."
    ]
    paid = dict(session.execute(select(Invoice.number, Invoice.paid_minor)).all())
    assert paid == {"A-1": 100_00, "A-2": 50_00}
    credit = sum(payment.credit.minor for payment in session.scalars(select(Payment)))
    assert credit == 24_00
    assert green(session)
    session.commit()
    assert counts(imports("payments", text)) == (0, 0, 4)
    assert counts(imports("payments", text + "Bolt,2025-03-01,7,,\n")) == (1, 0, 4)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("Nowhere,2025-01-01,1,,", "Row 2, column “Company”: No company is known"),
        (",2025-01-01,1,,", "Row 2, column “Company”: This cell is empty"),
        ("Bolt,2027-01-01,1,,", "Row 2, column “Received on”: A payment is recorded when"),
        ("Bolt,2025-01-01,0,,", "Row 2, column “Amount”: Write an amount above zero."),
        ("Bolt,2025-01-01,1,,A-9", "Row 2, column “Invoice number”: No issued invoice"),
        ("Northlake,2025-01-01,1,,A-1", "Row 2, column “Invoice number”: This invoice is ano"),
    ],
)
def test_a_wrong_payment_is_named_and_nothing_is_taken(imports, session, line, complaint):
    imports("invoices", INVOICES + "A-1,Bolt,,2025-01-01,2025-02-01,100,,\n")
    [said] = imports.refused("payments", PAYMENTS + line + "\nBolt,2025-01-01,1,,\n")
    assert said.startswith(complaint)
    assert session.scalar(select(func.count(Payment.id))) == 0


def test_a_payment_in_another_currency_than_its_invoice(imports, session):
    imports("invoices", INVOICES + "A-1,Bolt,,2025-01-01,2025-02-01,100,,\n")
    heads = "Company,Received on,Amount,Currency,Invoice number\n"
    [said] = imports.refused("payments", heads + "Bolt,2025-02-01,100,EUR,A-1\n")
    assert said == "Row 2, column “Invoice number”: The invoice is not in EUR."
    [said] = imports.refused("payments", heads + "Bolt,2025-02-01,100,XQZ,A-1\n")
    assert said.startswith("Row 2, column “Currency”: There is no such currency")
