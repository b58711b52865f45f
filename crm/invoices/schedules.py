"""Writing what is due: with the term, and again when the term changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from crm.invoices import queries, rules
from crm.invoices.instalment_models import Instalment, InstalmentReversal, InstalmentShare
from crm.invoices.queries import Due
from crm.invoices.rules import PlannedInstalment, Reposting, Standing
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.money import Money
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.memberships.rules import DuesFrequency, years_of

Agreed = Sequence[tuple[date, Money]]
"""Instalments by hand: when and how much."""


def plan_dues(session: Session, membership: Membership, by_hand: Agreed = ()) -> None:
    """Write a term's schedule; a fee that is waived leaves nothing due."""
    for part in _planned(session, membership, by_hand):
        _post(session, membership, part)


def replan_dues(session: Session, membership: Membership, by_hand: Agreed = ()) -> None:
    """Bring the schedule of an unsigned term into line with what the term now is."""
    planned = {part.number: part for part in _planned(session, membership, by_hand)}
    known = queries.of_membership(session, membership.id)
    ids = [instalment.id for instalment in known]
    session.execute(delete(InstalmentShare).where(InstalmentShare.instalment_id.in_(ids)))
    for instalment in known:
        part = planned.pop(instalment.number, None)
        if part is None:
            session.delete(instalment)
            continue
        instalment.membership_year = part.membership_year
        instalment.due_on = part.due_on
        instalment.amount_minor = part.amount.minor
        instalment.currency = part.amount.currency
        _share(session, instalment, part)
    session.flush()
    for part in planned.values():
        _post(session, membership, part)


def repost_dues(
    session: Session,
    membership: Membership,
    *,
    from_on: date,
    reason: str,
    by: Actor,
    today: date,
) -> Reposting:
    """Bring a signed term's schedule into line with what its years cost now.

    What is billed, or was due before the day, stays; the rest is reversed and posted anew. Raises
    `BilledTooMuch`.
    """
    dues = queries.schedule_of(session, membership.id)
    fees = memberships.fees_of(session, membership)
    reposting = reposting_of(membership, dues, fees, from_on=from_on)
    numbers = set(reposting.reverse)
    _reverse(session, membership, [d for d in dues if d.number in numbers], reason, by, today)
    for part in reposting.post:
        _post(session, membership, part)
    return reposting


def reposting_of(
    membership: Membership, dues: Sequence[Due], fees: Sequence[Money], *, from_on: date
) -> Reposting:
    """What `repost_dues` would do to a term's dues if its years cost `fees`. Writes nothing."""
    return rules.repost(
        _standing(dues),
        fees,
        from_on=from_on,
        due_days=_due_days(membership),
        last_number=max((due.number for due in dues), default=0),
    )


def restore_dues(session: Session, membership: Membership, *, today: date) -> None:
    """Owe again what a termination let go, on the days it had, or today where those have passed."""
    dues = queries.schedule_of(session, membership.id)
    for part in rules.restore(
        _standing(dues),
        [_line(due) for due in dues if due.reversed_on is not None],
        memberships.fees_of(session, membership),
        on=today,
        last_number=max((due.number for due in dues), default=0),
    ):
        _post(session, membership, part)


def release_dues(
    session: Session,
    membership: Membership,
    *,
    from_on: date,
    reason: str,
    by: Actor,
    today: date,
) -> list[Due]:
    """Let go what is due from a day on and not billed: the term ends there."""
    going = [
        due
        for due in queries.schedule_of(session, membership.id)
        if due.reversed_on is None and not due.billed and due.due_on >= from_on
    ]
    _reverse(session, membership, going, reason, by, today)
    return going


def release_freed_dues(session: Session, membership_id: int, *, by: Actor, today: date) -> None:
    """Let go what is billed no longer, where the term was terminated before its due day.

    Of one who takes an invoice back while another ends the term, one waits for the other.
    """
    membership = session.get_one(Membership, membership_id)
    lock(session, membership)
    if membership.terminated_on is not None:
        release_dues(
            session,
            membership,
            from_on=membership.terminated_on,
            reason=f"Terminated: {membership.termination_reason}"[:500],
            by=by,
            today=today,
        )


def _standing(dues: Sequence[Due]) -> list[Standing]:
    return [_line(due) for due in dues if due.reversed_on is None]


def _line(due: Due) -> Standing:
    return Standing(number=due.number, due_on=due.due_on, shares=due.shares, billed=due.billed)


def _reverse(
    session: Session,
    membership: Membership,
    going: Sequence[Due],
    reason: str,
    by: Actor,
    today: date,
) -> None:
    session.add_all(
        InstalmentReversal(
            id=due.id,
            membership_id=membership.id,
            reversed_on=today,
            reason=reason,
            by_name=by.name,
        )
        for due in going
    )
    session.flush()


def _planned(session: Session, membership: Membership, by_hand: Agreed) -> list[PlannedInstalment]:
    fees = memberships.agreed_fees(session, membership)
    if not any(fee.minor for fee in fees):
        return []
    if membership.dues_frequency is DuesFrequency.BY_HAND:
        return rules.by_hand(by_hand, fees)
    return rules.schedule(membership.starts_on, fees, a_year=membership.dues_frequency.a_year)


def _due_days(membership: Membership) -> list[list[date]]:
    """The regular due days of each membership year; its start, where there is no rule."""
    years = years_of(membership.term)
    return rules.due_days(membership.starts_on, years, membership.dues_frequency.a_year or 1)


def _post(session: Session, membership: Membership, part: PlannedInstalment) -> None:
    instalment = Instalment(
        membership_id=membership.id,
        number=part.number,
        membership_year=part.membership_year,
        due_on=part.due_on,
        amount_minor=part.amount.minor,
        currency=part.amount.currency,
    )
    session.add(instalment)
    session.flush()
    _share(session, instalment, part)
    session.flush()


def _share(session: Session, instalment: Instalment, part: PlannedInstalment) -> None:
    session.add_all(
        InstalmentShare(instalment_id=instalment.id, year=year, amount_minor=amount.minor)
        for year, amount in part.allocation
    )
