"""What a company's page says of its membership: its terms, its standing, its seat."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.orm import Session

from crm.council.roster import roster_on
from crm.council.roster_lines import RosterLine
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import queries as memberships
from crm.memberships import since
from crm.memberships.models import Interruption, Membership, Tier
from crm.memberships.rules import IN_FORCE, Status, executed_on


@dataclass(frozen=True, kw_only=True)
class TermLine:
    """One term; `fee` is a year's, None for those who may not see money."""

    id: int
    tier: str
    founding: bool
    status: Status
    starts_on: date
    ends_before: date
    """As signed; `last_day` has the extensions."""
    last_day: date
    grace_days: int
    occupied_before: date
    interruptions: tuple[Period, ...]
    executed_on: date | None
    withdrawn_on: date | None
    terminated_on: date | None
    termination_reason: str | None
    fee: Money | None


@dataclass(frozen=True, kw_only=True)
class CompanyStanding:
    """`terms` the latest first; `member_since` and `seat` only while a term carries them."""

    company_id: int
    terms: tuple[TermLine, ...]
    member_since: date | None
    seat: RosterLine | None


@lru_cache(maxsize=64)
def _terms(day: date) -> Executable:
    return (
        select(
            Membership.id,
            Tier.name,
            memberships.founding_on(day).label("founding"),
            memberships.status_on(day).label("status"),
            Membership.starts_on,
            Membership.ends_before,
            memberships.RUNS_BEFORE.label("runs_before"),
            Membership.grace_days,
            Membership.occupied_before,
            Membership.company_signed_on,
            Membership.programme_signed_on,
            Membership.withdrawn_on,
            Membership.terminated_on,
            Membership.termination_reason,
            memberships.fee_minor_on(day).label("fee_minor"),
            Membership.currency,
            since.member_since(day).label("member_since"),
            Interruption.terminated_on.label("stopped_on"),
            Interruption.reinstated_on,
        )
        .outerjoin(Interruption, Interruption.membership_id == Membership.id)
        .join(Tier, Tier.id == memberships.tier_id_on(day))
        .where(Membership.company_id == bindparam("company_id"))
        .order_by(Membership.starts_on.desc(), Membership.id)
    )


def of_company(session: Session, company_id: int, *, day: date, money: bool) -> CompanyStanding:
    """Two statements; a term comes once for each of its interruptions.

    `money` says whether the viewer may see fees.
    """
    found = session.execute(_terms(day), {"company_id": company_id}).all()
    stops: dict[int, list[Period]] = defaultdict(list)
    for row in found:
        if row.stopped_on is not None:
            stops[row.id].append(Period(row.stopped_on, row.reinstated_on))
    terms = tuple(
        TermLine(
            id=row.id,
            tier=row.name,
            founding=row.founding,
            status=Status(row.status),
            starts_on=row.starts_on,
            ends_before=row.ends_before,
            last_day=row.runs_before - timedelta(days=1),
            grace_days=row.grace_days,
            occupied_before=row.occupied_before,
            interruptions=tuple(stops[row.id]),
            executed_on=executed_on(row.company_signed_on, row.programme_signed_on),
            withdrawn_on=row.withdrawn_on,
            terminated_on=row.terminated_on,
            termination_reason=row.termination_reason,
            fee=Money(row.fee_minor, row.currency) if money else None,
        )
        for row in {row.id: row for row in found}.values()
    )
    in_force = any(term.status in IN_FORCE for term in terms)
    roster = roster_on(session, day, company_id=company_id) if terms else []
    return CompanyStanding(
        company_id=company_id,
        terms=terms,
        member_since=found[0].member_since if in_force else None,
        seat=roster[0] if roster else None,
    )
