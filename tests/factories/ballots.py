"""Ballots as drafts, opened by the operation that people use, and what is cast in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import factory
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.council import ballot_queries as queries
from crm.council import ballots, voting
from crm.council.ballot_count import Count
from crm.council.ballot_models import Ballot, BallotLink, BallotOption, Elector, Vote
from crm.council.ballot_rules import (
    BallotKind,
    Choice,
    CountMethod,
    QuorumOf,
    ResultsShown,
    Threshold,
    Way,
)
from crm.council.models import Body, Seat
from crm.council.rules import BodyKind
from crm.kit.actors import Actor
from tests.factories.base import SESSION, Factory
from tests.factories.companies import AddressFactory, AffiliationFactory, CompanyFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory

NOW = datetime(2026, 6, 15, 18, 30, tzinfo=UTC)
BY = Actor(1, "Dana Whitfield")
NAMES = {
    BallotKind.YES_NO: ("Yes", "No"),
    BallotKind.CHOOSE: ("Boston", "Detroit", "Oslo"),
    BallotKind.RANK: ("Digital castings", "Clean solvents", "Apprentices"),
}
METHODS = {
    BallotKind.YES_NO: CountMethod.YES_NO,
    BallotKind.CHOOSE: CountMethod.PLURALITY,
    BallotKind.RANK: CountMethod.PAIRWISE,
}


class BallotFactory(Factory):
    """A draft of the council, yes or no, half of the electors as quorum; closes in three days.

    `opened=True`: with whoever has a vote then. `kind=` another kind, with its options.
    """

    class Meta:
        model = Ballot

    title = factory.Sequence("Question {}".format)
    text = "Shall we?"
    kind = BallotKind.YES_NO
    method = factory.LazyAttribute(lambda o: METHODS[o.kind])
    threshold = factory.LazyAttribute(
        lambda o: Threshold.MOST if o.kind is BallotKind.RANK else Threshold.MAJORITY
    )
    quorum_percent = 50
    quorum_of = QuorumOf.ELECTORS
    recused_leave = True
    closes_at = NOW + timedelta(days=3)
    zone = "America/New_York"
    results_shown = ResultsShown.CLOSED
    names_shown = True
    created_at = NOW - timedelta(days=1)

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        session, opened = SESSION.get(), values.pop("opened", False)
        values.setdefault("body", session.scalars(select(Body).where(Body.key == "council")).one())
        ballot = super()._create(model_class, *args, **values)
        for position, name in enumerate(NAMES[ballot.kind], 1):
            session.add(BallotOption(ballot_id=ballot.id, position=position, name=name))
        session.flush()
        if opened:
            ballots.open_(session, ballot, by=BY, now=NOW, today=NOW.date())
        return ballot


def seated(name: str, *, tier: str = "member", alternate: bool = False, **more: Any) -> Any:
    """A company with a seat and a representative who has an address; returns the holding."""
    company = CompanyFactory(name=name)
    MembershipFactory(company=company, tier=tier, **more)
    seat = SeatFactory(company=company)
    holding = HoldingFactory(seat=seat, person=AffiliationFactory(company=company).person)
    AddressFactory(person=holding.person)
    if alternate:
        HoldingFactory(seat=seat, alternate=True)
    return holding


def electors(ballot: Ballot) -> list[Elector]:
    """With the ballot, in the order of their names."""
    found = queries.voters_of(SESSION.get(), [ballot.id])[ballot.id]
    ids = [voter.elector.id for voter in found]
    for elector in (one.elector for one in found):
        SESSION.get().refresh(elector, ["ballot"])
    assert len(ids) == len(set(ids))
    return [voter.elector for voter in found]


def link_for(elector: Elector, secret: str) -> None:
    SESSION.get().add(
        BallotLink(token_hash=queries.hashed(secret), elector_id=elector.id, made_at=NOW)
    )
    SESSION.get().flush()


def cast_(session: Session, elector: Elector, *ranking: int, now: datetime = NOW) -> Vote:
    return voting.cast_vote(session, elector, Choice(ranking), way=Way.SIGNED_IN, by=BY, now=now)


def option_ids(session: Session, ballot: Ballot) -> list[int]:
    return [option.id for option in queries.options_of(session, ballot.id)]


def counted(session: Session, ballot: Ballot) -> Count:
    voters = queries.voters_of(session, [ballot.id])[ballot.id]
    return queries.counted(ballot, queries.options_of(session, ballot.id), voters)


def on_committee(person: Any) -> Body:
    """A committee of the programme's file on which the person has a seat of their own."""
    session = SESSION.get()
    found = select(Seat).join(Seat.body).where(Body.kind == BodyKind.COMMITTEE).order_by(Seat.id)
    seat = session.scalars(found.options(joinedload(Seat.body)).limit(1)).one()
    HoldingFactory(seat=seat, person=person)
    return seat.body
