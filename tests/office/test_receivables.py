"""Receivables: every sum leads to the invoices behind it; who sees no money sees nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest

from crm.invoices import payments
from crm.invoices.rules import Blocker
from crm.kit.actors import Actor
from crm.kit.money import Money
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.invoices import InvoiceFactory


@pytest.fixture
def owing(session):
    company = CompanyFactory(name="Halvorsen Bearings")
    InvoiceFactory(
        company=company,
        number="INV-2026-0007",
        due_on=date(2026, 3, 15),
        issued_on=date(2026, 2, 1),
        net_minor=12_345_67,
        blocker=Blocker.PURCHASE_ORDER,
        promised_on=date(2026, 6, 20),
    )
    InvoiceFactory(company=company, number="INV-2026-0008", net_minor=1_000_00)
    other = CompanyFactory(name="Nordic")
    InvoiceFactory(company=other, currency="EUR", net_minor=99_00, due_on=date(2026, 6, 10))
    session.commit()
    return company


def test_a_sum_leads_to_its_invoices(owing, dana):
    page = dana.get("/office/receivables")
    rows = {row[0]: row for row in page.rows() if len(row) == 9}
    assert rows["Halvorsen Bearings"][1:] == [
        "$1,000", "–", "–", "–", "$12,345.67", "$12,345.67", "$13,345.67", "–",
    ]  # fmt: skip
    assert rows["Nordic"][2] == "€99"
    assert rows["All in USD 2 invoices"][7] == "$13,345.67"
    link = page.html.find("a", string="$12,345.67")["href"]
    behind = dana.get(link)
    assert "INV-2026-0007" in behind.words
    assert "INV-2026-0008" not in behind.words
    assert "92 days" in behind.words
    assert "Purchase order promised for Jun 20, 2026" in behind.words
    assert behind.html.find("a", string="INV-2026-0007")["href"] == "/office/invoices/INV-2026-0007"


def test_what_is_paid_and_not_used_stands_beside_what_is_owed(owing, session, dana):
    for name, company in (("Halvorsen Bearings", owing), ("Ahead", CompanyFactory(name="Ahead"))):
        payments.receive(
            session, company.id, Money(500_00, "USD"), received_on=date(2026, 6, 10),
            reference=name, settles={}, by=Actor(2, "Sam Okafor"), now=NOW, today=TODAY,
        )  # fmt: skip
    session.commit()
    page = dana.get("/office/receivables")
    rows = {row[0]: row for row in page.rows() if len(row) == 9}
    assert rows["Halvorsen Bearings"][7:] == ["$13,345.67", "$500"]
    assert rows["Ahead"][1:] == ["–"] * 7 + ["$500"]
    assert rows["Nordic"][8] == "–"
    assert rows["All in USD 2 invoices"][7:] == ["$13,345.67", "$1,000"]
    behind = dana.get(page.html.find("a", string="$1,000", href=re.compile("payments"))["href"])
    assert {"Halvorsen Bearings", "Ahead"} <= {row[1] for row in behind.rows()}
    first = dana.get("/office/receivables?sort=-credit&q=ahead").rows()[1]
    assert first[0] == "Ahead"
    assert "unused credit" not in dana.get("/office/receivables?as_of=2026-06-09").words


def test_it_answers_for_another_day(owing, rea):
    words = rea.get("/office/receivables?as_of=2026-03-16").words
    assert "1–30 days" in words
    assert "$13,345.67" not in words
    assert "Nothing is owed" in rea.get("/office/receivables?as_of=2020-01-01").words
    rea.get("/office/receivables?as_of=yesterday", status=400)
    rea.get("/office/receivables?sort=name", status=400)
    rea.get("/office/receivables/invoices?age=old", status=400)
    rea.get("/office/receivables/invoices?currency=dollars", status=400)


def test_it_is_sorted_searched_and_exported(owing, sam):
    first = sam.get("/office/receivables?sort=company").rows()[1]
    assert first[0] == "Halvorsen Bearings"
    assert "Nordic" not in sam.get("/office/receivables?q=halv").words
    assert "Nobody of that name" in sam.get("/office/receivables?q=zzz").words
    file = sam.get("/office/receivables/invoices.csv?age=overdue&currency=EUR").text
    assert "Nordic" in file
    assert "INV-2026-0007" not in file
    assert "9.9E" not in file
    assert "99.00" in file


def test_faculty_and_administrators_do_not_open_it(owing, fay, ada):
    for who in (fay, ada):
        who.get("/office/receivables", status=403)
        who.get("/office/receivables/invoices", status=403)
        who.get("/office/receivables/invoices.csv", status=403)
        assert "Receivables" not in who.get("/office/").text
