"""Agreeing on other numbers of a benefit than the tier gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken
from crm.memberships import queries
from crm.memberships.benefit_models import AgreedBenefit, Benefit
from crm.memberships.models import Membership
from crm.memberships.operations import WrongMoment, note
from crm.memberships.rules import OVER, years_of

MOST_A_YEAR = 9999


@dataclass(frozen=True, kw_only=True)
class NewAgreement:
    """`a_year` None: without limit."""

    benefit_id: int
    from_year: int
    a_year: int | None
    reason: str


def agree(
    session: Session,
    membership: Membership,
    wanted: NewAgreement,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> AgreedBenefit:
    """From a membership year on so many a year. What was signed, or agreed before, stays.

    Raises `WrongMoment` where the term is over, or `RuleBroken`.
    """
    lock(session, membership)
    status = queries.statuses_on(session, [membership], today)[membership.id]
    if status in OVER:
        raise WrongMoment(f"This membership is {status}: what it gave stays as it was.")
    benefit = session.get(Benefit, wanted.benefit_id)
    if benefit is None:
        raise RuleBroken("Choose the benefit.", field="benefit")
    if not 1 <= wanted.from_year <= years_of(membership.term):
        raise RuleBroken("Choose a year of this term.", field="from_year")
    if wanted.a_year is not None and not 0 <= wanted.a_year <= MOST_A_YEAR:
        raise RuleBroken(f"Write how many, from 0 to {MOST_A_YEAR:,}.", field="a_year")
    before = [a for a in of_membership(session, membership.id) if a.benefit_id == benefit.id]
    if before and (before[-1].from_year, before[-1].a_year) == (wanted.from_year, wanted.a_year):
        raise RuleBroken("That is what was agreed last.", field="a_year")
    agreed = AgreedBenefit(
        membership_id=membership.id,
        benefit_id=benefit.id,
        from_year=wanted.from_year,
        a_year=wanted.a_year,
        reason=wanted.reason,
        agreed_on=today,
        by_name=by.name,
    )
    session.add(agreed)
    session.flush()
    note(session, membership, "agreed otherwise", by=by, now=now)
    return agreed


def of_membership(session: Session, membership_id: int) -> Sequence[AgreedBenefit]:
    """In the order in which it was agreed, with their benefits."""
    found = select(AgreedBenefit).where(AgreedBenefit.membership_id == membership_id)
    return session.scalars(
        found.options(joinedload(AgreedBenefit.benefit)).order_by(AgreedBenefit.id)
    ).all()
