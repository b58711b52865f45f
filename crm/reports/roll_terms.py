"""The terms that the membership roll lists, and how."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, select

from crm.accounts.models import UserAccount
from crm.companies.models import Company
from crm.memberships import queries as memberships
from crm.memberships import since
from crm.memberships.models import Membership, Tier


@lru_cache(maxsize=64)
def of_day(day: date) -> Select[Any]:
    """Built once a day: building it costs more than running it."""
    columns: tuple[Any, ...] = (
        Company.name.label("company"),
        Tier.name.label("tier"),
        memberships.founding_on(day).label("founding"),
        memberships.status_on(day).label("status"),
        Membership.starts_on,
        Membership.ends_before,
        memberships.RUNS_BEFORE.label("runs_before"),
        memberships.fee_minor_on(day).label("fee"),
        Membership.fee_minor.label("fee_as_signed"),
        Membership.currency,
        UserAccount.name.label("owner"),
        Tier.seat,
        since.member_since(day).label("since"),
        Company.id.label("company_id"),
        Membership.id,
        Company.legal_name,
        Company.country,
        Membership.agreement_number,
        Membership.company_signed_on,
        Membership.programme_signed_on,
        Membership.notice_days,
    )
    return listed(columns, day).where(memberships.in_force_on(day))


def listed(columns: tuple[Any, ...], day: date) -> Select[Any]:
    """Terms with company, tier of the day and relationship manager, by company name."""
    return (
        select(*columns)
        .select_from(Membership)
        .join(Company, Company.id == Membership.company_id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .outerjoin(UserAccount, UserAccount.id == Company.owner_id)
        .order_by(Company.name_key, Membership.id)
    )
