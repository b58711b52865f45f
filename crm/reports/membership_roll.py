"""The membership roll: the terms that are active or in grace on a day, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.roster import speakers_on
from crm.council.roster_lines import VACANT
from crm.invoices import queries as invoices
from crm.kit import countries
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import queries as memberships
from crm.memberships.rules import SeatEntitlement, executed_on, year_on
from crm.reports import roll_sections
from crm.reports.columns import Column, Kind, Report, Row, shown_to
from crm.reports.dues_parts import received_by_year
from crm.reports.roll_terms import of_day
from crm.reports.year_fees import YearFees

A_DAY = timedelta(days=1)
MONEY = (
    Column("Fee a year", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Currency", share=0.8, printed=False, needs=P.MONEY_READ),
)
THIS_YEAR = (
    Column("Fee this year", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Received this year", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Good standing", Kind.FLAG, 0.9, needs=P.MONEY_READ),
)
"""Of the membership year the day falls in; in grace, of the last."""
COLUMNS = (
    Column("Company", share=2.1),
    Column("Tier", share=1),
    Column("Founding", Kind.FLAG, 0.85),
    Column("Status", Kind.STATUS, 0.7),
    Column("Starts on", Kind.DAY, 1.25),
    Column("Last day", Kind.DAY, 1.25),
    *MONEY,
    Column("Relationship manager", share=1.4),
    Column("Council representative", share=1.5),
    Column("Member since", Kind.DAY, 1.25),
    Column("Company id", Kind.ID, 0.75, printed=False),
    Column("Membership id", Kind.ID, 0.95, printed=False),
    Column("Legal name", share=1.6, printed=False),
    Column("Country", share=1, printed=False),
    Column("Agreement number", share=1.2, printed=False),
    Column("Executed on", Kind.DAY, 1.25),
    *THIS_YEAR,
    Column("Notice by", Kind.DAY, 1.25),
)
"""In this order; a later one is appended."""


def columns(viewer: Viewer) -> Sequence[Column]:
    return shown_to(viewer, COLUMNS)


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By company name. Names are today's, all else is the day's. Of a tier without a seat the cell
    of its representative is empty."""
    found = session.execute(of_day(day)).all()
    money = viewer.may(P.MONEY_READ)
    speakers = speakers_on(session, day)
    of_money = _money(session, day, found) if money else {}
    return [
        (
            term.company,
            term.tier,
            term.founding,
            term.status,
            term.starts_on,
            term.runs_before - A_DAY,
            *((Money(term.fee, term.currency), term.currency) if money else ()),
            term.owner,
            None if term.seat is SeatEntitlement.NONE else speakers.get(term.company_id, VACANT),
            term.since,
            term.company_id,
            term.id,
            term.legal_name,
            countries.name_of(term.country) or None,
            term.agreement_number,
            executed_on(term.company_signed_on, term.programme_signed_on),
            *(of_money[term.id] if money else ()),
            _notice_by(term.runs_before, term.notice_days),
        )
        for term in found
    ]


def _notice_by(runs_before: date, notice_days: int | None) -> date | None:
    """The last day on which the company may say that it will not renew."""
    return runs_before - timedelta(days=notice_days) if notice_days is not None else None


def _money(session: Session, day: date, terms: Sequence[Any]) -> dict[int, Row]:
    """Fee and receipts of the membership year, and whether nothing is overdue, by term."""
    fees, received = YearFees.read(session), received_by_year(session, day)
    overdue = invoices.overdue_companies(session, {term.company_id for term in terms}, day)
    found: dict[int, Row] = {}
    for term in terms:
        period = Period(term.starts_on, term.ends_before)
        year = year_on(day, period)
        yearly = fees.of(term.id, period, Money(term.fee_as_signed, term.currency))
        found[term.id] = (
            yearly[year - 1],
            Money(received.get((term.id, year), 0), term.currency),
            term.company_id not in overdue,
        )
    return found


REPORT = Report(
    name="membership-roll",
    title="Membership roll",
    about="The companies whose membership is active or in grace on a day, with tier, term, council "
    "representative and relationship manager.",
    needs=P.REPORTS_READ,
    columns=columns,
    rows=rows,
    sections=roll_sections.sections,
    tells_changes=True,
    group_by="Tier",
    groups=lambda session: [tier.name for tier in memberships.all_tiers(session)],
)
