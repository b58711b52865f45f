"""Writing what is due."""

from __future__ import annotations

from sqlalchemy.orm import Session

from crm.invoices import queries, rules
from crm.invoices.models import Instalment
from crm.memberships.models import Membership
from crm.memberships.rules import years_of


def plan_dues(session: Session, membership: Membership) -> list[Instalment]:
    """Write a term's schedule; a fee that is waived leaves nothing due."""
    instalments = [_instalment(membership, part) for part in _planned(membership)]
    session.add_all(instalments)
    session.flush()
    return instalments


def replan_dues(session: Session, membership: Membership) -> None:
    """Bring the schedule of an unsigned term into line with what the term now is."""
    known = {part.number: part for part in queries.of_membership(session, membership.id)}
    for part in _planned(membership):
        instalment = known.pop(part.number, None)
        if instalment is None:
            session.add(_instalment(membership, part))
        else:
            instalment.membership_year = part.membership_year
            instalment.due_on = part.due_on
            instalment.amount_minor = part.amount.minor
            instalment.currency = part.amount.currency
    for surplus in known.values():
        session.delete(surplus)
    session.flush()


def _planned(membership: Membership) -> list[rules.PlannedInstalment]:
    if membership.fee.minor == 0:
        return []
    fees = [membership.fee] * years_of(membership.term)
    return rules.schedule(membership.starts_on, fees, a_year=membership.dues_frequency.a_year)


def _instalment(membership: Membership, part: rules.PlannedInstalment) -> Instalment:
    return Instalment(
        membership_id=membership.id,
        number=part.number,
        membership_year=part.membership_year,
        due_on=part.due_on,
        amount_minor=part.amount.minor,
        currency=part.amount.currency,
    )
