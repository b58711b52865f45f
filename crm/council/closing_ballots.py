"""Which ballots call for somebody: those that close soon, and those in which their vote is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Integer, Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from crm.council.ballot_models import Ballot, Elector, Recusal, Vote
from crm.council.ballot_queries import is_account
from crm.council.models import Body
from crm.people.models import Person

SOON = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class ClosingBallot:
    """An open ballot; `mine`: whoever looks has an open vote in it."""

    id: int
    title: str
    body: str
    closes_at: datetime
    electors: int
    votes: int
    mine: bool


def closing_ballots(session: Session, user_id: int, *, now: datetime) -> list[ClosingBallot]:
    """The user's own open votes first, then by closing moment. One SELECT."""
    asked = {"user_id": user_id, "now": now, "soon": now + SOON}
    return [
        ClosingBallot(
            id=row.id,
            title=row.title,
            body=row.body,
            closes_at=row.closes_at,
            electors=row.electors,
            votes=row.votes,
            mine=bool(row.mine),
        )
        for row in session.execute(_closing(), asked)
    ]


@lru_cache(maxsize=1)
def _closing() -> Select[Any]:
    now, soon = (bindparam(name, type_=Ballot.closes_at.type) for name in ("now", "soon"))
    has_no_vote = and_(
        ~exists().where(Vote.elector_id == Elector.id), ~exists().where(Recusal.id == Elector.id)
    )
    mine = exists().where(
        Elector.ballot_id == Ballot.id,
        Person.id == Elector.person_id,
        is_account(bindparam("user_id", type_=Integer)),
        has_no_vote,
    )
    electors = select(func.count()).where(Elector.ballot_id == Ballot.id).scalar_subquery()
    votes = (
        select(func.count())
        .select_from(Vote)
        .join(Elector, Elector.id == Vote.elector_id)
        .where(Elector.ballot_id == Ballot.id)
        .scalar_subquery()
    )
    found: Select[Any] = (
        select(
            Ballot.id,
            Ballot.title,
            Body.name.label("body"),
            Ballot.closes_at,
            electors.label("electors"),
            votes.label("votes"),
            mine.label("mine"),
        )
        .join(Body, Body.id == Ballot.body_id)
        .where(
            Ballot.opened_at.is_not(None),
            Ballot.withdrawn_at.is_(None),
            Ballot.closes_at > now,
            or_(Ballot.closes_at <= soon, mine),
        )
        .order_by(mine.desc(), Ballot.closes_at, Ballot.id)
        .limit(20)
    )
    return found
