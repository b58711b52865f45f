"""Casting a vote: once an elector, by a personal link or signed in; many at once count once."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import ballot_queries as queries
from crm.council.ballot_models import Ballot, BallotLink, Elector, Recusal, Vote, VoteChoice
from crm.council.ballot_rules import BallotStatus, Choice, Way, check_choice
from crm.council.ballots import HasVoted, NotOpen
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock

BY_LINK = Actor(None, "Personal voting link")


class LinkUsed(HasVoted):
    """A link works once."""


def hold_open(session: Session, ballot: Ballot) -> None:
    """Whoever tells the result or withdraws the ballot waits for this vote, or this vote for them:
    the clock by which it is cast is read after this."""
    lock(session, ballot, shared=True)


def cast_by_link(session: Session, secret: str, choice: Choice, *, now: datetime) -> Vote:
    """Use the link up and cast its elector's vote; of two at once, one counts.

    Raises `NotFound`, `NotOpen`, `HasVoted`, `BadChoice`.
    """
    elector = queries.elector_by_link(session, secret)
    used = cast(
        "CursorResult[Any]",
        session.execute(
            update(BallotLink)
            .where(BallotLink.token_hash == queries.hashed(secret), BallotLink.used_at.is_(None))
            .values(used_at=now)
        ),
    )
    if used.rowcount != 1:
        raise LinkUsed("This link has been used: the vote is cast.")
    return cast_vote(session, elector, choice, way=Way.LINK, by=BY_LINK, now=now)


def cast_vote(
    session: Session, elector: Elector, choice: Choice, *, way: Way, by: Actor, now: datetime
) -> Vote:
    """`elector` with its ballot. Raises `NotOpen`, `HasVoted`, `BadChoice`.

    Until it is on record nobody tells the result, nor withdraws the ballot. That it voted is
    journalled; what it voted stands in the vote alone.
    """
    ballot = elector.ballot
    hold_open(session, ballot)
    if ballot.status_at(now) is not BallotStatus.OPEN:
        raise NotOpen("This ballot is not open.")
    options = [option.id for option in queries.options_of(session, ballot.id)]
    check_choice(ballot.kind, options, choice)
    lock(session, elector)
    if session.scalar(select(Recusal.id).where(Recusal.id == elector.id)) is not None:
        raise NotOpen(f"{elector.name} is recused from this ballot.")
    vote = Vote(elector_id=elector.id, abstains=choice.abstains, cast_at=now, way=way)
    try:
        with session.begin_nested():
            session.add(vote)
            session.flush()
    except IntegrityError as error:
        if "vote_not_open" in str(error.orig):
            raise NotOpen("This ballot was closed to this vote just now.") from None
        if "elector_id" not in str(error.orig):
            raise
        raise HasVoted(f"{elector.name} has voted already.") from None
    comments = dict(choice.comments)
    session.add_all(
        VoteChoice(
            vote_id=vote.id, option_id=option_id, place=place, comment=comments.get(option_id)
        )
        for place, option_id in enumerate(choice.ranking, 1)
    )
    session.flush()
    journal.note(
        session,
        "vote cast",
        kind="ballot",
        record_id=ballot.id,
        label=elector.company_name or f"elector {elector.id}",
        by=by,
        now=now,
    )
    return vote
