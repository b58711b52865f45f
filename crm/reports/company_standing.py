"""What a company's page says of its membership: its terms, its standing, its seat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import queries as council
from crm.council.queries import RosterLine
from crm.kit.money import Money
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import IN_FORCE, Status


@dataclass(frozen=True, kw_only=True)
class TermLine:
    """One term; `fee` is a year's, None for those who may not see money."""

    id: int
    tier: str
    founding: bool
    status: Status
    starts_on: date
    last_day: date
    fee: Money | None


@dataclass(frozen=True, kw_only=True)
class CompanyStanding:
    """`terms` the latest first; `member_since` and `seat` only while a term carries them."""

    company_id: int
    terms: tuple[TermLine, ...]
    member_since: date | None
    seat: RosterLine | None


def of_company(session: Session, company_id: int, *, day: date, money: bool) -> CompanyStanding:
    """Two statements; `money` says whether the viewer may see fees."""
    found = session.execute(
        select(
            Membership.id,
            Tier.name,
            Membership.founding,
            memberships.status_on(day),
            Membership.starts_on,
            Membership.ends_before,
            Membership.fee_minor,
            Membership.currency,
            memberships.member_since(day),
        )
        .join(Membership.tier)
        .where(Membership.company_id == company_id)
        .order_by(Membership.starts_on.desc(), Membership.id)
    ).all()
    terms = tuple(
        TermLine(
            id=id_,
            tier=tier,
            founding=founding,
            status=Status(word),
            starts_on=starts_on,
            last_day=ends_before - timedelta(days=1),
            fee=Money(minor, currency) if money else None,
        )
        for id_, tier, founding, word, starts_on, ends_before, minor, currency, _ in found
    )
    in_force = any(term.status in IN_FORCE for term in terms)
    roster = council.roster_on(session, day, company_id=company_id) if terms else []
    return CompanyStanding(
        company_id=company_id,
        terms=terms,
        member_since=found[0][-1] if in_force else None,
        seat=roster[0] if roster else None,
    )
