"""What stands beside the membership roll: what is out for signature, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.accounts.policy import Permission as P
from crm.companies.models import Company
from crm.kit.money import Money
from crm.kit.periods import in_words
from crm.kit.text import fold
from crm.memberships import queries as memberships
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import Status
from crm.reports.columns import Asked, Column, Kind, Row, Section, shown_to
from crm.reports.roll_terms import listed, of_day

A_DAY = timedelta(days=1)
WAITING = (
    Column("Company", share=2),
    Column("Tier", share=1),
    Column("Starts on", Kind.DAY),
    Column("Last day", Kind.DAY),
    Column("Fee a year", Kind.MONEY, needs=P.MONEY_READ),
    Column("Released on", Kind.DAY),
    Column("Company signed on", Kind.DAY),
    Column("We signed on", Kind.DAY),
    Column("Relationship manager", share=1.4),
    Column("Company id", Kind.ID, printed=False),
    Column("Membership id", Kind.ID, printed=False),
)
CHANGES = (
    Column("Change", share=1),
    Column("Company", share=2),
    Column("Tier before", share=1),
    Column("Tier now", share=1),
    Column("Fee before", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Fee now", Kind.MONEY, 1.1, needs=P.MONEY_READ),
    Column("Company id", Kind.ID, printed=False),
)


def sections(session: Session, asked: Asked, rows: Sequence[Row]) -> Sequence[Section]:
    waiting = Section(
        title="Awaiting signature",
        columns=shown_to(asked.viewer, WAITING),
        rows=_waiting(session, asked),
        empty="No agreement is out for signature on this day.",
    )
    if asked.since is None:
        return [waiting]
    changes = Section(
        title=f"Changes since {in_words(asked.since)}",
        columns=shown_to(asked.viewer, CHANGES),
        rows=_changes(session, asked, asked.since),
        empty="Nobody joined, left, or changed tier or fee.",
        sheet=f"Changes since {asked.since.isoformat()}",
    )
    return [waiting, changes]


def _waiting(session: Session, asked: Asked) -> Sequence[Row]:
    """Out for signature on the day; they count in no total."""
    money = asked.viewer.may(P.MONEY_READ)
    columns: tuple[Any, ...] = (
        Company.name,
        Tier.name,
        Membership.starts_on,
        Membership.ends_before,
        memberships.fee_minor_on(asked.day),
        Membership.currency,
        Membership.released_on,
        Membership.company_signed_on,
        Membership.programme_signed_on,
        UserAccount.name,
        Company.id,
        Membership.id,
    )
    out = memberships.status_on(asked.day) == Status.AWAITING_SIGNATURE
    return [
        (
            company,
            tier,
            starts_on,
            ends_before - A_DAY,
            *((Money(minor, currency),) if money else ()),
            released_on,
            *(_by(asked.day, signed) for signed in signatures),
            owner,
            company_id,
            membership_id,
        )
        for (
            company, tier, starts_on, ends_before, minor, currency, released_on, *signatures,
            owner, company_id, membership_id,
        ) in session.execute(listed(columns, asked.day).where(out))
    ]  # fmt: skip


def _by(day: date, signed_on: date | None) -> date | None:
    """A signature that was given by the day."""
    return signed_on if signed_on is not None and signed_on <= day else None


def _changes(session: Session, asked: Asked, since: date) -> Sequence[Row]:
    """The rolls of the two days beside each other, by company."""
    before = _by_company(session, since)
    now = _by_company(session, asked.day)
    found: list[tuple[str, Row]] = []
    for company_id in {*before, *now}:
        was, is_ = before.get(company_id), now.get(company_id)
        named = is_ or was
        assert named is not None  # it stands on one of the two
        tiers = was.tier if was else None, is_.tier if is_ else None
        fees = _fee(was), _fee(is_)
        changed = [
            word
            for word, holds in (
                ("joined", was is None),
                ("left", is_ is None),
                ("changed tier", was and is_ and tiers[0] != tiers[1]),
                ("changed fee", was and is_ and fees[0] != fees[1]),
            )
            if holds and (word != "changed fee" or asked.viewer.may(P.MONEY_READ))
        ]
        if changed:
            shown = fees if asked.viewer.may(P.MONEY_READ) else ()
            row = (" and ".join(changed), named.company, *tiers, *shown, company_id)
            found.append((f"{changed[0]} {fold(named.company)}", row))
    return [row for _, row in sorted(found, key=lambda item: item[0])]


def _by_company(session: Session, day: date) -> dict[int, Any]:
    return {term.company_id: term for term in session.execute(of_day(day))}


def _fee(term: Any) -> Money | None:
    return Money(term.fee, term.currency) if term else None
