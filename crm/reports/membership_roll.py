"""The membership roll: the terms that are active or in grace on a day, and no others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Company
from crm.council import queries as council
from crm.kit.money import Money
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import SeatEntitlement
from crm.reports.columns import Column, Kind, Report, Row

A_DAY = timedelta(days=1)
VACANT = "vacant"
"""No one is named, or who was has left the company; a tier without a seat has an empty cell."""
MONEY = (Column("Fee a year", Kind.MONEY, 1.1), Column("Currency", share=0.8))
COLUMNS = (
    Column("Company", share=2.1),
    Column("Tier", share=1),
    Column("Founding", Kind.FLAG, 0.85),
    Column("Status", Kind.STATUS, 0.7),
    Column("Starts on", Kind.DAY, 1.05),
    Column("Last day", Kind.DAY, 1.05),
    *MONEY,
    Column("Relationship manager", share=1.4),
    Column("Council representative", share=1.5),
    Column("Member since", Kind.DAY, 1.05),
    Column("Company id", Kind.ID, 0.75),
    Column("Membership id", Kind.ID, 0.95),
)
"""In this order; a later one is appended."""


def columns(viewer: Viewer) -> Sequence[Column]:
    """Whoever sees no money does not see its columns either."""
    return COLUMNS if viewer.may(P.MONEY_READ) else [c for c in COLUMNS if c not in MONEY]


def rows(session: Session, *, day: date, viewer: Viewer) -> Sequence[Row]:
    """By company name. Names are today's, all else is the day's. One SELECT."""
    found = session.execute(_of_day(day))
    money = viewer.may(P.MONEY_READ)
    return [
        (
            company,
            tier,
            founding,
            status,
            starts_on,
            ends_before - A_DAY,
            *((Money(minor, currency), currency) if money else ()),
            owner,
            representative,
            since,
            company_id,
            membership_id,
        )
        for (
            company, tier, founding, status, starts_on, ends_before, minor, currency, owner,
            representative, since, company_id, membership_id,
        ) in found
    ]  # fmt: skip


@lru_cache(maxsize=64)
def _of_day(day: date) -> Select[Any]:
    """Built once a day: building it costs more than running it."""
    columns: tuple[Any, ...] = (
        Company.name,
        Tier.name,
        Membership.founding,
        memberships.status_on(day),
        Membership.starts_on,
        memberships.RUNS_BEFORE,
        memberships.fee_minor_on(day),
        Membership.currency,
        UserAccount.name,
        case(
            (Tier.seat == SeatEntitlement.NONE, None),
            else_=func.coalesce(council.representative_on(day), VACANT),
        ),
        memberships.member_since(day),
        Company.id,
        Membership.id,
    )
    return (
        select(*columns)
        .select_from(Membership)
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(UserAccount, UserAccount.id == Company.owner_id)
        .where(memberships.in_force_on(day))
        .order_by(Company.name_key, Membership.id)
    )


REPORT = Report(
    name="membership-roll",
    title="Membership roll",
    about="The companies whose membership is active or in grace on a day, with tier, term, council "
    "representative and relationship manager.",
    needs=P.REPORTS_READ,
    columns=columns,
    rows=rows,
)
