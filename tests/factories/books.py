"""A small register with everything in it that money and terms can go through."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.invoices import billing, credits, payments, queries
from crm.invoices.lines import Charge
from crm.invoices.models import Invoice
from crm.invoices.payment_models import Payment
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.memberships import changing
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.memberships.rules import DuesFrequency
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import tier

SAM, DANA = Actor(901, "Sam Okafor"), Actor(902, "Dana Whitfield")


@dataclass
class Books:
    """Companies by what happened to them."""

    session: Session
    terms: dict[str, Membership] = field(default_factory=dict)

    def company(self, name: str) -> Company:
        return self.session.get_one(Company, self.terms[name].company_id)

    def start(
        self,
        name: str,
        *,
        fee: int = 250_000_00,
        currency: str = "USD",
        frequency: DuesFrequency = DuesFrequency.YEARLY,
        starts_on: date = date(2025, 10, 1),
        years: int = 3,
        tier_key: str = "member",
        signed_on: date | None = date(2025, 9, 1),
        number: str | None = None,
        **facts: object,
    ) -> Membership:
        company = CompanyFactory(name=name, **facts)
        term = enrolment.start(
            self.session,
            NewMembership(
                company.id,
                tier(tier_key).id,
                starts_on,
                years,
                Money(fee, currency),
                frequency,
                company_signed_on=signed_on,
                programme_signed_on=signed_on,
                agreement_number=number,
            ),
            by=DANA,
            now=NOW,
            today=TODAY,
        )
        self.session.flush()
        self.terms[name] = memberships.get(self.session, term.id)
        return self.terms[name]

    def bill(self, name: str, *numbers: int, issued_on: date = TODAY, charge: int = 0) -> Invoice:
        """An issued invoice for these instalments of a term."""
        term = self.terms[name]
        due = {d.number: d.id for d in queries.schedule_of(self.session, term.id)}
        invoice = billing.bill(
            self.session,
            [due[number] for number in numbers],
            charges=[Charge(description="Workshop", amount=Money(charge, term.currency))]
            if charge
            else (),
            by=SAM,
            now=NOW,
            today=issued_on,
        )
        billing.issue(self.session, invoice, by=SAM, now=NOW, today=issued_on)
        return invoice

    def pay(
        self, name: str, amount: int, settles: dict[Invoice, int] | None = None, on: date = TODAY
    ) -> Payment:
        currency = self.terms[name].currency
        return payments.receive(
            self.session,
            self.terms[name].company_id,
            Money(amount, currency),
            received_on=on,
            reference=None,
            settles={i.id: Money(minor, currency) for i, minor in (settles or {}).items()},
            by=DANA,
            now=NOW,
            today=TODAY,
        )

    def credit(self, invoice: Invoice, amount: int) -> None:
        money = Money(amount, invoice.currency)
        credits.credit(self.session, invoice, money, reason="Agreed", by=DANA, now=NOW, today=TODAY)


def make(session: Session) -> Books:
    """Paid, partly paid, credited, voided, refunded; extended, amended, terminated, withdrawn."""
    books = Books(session)
    act = {"by": DANA, "now": NOW, "today": TODAY}
    books.start("Paid", frequency=DuesFrequency.QUARTERLY, fee=100_003_00 + 3)
    paid = books.bill("Paid", 1, 2, charge=500_00)
    payment = books.pay("Paid", paid.total_minor + 1_000_00, {paid: paid.total_minor})
    payments.refund(
        session, payment.company_id, Money(400_00, "USD"), on=TODAY, reason="Twice",
        reference=None, by=DANA, today=TODAY,
    )  # fmt: skip
    books.bill("Paid", 3)
    books.start("Advance", frequency=DuesFrequency.IN_ADVANCE, currency="EUR", fee=10_000_01)
    advance = books.bill("Advance", 1)
    books.pay("Advance", 15_000_00, {advance: 15_000_00}, on=date(2026, 6, 1))
    books.credit(advance, 2_000_00)
    books.start("Voided")
    voided = books.bill("Voided", 1)
    credits.void(session, voided, reason="Wrong address", by=DANA, now=NOW, today=TODAY)
    books.bill("Voided", 1)
    struck = books.pay("Voided", 77_00)
    payments.strike(session, struck, reason="Bounced", by=DANA, now=NOW, today=TODAY)
    extended = books.start("Extended", years=1, starts_on=date(2025, 7, 1))
    changing.extend(session, extended, days=90, reason="Flood", **act)
    amended = books.start("Amended", frequency=DuesFrequency.HALF_YEARLY)
    enrolment.amend(
        session, amended, from_on=date(2027, 1, 17), tier=tier("founding"),
        fee=Money(300_000_00, "USD"), reason="Larger", **act,
    )  # fmt: skip
    ended = books.start("Terminated", frequency=DuesFrequency.QUARTERLY)
    books.bill("Terminated", 1, 2)
    enrolment.terminate(session, ended, on=TODAY, reason="Sold", **act)
    books.start("Awaiting", signed_on=None)
    return books
