"""What came in from abroad, by calendar year: what a university reports of foreign sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Integer, and_, cast, extract, func, or_, select, union_all
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.invoices.payment_models import Payment, Refund
from crm.kit import countries
from crm.kit.money import Money
from crm.reports.columns import Column, Kind, Report, Row

HOME = "US"
"""The programme's own country."""
COLUMNS = (
    Column("Company", share=2),
    Column("Year", share=0.7),
    Column("Legal name", share=2),
    Column("Country", share=1.2),
    Column("Incorporated in", share=1.2),
    Column("Ultimate parent’s country", share=1.3),
    Column("Payments", Kind.NUMBER, 0.8),
    Column("Received", Kind.MONEY, 1.2),
    Column("Refunded", Kind.MONEY, 1.2),
    Column("Net", Kind.MONEY, 1.2),
    Column("Currency", share=0.8),
    Column("Company id", Kind.ID, printed=False),
)
ABROAD = or_(
    *(
        and_(column.is_not(None), column != HOME)
        for column in (
            Company.country,
            Company.incorporated_in,
            Company.ultimate_parent_country,
        )
    )
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """Of companies that sit, are incorporated, or have their ultimate parent abroad, by what is
    known of that today. The latest year first. A payment that was struck never came in."""
    came = select(
        Payment.company_id,
        Payment.currency,
        cast(extract("year", Payment.received_on), Integer).label("year"),
        Payment.amount_minor.label("received"),
        (Payment.amount_minor * 0).label("refunded"),
    ).where(
        Payment.received_on <= day,
        or_(Payment.struck_on.is_(None), Payment.struck_on > day),
    )
    back = select(
        Refund.company_id,
        Refund.currency,
        cast(extract("year", Refund.refunded_on), Integer),
        Refund.amount_minor * 0,
        Refund.amount_minor,
    ).where(Refund.refunded_on <= day)
    moved = union_all(came, back).subquery()
    found = session.execute(
        select(
            Company,
            moved.c.year,
            moved.c.currency,
            func.sum(moved.c.received),
            func.sum(moved.c.refunded),
            func.count().filter(moved.c.received > 0),
        )
        .join(moved, moved.c.company_id == Company.id)
        .where(ABROAD)
        .group_by(Company.id, moved.c.year, moved.c.currency)
        .order_by(moved.c.year.desc(), Company.name_key, Company.id, moved.c.currency)
    )
    return [
        (
            company.name,
            str(year),
            company.legal_name,
            *(
                countries.name_of(code) or None
                for code in (
                    company.country, company.incorporated_in, company.ultimate_parent_country
                )
            ),
            count,
            Money(int(received), currency),
            Money(int(refunded), currency),
            Money(int(received - refunded), currency),
            currency,
            company.id,
        )
        for company, year, currency, received, refunded, count in found
    ]  # fmt: skip


REPORT = Report(
    name="foreign-sources",
    title="Foreign sources",
    about="What came in from companies that sit, are incorporated or are owned abroad, by calendar "
    "year and currency.",
    needs=P.MONEY_READ,
    columns=columns,
    rows=rows,
    group_by="Year",
)
