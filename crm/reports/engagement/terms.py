"""Memberships: signed, begun, ended; and goals of a company that were reached."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from crm.memberships.models import Membership, Tier
from crm.memberships.queries import EXECUTED_ON
from crm.memberships.rules import executed_on
from crm.reports.engagement.lines import Asked, Line, Sort
from crm.retention.models import Goal
from crm.retention.rules import GoalState


def memberships(session: Session, asked: Asked) -> Iterable[Line]:
    """Of terms that both sides signed."""
    term = Membership
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            term.id,
            term.company_id,
            term.starts_on,
            term.company_signed_on,
            term.programme_signed_on,
            term.terminated_on,
            term.predecessor_id,
            Tier.name,
        )
        .join(Tier, Tier.id == term.tier_id)
        .where(
            asked.of(term.company_id),
            EXECUTED_ON.is_not(None),
            or_(
                asked.within(EXECUTED_ON),
                asked.within(term.starts_on),
                asked.within(term.terminated_on),
            ),
        )
    )
    return [
        Line(
            company_id=row.company_id,
            on=on,
            sort=Sort.MEMBERSHIP,
            what=f"{row.name} tier",
            outcome=outcome,
            url=f"/office/memberships/{row.id}",
            id=row.id,
        )
        for row in session.execute(found)
        for on, outcome in _acts(row)
        if on in asked.days
    ]


def _acts(row: Any) -> Iterable[tuple[Any, str]]:
    signed = executed_on(row.company_signed_on, row.programme_signed_on)
    if signed is not None:
        yield signed, "Signed by both sides"
    if row.terminated_on is None or row.terminated_on > row.starts_on:
        yield row.starts_on, "Renewed term begins" if row.predecessor_id else "Membership begins"
    if row.terminated_on is not None:
        yield row.terminated_on, "Membership terminated"


def goals(session: Session, asked: Asked) -> Iterable[Line]:
    found = select(Goal).where(
        asked.of(Goal.company_id),
        Goal.state == GoalState.REACHED,
        asked.within(Goal.closed_on),
    )
    return [
        Line(
            company_id=goal.company_id,
            on=goal.closed_on,
            sort=Sort.GOAL,
            what=goal.text,
            url=f"/office/companies/{goal.company_id}",
            id=goal.id,
        )
        for goal in session.scalars(found)
        if goal.closed_on is not None
    ]
