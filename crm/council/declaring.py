"""Declaring an interest where votes are open: it is shown to whoever has yet to cast one."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.activities import interests
from crm.activities.interests import NewInterest
from crm.activities.models import Interest
from crm.council import ballots
from crm.council.ballot_models import Ballot, Elector
from crm.kit.actors import Actor


def declare(
    session: Session,
    wanted: NewInterest,
    *,
    person_id: int,
    company_id: int,
    by: Actor,
    now: datetime,
    today: date,
) -> Interest:
    """As `interests.declare`; the person's votes in open ballots bear it from now on."""
    interest = interests.declare(
        session, wanted, person_id=person_id, company_id=company_id, by=by, today=today
    )
    if today not in interest.period:
        return interest
    open_votes = (
        select(Elector, Ballot)
        .join(Ballot, Ballot.id == Elector.ballot_id)
        .where(
            Elector.person_id == person_id,
            Ballot.opened_at.is_not(None),
            Ballot.withdrawn_at.is_(None),
            Ballot.closes_at > now,
        )
    )
    for elector, ballot in session.execute(open_votes).all():
        if elector.company_id != company_id:
            what = ballots.told(interest.company.name, interest)
            ballots.declare_interest(session, ballot, elector, what, by=by, now=now)
    return interest
