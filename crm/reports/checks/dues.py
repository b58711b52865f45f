"""Checks of schedules and invoices: what is planned and what is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.invoices import queries as invoices
from crm.invoices.instalment_models import Instalment, InstalmentReversal, InstalmentShare
from crm.invoices.models import CreditNote, Invoice, InvoiceLine
from crm.invoices.rules import CreditKind
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships.models import Membership
from crm.reports.checks.check import Check, Fault, Outcome, by_currency, invoice, said
from crm.reports.year_fees import YearFees


def schedules(session: Session, day: date) -> Outcome:
    """What stands against what each year costs, told by the rule that plans it."""
    posted: dict[int, dict[int, int]] = defaultdict(dict)
    for membership_id, year, minor in session.execute(
        select(Instalment.membership_id, InstalmentShare.year, func.sum(_SHARE))
        .join(InstalmentShare, InstalmentShare.instalment_id == Instalment.id)
        .where(invoices.stands())
        .group_by(Instalment.membership_id, InstalmentShare.year)
    ):
        posted[membership_id][year] = int(minor)
    terms = session.execute(
        select(
            Membership.id,
            Company.name,
            Membership.starts_on,
            Membership.ends_before,
            Membership.fee_minor,
            Membership.currency,
            Membership.terminated_on,
        )
        .join(Company, Company.id == Membership.company_id)
        .where(Membership.withdrawn_on.is_(None))
        .order_by(Membership.id)
    ).all()
    fees = YearFees.read(session)
    faults, sums = [], []
    for id_, company, starts_on, ends_before, fee, currency, terminated_on in terms:
        owed = fees.of(id_, Period(starts_on, ends_before), Money(fee, currency))
        years = len(owed)
        stands = posted.get(id_, {})
        sums.append((currency, sum(stands.values())))
        for year in sorted({*range(1, years + 1), *stands}):
            costs = owed[year - 1].minor if year <= years else 0
            is_posted = stands.get(year, 0)
            if is_posted > costs or (terminated_on is None and is_posted < costs):
                says = (
                    f"Year {year} costs {said(costs, currency)}; its instalments sum to "
                    f"{said(is_posted, currency)}."
                )
                faults.append(Fault(about=("membership", id_), label=company, says=says))
    return Outcome(count=len(terms), of="terms", sums=by_currency(sums), faults=tuple(faults))


def shares(session: Session, day: date) -> Outcome:
    shared = func.coalesce(func.sum(_SHARE), 0)
    found = session.execute(
        select(
            Membership.id,
            Company.name,
            Instalment.number,
            Instalment.amount_minor,
            Instalment.currency,
            Membership.currency,
            shared,
        )
        .join(Instalment.membership)
        .join(Company, Company.id == Membership.company_id)
        .outerjoin(InstalmentShare, InstalmentShare.instalment_id == Instalment.id)
        .group_by(Instalment.id, Membership.id, Company.name)
        .having(
            or_(
                shared != Instalment.amount_minor,
                Instalment.currency != Membership.currency,
                func.min(InstalmentShare.year) != Instalment.membership_year,
            )
        )
        .order_by(Membership.id, Instalment.number)
    )
    sums = session.execute(
        select(Instalment.currency, func.sum(Instalment.amount_minor), func.count()).group_by(
            Instalment.currency
        )
    ).all()
    return Outcome(
        count=sum(count for _, _, count in sums),
        of="instalments",
        sums=by_currency((currency, minor) for currency, minor, _ in sums),
        faults=tuple(
            Fault(
                about=("membership", id_),
                label=f"{company}, instalment {number}",
                says=f"{said(amount, currency)} is due; its membership years have "
                f"{said(of_years, its_currency)}.",
            )
            for id_, company, number, amount, currency, its_currency, of_years in found
        ),
    )


def lines(session: Session, day: date) -> Outcome:
    """`rules.tax_of` has its twin here: whole numbers, rounded half up."""
    summed = func.coalesce(func.sum(InvoiceLine.amount_minor), 0)
    found = session.execute(
        select(
            Invoice.company_id,
            Invoice.number,
            Company.name,
            Invoice.net_minor,
            Invoice.tax_minor,
            tax(),
            Invoice.currency,
            summed,
        )
        .join(Invoice.company)
        .outerjoin(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .where(Invoice.issued_on.is_not(None))
        .group_by(Invoice.id, Company.name)
        .having(or_(summed != Invoice.net_minor, Invoice.tax_minor != tax()))
        .order_by(Invoice.id)
    )
    return Outcome(
        count=_issued(session),
        of="issued invoices",
        sums=_asked_for(session),
        faults=tuple(
            Fault(
                about=invoice(number, company_id),
                label=f"{number}, {company}",
                says=f"Lines sum to {said(line_sum, currency)}, it asks for {said(net, currency)}"
                f" net; tax is {said(is_tax, currency)}, by its rate {said(by_rate, currency)}.",
            )
            for company_id, number, company, net, is_tax, by_rate, currency, line_sum in found
        ),
    )


def billed_once(session: Session, day: date) -> Outcome:
    """Also that nothing reversed is billed, and that a line asks for what is due."""
    live = and_(InvoiceLine.instalment_id == Instalment.id, InvoiceLine.released.is_(False))
    reversed_ = exists().where(InstalmentReversal.id == Instalment.id).correlate(Instalment)
    gone = case((reversed_, 1), else_=0)
    off = func.sum(case((InvoiceLine.amount_minor != Instalment.amount_minor, 1), else_=0))
    found = session.execute(
        select(Membership.id, Company.name, Instalment.number, func.count(), gone, off)
        .select_from(Instalment)
        .join(InvoiceLine, live)
        .join(Instalment.membership)
        .join(Company, Company.id == Membership.company_id)
        .group_by(Instalment.id, Membership.id, Company.name)
        .having(or_(func.count() > 1, gone == 1, off > 0))
        .order_by(Membership.id, Instalment.number)
    )
    faults = []
    for id_, company, number, count, is_reversed, differs in found:
        told = [
            text
            for text, holds in (
                (f"It stands on {count} invoices.", count > 1),
                ("It was reversed, and is billed.", is_reversed),
                ("The invoice asks for another amount.", differs),
            )
            if holds
        ]
        label = f"{company}, instalment {number}"
        faults.append(Fault(about=("membership", id_), label=label, says=" ".join(told)))
    counted = select(func.count()).where(
        InvoiceLine.instalment_id.is_not(None), InvoiceLine.released.is_(False)
    )
    return Outcome(
        count=session.scalar(counted) or 0,
        of="billed instalments",
        faults=(*faults, *_released_without_void(session)),
    )


def _released_without_void(session: Session) -> Sequence[Fault]:
    voided = exists().where(
        CreditNote.invoice_id == InvoiceLine.invoice_id, CreditNote.kind == CreditKind.VOID
    )
    found = session.execute(
        select(Invoice.id, Invoice.company_id, Invoice.number, Company.name)
        .join(InvoiceLine, InvoiceLine.invoice_id == Invoice.id)
        .join(Invoice.company)
        .where(InvoiceLine.released.is_(True), ~voided)
        .distinct()
        .order_by(Invoice.id)
    )
    return [
        Fault(
            about=invoice(number, company_id),
            label=f"{number}, {company}",
            says="Its lines are free to be billed again, but it was not voided.",
        )
        for _, company_id, number, company in found
    ]


def tax() -> ColumnElement[int]:
    """The SQL twin of `rules.tax_of` for the enclosing `Invoice`."""
    return (Invoice.net_minor * Invoice.tax_basis_points + 5_000) // 10_000


def _issued(session: Session) -> int:
    return session.scalar(select(func.count(Invoice.id)).where(Invoice.issued_on.is_not(None))) or 0


def _asked_for(session: Session) -> tuple[Money, ...]:
    found = session.execute(
        select(Invoice.currency, func.sum(Invoice.net_minor + Invoice.tax_minor))
        .where(Invoice.issued_on.is_not(None))
        .group_by(Invoice.currency)
    )
    return by_currency((currency, minor) for currency, minor in found)


_SHARE = InstalmentShare.amount_minor
CHECKS = (
    Check(
        name="Schedules",
        proves="The instalments that stand sum, year by year, to what the membership costs; of a "
        "terminated one never to more. Withdrawn drafts are left out.",
        look=schedules,
    ),
    Check(
        name="Instalments",
        proves="Each instalment sums to its shares in the membership years, in the term’s "
        "currency.",
        look=shares,
    ),
    Check(
        name="Invoices",
        proves="Each issued invoice sums to its lines, and its tax follows from its rate.",
        look=lines,
    ),
    Check(
        name="Billed once",
        proves="Each instalment stands on at most one live invoice, with its own amount, and none "
        "that was reversed stands on any.",
        look=billed_once,
    ),
)
