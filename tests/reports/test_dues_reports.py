"""Money in reports: what they sum to is what a plain replay of the rows says."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.invoices import billing, payments, rules
from crm.invoices.instalment_models import Instalment, InstalmentReversal, InstalmentShare
from crm.invoices.models import CreditNote, Invoice, InvoiceLine, Reminder
from crm.invoices.payment_models import Allocation
from crm.invoices.rules import Blocker
from crm.kit.money import Money
from crm.memberships.models import Membership
from crm.memberships.rules import DuesFrequency
from crm.pipeline.operations import dated
from crm.pipeline.rules import Move
from crm.programme.models import Programme
from crm.reports import (
    dues_by_year,
    dues_forecast,
    foreign_sources,
    receivables_ageing,
    self_check,
)
from crm.reports.columns import Asked, Report
from tests.conftest import NOW, TODAY
from tests.factories import books as registers
from tests.factories.books import DANA, SAM, Books
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory, UserFactory
from tests.factories.memberships import MembershipFactory, tier
from tests.factories.pipeline import OpportunityFactory

STAFF = Viewer(1, "Sam", "", frozenset({Role.STAFF}))
Line = dict[str, Any]


def read(session: Session, report: Report, day: date = TODAY) -> list[Line]:
    headings = [column.heading for column in report.columns(STAFF)]
    rows = report.read(session, Asked(day=day, viewer=STAFF), now=NOW)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def sums(lines: list[Line], heading: str, *by: str) -> dict[Any, int]:
    """Minor units by these columns and the currency; nothing for nothing."""
    found: dict[Any, int] = defaultdict(int)
    for line in lines:
        cell = line[heading]
        if cell is not None:
            found[(*(line[name] for name in by), cell.currency)] += cell.minor
    return {key: minor for key, minor in found.items() if minor}


@pytest.fixture
def register(session: Session) -> Books:
    """Thirty companies with a random past: billed, paid, credited, voided, amended, ended."""
    chance, books = random.Random(20261125), registers.make(session)
    for number in range(30):
        name = f"Random {number}"
        starts_on = date(2023, 9, 1) + timedelta(days=chance.randrange(1000))
        term = books.start(
            name,
            fee=chance.randrange(1, 30_000_000),
            currency=chance.choice(("USD", "EUR", "JPY")),
            frequency=chance.choice(list(DuesFrequency)[:4]),
            starts_on=starts_on,
            years=chance.randrange(1, 5),
            signed_on=chance.choice((date(2023, 9, 1), date(2023, 9, 1), None)),
        )
        if term.executed_on is None:
            continue
        numbers = [due.number for due in registers.queries.schedule_of(session, term.id)]
        while numbers and chance.random() < 0.75:
            some = [numbers.pop(0) for _ in range(min(len(numbers), chance.randrange(1, 4)))]
            charge = chance.choice((0, 0, chance.randrange(1, 99_999)))
            day = starts_on + timedelta(days=chance.randrange(300))
            invoice = books.bill(name, *some, issued_on=min(day, TODAY), charge=charge)
            _settle(books, chance, name, invoice)
    session.flush()
    return books


def _settle(books: Books, chance: random.Random, name: str, invoice: Invoice) -> None:
    issued_on = invoice.issued_on
    assert issued_on is not None
    for _ in range(chance.randrange(3)):
        left = invoice.balance.minor
        part = chance.choice((left, left // 2, left // 3))
        if part and chance.random() < 0.7:
            span = (TODAY - issued_on).days
            on = issued_on + timedelta(days=chance.randrange(span + 1))
            over = chance.choice((0, 0, 555))
            books.pay(name, part + over, {invoice: part}, on=on)
        elif part:
            books.credit(invoice, part)


DAYS = [TODAY - timedelta(days=back) for back in (0, 1, 17, 60, 200, 400, 900)]


def test_the_random_register_ties_out(register, session):
    assert self_check.red(self_check.results(session, TODAY)) == []


def test_the_reports_are_a_replay_of_the_rows(register, session):
    """The register takes seconds to make: one for all of them."""
    for day in DAYS:
        the_ageing(session, day)
    for day in DAYS[::3]:
        the_dues_by_year(session, day)
        the_forecast(session, day)


def the_ageing(session, day):
    lines = read(session, receivables_ageing.REPORT, day)
    owed: dict[int, int] = {}
    for invoice in session.scalars(select(Invoice)):
        if invoice.issued_on is None or invoice.issued_on > day:
            continue
        paid = sum(
            a.amount_minor
            for a in session.scalars(select(Allocation).where(Allocation.invoice_id == invoice.id))
            if a.allocated_on <= day
        )
        credited = sum(
            n.amount_minor
            for n in session.scalars(select(CreditNote).where(CreditNote.invoice_id == invoice.id))
            if n.issued_on <= day
        )
        if invoice.total_minor - paid - credited:
            owed[invoice.id] = invoice.total_minor - paid - credited
    assert {line["Invoice id"]: line["Balance"].minor for line in lines} == owed
    buckets = [heading for heading, _ in receivables_ageing.BUCKETS]
    for line in lines:
        late = max(0, (day - line["Due on"]).days)
        assert line["Days late"] == late
        filled = [heading for heading in buckets if line[heading] is not None]
        place = 0 if not late else 1 + min(3, (late - 1) // 30)
        assert filled == [buckets[place]]
        assert line[filled[0]] == line["Balance"]
        assert line["Amount"] - line["Paid"] - line["Credited"] == line["Balance"]
    bars = receivables_ageing.REPORT.chart(receivables_ageing.rows(session, day=day, viewer=STAFF))
    charted: dict[str, int] = defaultdict(int)
    for bar in bars:
        charted[bar.amount.currency] += bar.amount.minor
    assert charted == {currency: minor for (currency,), minor in sums(lines, "Balance").items()}


def replayed_shares(session: Session, day: date) -> list[Line]:
    """Each share of each instalment that stands, with what its live invoice says of it."""
    gone = set(session.scalars(select(InstalmentReversal.id)))
    settled: dict[tuple[int, int], tuple[int, int, int]] = {}
    for invoice in session.scalars(select(Invoice).where(Invoice.issued_on <= day)).all():
        lines = session.scalars(
            select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)
        ).all()
        parts: list[tuple[tuple[int, int, int], int]] = []
        for line in lines:
            if line.instalment_id is None:
                parts.append(((9, line.position, 0), line.amount_minor))
                continue
            for share in session.scalars(
                select(InstalmentShare).where(InstalmentShare.instalment_id == line.instalment_id)
            ):
                key = (0 if not line.released else 1, share.instalment_id, share.year)
                parts.append((key, share.amount_minor))
        parts.sort(key=lambda part: (part[0][0] == 9, part[0][2], part[0][1]))
        paid = sum(
            a.amount_minor
            for a in session.scalars(select(Allocation).where(Allocation.invoice_id == invoice.id))
            if a.allocated_on <= day
        )
        credited = sum(
            n.amount_minor
            for n in session.scalars(select(CreditNote).where(CreditNote.invoice_id == invoice.id))
            if n.issued_on <= day
        )
        amounts = [amount for _, amount in parts]
        of_paid = rules.earliest_first(amounts, paid)
        of_both = rules.earliest_first(amounts, paid + credited)
        for ((kind, id_, year), amount), p, b in zip(parts, of_paid, of_both, strict=True):
            if kind == 0:
                settled[id_, year] = (amount, p, b - p)
    found = []
    for instalment in session.scalars(select(Instalment)).all():
        term = session.get_one(Membership, instalment.membership_id)
        executed = term.executed_on is not None and term.executed_on <= day
        if instalment.id in gone or term.withdrawn_on:
            continue
        for share in session.scalars(
            select(InstalmentShare).where(InstalmentShare.instalment_id == instalment.id)
        ):
            billed = settled.get((instalment.id, share.year), (0, 0, 0))
            found.append(
                {
                    "executed": executed,
                    "term": term,
                    "due_on": instalment.due_on,
                    "year": share.year,
                    "currency": instalment.currency,
                    "due": share.amount_minor,
                    "billed": billed[0],
                    "paid": billed[1],
                    "credited": billed[2],
                }
            )
    return found


def the_dues_by_year(session, day):
    lines = read(session, dues_by_year.REPORT, day)
    shares = [share for share in replayed_shares(session, day) if share["executed"]]
    for heading, name in (
        ("Due", "due"), ("Billed", "billed"), ("Received", "paid"), ("Credited", "credited"),
    ):  # fmt: skip
        told: dict[Any, int] = defaultdict(int)
        for share in shares:
            fiscal = f"FY{share['due_on'].year + (share['due_on'].month >= 7)}"
            told[share["term"].id, share["year"], fiscal, share["currency"]] += share[name]
        found = sums(lines, heading, "Membership id", "Membership year", "Fiscal year")
        assert found == {key: minor for key, minor in told.items() if minor}
    for line in lines:
        assert line["Billed"] - line["Received"] - line["Credited"] == line["Open"]
        assert line["Institutional charge"] + line["Net to programme"] == line["Due"]
    asked = Asked(day=day, viewer=STAFF)
    raw = dues_by_year.rows(session, day=day, viewer=STAFF)
    by_fiscal, by_year = dues_by_year.sections(session, asked, raw)
    for section in (by_fiscal, by_year):
        totals: dict[str, int] = defaultdict(int)
        for row in section.rows:
            totals[row[1]] += row[2].minor
        assert totals == {currency: minor for (currency,), minor in sums(lines, "Due").items()}


def the_forecast(session, day):
    lines = read(session, dues_forecast.REPORT, day)
    first = date(day.year - (day.month < 7), 7, 1)
    last = first.replace(year=first.year + 3)
    told: dict[Any, int] = defaultdict(int)
    for share in replayed_shares(session, day):
        if not share["executed"] or share["due_on"] >= last:
            continue
        if share["due_on"] >= first:
            told["received", share["currency"]] += share["paid"]
        told["billed", share["currency"]] += share["billed"] - share["paid"] - share["credited"]
        if not share["billed"]:
            told["contracted", share["currency"]] += share["due"]
    found = sums(lines, "Amount", "Certainty")
    agreed = {key: minor for key, minor in found.items() if key[0] not in ("renewal", "pipeline")}
    assert agreed == {key: minor for key, minor in told.items() if minor}
    for line in lines:
        assert line["Institutional charge"] + line["Net to programme"] == line["Amount"]
        if line["Certainty"] in ("received", "billed", "contracted"):
            assert line["Weighted"] == line["Amount"]
    raw = dues_forecast.rows(session, day=day, viewer=STAFF)
    (quarters,) = dues_forecast.sections(session, Asked(day=day, viewer=STAFF), raw)
    headings = [column.heading for column in quarters.columns]
    for certainty in ("received", "billed", "contracted", "renewal", "pipeline"):
        place = headings.index(certainty.capitalize())
        summed: dict[str, int] = defaultdict(int)
        for row in quarters.rows:
            summed[row[1]] += row[place].minor
        assert {c: minor for c, minor in summed.items() if minor} == {
            currency: minor for (name, currency), minor in found.items() if name == certainty
        }


def test_what_is_hoped_for(session, sam):
    """A renewal at its chance, a draft, an opportunity at its stage's, a parked one at none."""
    books = Books(session)
    books.start("Ending", years=1, starts_on=date(2025, 10, 1), frequency=DuesFrequency.HALF_YEARLY)
    books.start("Waiting", signed_on=None, years=1, starts_on=date(2026, 9, 1))
    for name, parked in (("Talking", None), ("Parked", date(2026, 12, 1))):
        opportunity = OpportunityFactory(
            company=CompanyFactory(name=name),
            at="negotiation",
            tier_id=tier("associate").id,
            value_minor=100_001,
            expected_on=date(2026, 11, 15),
            parked_until=parked,
        )
        move = Move.PARKED if parked else Move.OPENED
        dated(
            session, opportunity, move, from_stage_id=None, on=opportunity.opened_on,
            by=sam.actor, now=NOW,
        )  # fmt: skip
    lines = read(session, dues_forecast.REPORT)
    hoped = [line for line in lines if line["Certainty"] in ("renewal", "pipeline")]
    told = [
        (line["Company"], line["Due on"], line["Amount"].minor, line["Certainty"],
         line["Probability"], line["Weighted"].minor, line["Fiscal year"], line["Quarter"])
        for line in hoped
    ]  # fmt: skip
    assert told == [
        ("Ending", date(2026, 10, 1), 125_000_00, "renewal", 80, 100_000_00, "FY2027", "Q2"),
        ("Ending", date(2027, 4, 1), 125_000_00, "renewal", 80, 100_000_00, "FY2027", "Q4"),
        ("Waiting", date(2026, 9, 1), 250_000_00, "pipeline", 95, 237_500_00, "FY2027", "Q1"),
        ("Parked", date(2026, 11, 15), 50_001, "pipeline", 80, 0, "FY2027", "Q2"),
        ("Talking", date(2026, 11, 15), 50_001, "pipeline", 80, 40_001, "FY2027", "Q2"),
        ("Parked", date(2027, 11, 15), 50_000, "pipeline", 80, 0, "FY2028", "Q2"),
        ("Talking", date(2027, 11, 15), 50_000, "pipeline", 80, 40_000, "FY2028", "Q2"),
    ]
    assert hoped[0]["Institutional charge"] == Money(12_500_00, "USD")
    following = MembershipFactory(
        company=books.company("Ending"), starts_on=date(2026, 10, 1), unsigned=True, fee_minor=1
    )
    session.flush()
    assert following.executed_on is None
    assert "Ending" not in [
        line["Company"]
        for line in read(session, dues_forecast.REPORT)
        if line["Certainty"] == "renewal"
    ]


def test_the_chance_of_a_renewal_is_a_setting(session):
    Books(session).start("Ending", years=1, starts_on=date(2025, 10, 1))
    facts = session.scalars(select(Programme.facts)).one()
    changed = {**facts, "dues": {**facts["dues"], "renewal_probability_percent": 55}}
    session.execute(update(Programme).values(facts=changed))
    chances = {
        line["Probability"]
        for line in read(session, dues_forecast.REPORT)
        if line["Certainty"] == "renewal"
    }
    assert chances == {55}


def test_a_line_of_the_ageing_says_who_and_why(session):
    books = Books(session)
    term = books.start("Halvorsen", owner=UserFactory(name="Sam Okafor"))
    contact = PersonFactory(name="Kari Moen")
    AffiliationFactory(person=contact, company=term.company, billing=True)
    invoice = books.bill("Halvorsen", 1, issued_on=date(2026, 1, 10))
    billing.record_finance(session, invoice, number="F26-1", invoiced_on=date(2026, 1, 15))
    billing.note_blocker(
        session, invoice, Blocker.PURCHASE_ORDER, note=None, promised_on=date(2026, 7, 1)
    )
    session.add_all(
        Reminder(invoice_id=invoice.id, step=n, released_on=on, to="x@y.example", by_name="Sam")
        for n, on in ((1, date(2026, 3, 1)), (2, date(2026, 5, 1)))
    )
    books.pay("Halvorsen", 1_00, {invoice: 1_00}, on=date(2026, 2, 1))
    session.flush()
    (line,) = read(session, receivables_ageing.REPORT)
    assert line == {
        "Company": "Halvorsen",
        "Invoice": "REQ-2026-0001",
        "Finance number": "F26-1",
        "PO number": None,
        "Invoiced on": date(2026, 1, 15),
        "Due on": date(2026, 2, 9),
        "Currency": "USD",
        "Amount": Money(250_000_00, "USD"),
        "Paid": Money(1_00, "USD"),
        "Credited": Money(0, "USD"),
        "Balance": Money(249_999_00, "USD"),
        "Not yet due": None,
        "1–30": None,
        "31–60": None,
        "61–90": None,
        "Over 90": Money(249_999_00, "USD"),
        "Days late": 126,
        "Blocker": "purchase order",
        "Promised for": date(2026, 7, 1),
        "Last reminder": date(2026, 5, 1),
        "Billing contact": "Kari Moen",
        "Relationship manager": "Sam Okafor",
        "Company id": term.company_id,
        "Membership id": term.id,
        "Invoice id": invoice.id,
    }
    (earlier,) = read(session, receivables_ageing.REPORT, date(2026, 1, 31))
    assert (earlier["Paid"].minor, earlier["Not yet due"].minor) == (0, 250_000_00)
    assert earlier["Last reminder"] is None


def test_foreign_sources_by_year_and_currency(session):
    books = Books(session)
    for name, facts in (
        ("Halvorsen", {"country": "NO"}),
        ("Daughter", {"country": "US", "ultimate_parent_country": "JP"}),
        ("Shell", {"country": "US", "incorporated_in": "IE"}),
        ("Home", {"country": "US", "incorporated_in": "US", "ultimate_parent_country": "US"}),
        ("Unknown", {}),
    ):
        books.start(name, **facts)
        books.pay(name, 100_00, on=date(2025, 12, 31))
        books.pay(name, 50_00, on=date(2026, 1, 1))
        books.pay(name, 25_00, on=date(2026, 1, 2))
    struck = books.pay("Shell", 9_99, on=date(2026, 2, 1))
    payments.strike(session, struck, reason="Bounced", by=DANA, now=NOW, today=TODAY)
    payments.refund(
        session, books.terms["Shell"].company_id, Money(5_00, "USD"), on=date(2026, 3, 1),
        reason="Twice", reference=None, by=SAM, today=TODAY,
    )  # fmt: skip
    lines = read(session, foreign_sources.REPORT)
    assert [
        (line["Year"], line["Company"], line["Payments"], line["Received"].minor, line["Net"].minor)
        for line in lines
    ] == [
        ("2026", "Daughter", 2, 75_00, 75_00),
        ("2026", "Halvorsen", 2, 75_00, 75_00),
        ("2026", "Shell", 2, 75_00, 70_00),
        ("2025", "Daughter", 1, 100_00, 100_00),
        ("2025", "Halvorsen", 1, 100_00, 100_00),
        ("2025", "Shell", 1, 100_00, 100_00),
    ]
    assert lines[0]["Ultimate parent’s country"] == "Japan"
    assert len(read(session, foreign_sources.REPORT, date(2025, 12, 31))) == 3


@pytest.mark.parametrize(
    ("day", "starts_in", "year", "quarter"),
    [
        (date(2026, 6, 30), 7, 2026, 4), (date(2026, 7, 1), 7, 2027, 1),
        (date(2026, 12, 31), 1, 2026, 4), (date(2026, 1, 1), 1, 2026, 1),
        (date(2026, 9, 30), 10, 2026, 4), (date(2026, 10, 1), 10, 2027, 1),
        (date(2028, 2, 29), 3, 2028, 4), (date(2028, 12, 1), 12, 2029, 1),
    ],
)  # fmt: skip
def test_fiscal_years_are_named_after_their_end(day, starts_in, year, quarter):
    assert rules.fiscal_year(day, starts_in) == year
    assert rules.fiscal_quarter(day, starts_in) == quarter
    assert rules.fiscal_year_starts_on(year, starts_in) <= day
    assert day < rules.fiscal_year_starts_on(year + 1, starts_in)
