"""Writing what is due."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.invoices import rules
from crm.invoices.models import Instalment
from crm.memberships.models import Membership
from crm.memberships.rules import years_of


def plan_dues(session: Session, membership: Membership) -> list[Instalment]:
    """Write a term's schedule; a fee that is waived leaves nothing due."""
    if membership.fee.minor == 0:
        return []
    fees = [membership.fee] * years_of(membership.term)
    planned = rules.schedule(membership.starts_on, fees, a_year=membership.dues_frequency.a_year)
    instalments = [
        Instalment(
            membership_id=membership.id,
            number=part.number,
            membership_year=part.membership_year,
            due_on=part.due_on,
            amount_minor=part.amount.minor,
            currency=part.amount.currency,
        )
        for part in planned
    ]
    session.add_all(instalments)
    session.flush()
    return instalments
