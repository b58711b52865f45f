"""Casting a vote: once, while the ballot is open, and as its kind asks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from crm.council import ballot_queries as queries
from crm.council import ballots, voting
from crm.council.ballot_count import Outcome
from crm.council.ballot_models import (
    Vote,
)
from crm.council.ballot_rules import (
    BadChoice,
    BallotKind,
    BallotStatus,
    Choice,
    Way,
)
from crm.journal.models import JournalEntry
from crm.kit.errors import NotFound
from tests.conftest import NOW
from tests.factories.ballots import (
    BY,
    BallotFactory,
    cast_,
    counted,
    electors,
    link_for,
    option_ids,
    seated,
)

EDGE = {"by": BY, "now": NOW}


def test_a_vote_counts_once_and_stays(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    [elector] = electors(ballot)
    yes, no = option_ids(session, ballot)
    cast_(session, elector, yes)
    with pytest.raises(ballots.HasVoted):
        cast_(session, elector, no)
    assert [one.votes for one in counted(session, ballot).sums] == [1, 0]


@pytest.mark.parametrize("after", [0, 1])
def test_after_the_close_nothing_is_cast_by_anybody(session, after):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    [elector] = electors(ballot)
    late = ballot.closes_at + timedelta(seconds=after)
    with pytest.raises(ballots.NotOpen):
        cast_(session, elector, now=late)
    session.add(Vote(elector_id=elector.id, abstains=True, cast_at=late, way=Way.LINK))
    with pytest.raises(IntegrityError, match="vote_not_open"):
        session.flush()


def test_a_draft_and_what_is_withdrawn_take_no_vote(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    [elector] = electors(ballot)
    ballots.withdraw(session, ballot, reason="Wrong figures", **EDGE)
    assert ballot.status_at(NOW) is BallotStatus.WITHDRAWN
    with pytest.raises(ballots.NotOpen):
        cast_(session, elector)
    with pytest.raises(ballots.NotOpen):
        ballots.withdraw(session, ballot, reason="Again", **EDGE)


@pytest.mark.parametrize(("leave", "reached"), [(True, True), (False, False)])
def test_who_is_recused_has_no_vote_and_leaves_the_base_as_the_ballot_says(session, leave, reached):
    for name in ("Aldous", "Brandt", "Casco"):
        seated(name)
    ballot = BallotFactory(opened=True, recused_leave=leave, quorum_percent=50)
    one, two, three = electors(ballot)
    yes, _ = option_ids(session, ballot)
    ballots.declare_interest(session, ballot, one, "Holds shares in the bidder", **EDGE)
    ballots.recuse(session, ballot, one, "Its own bid", **EDGE)
    with pytest.raises(ballots.NotOpen, match="recused"):
        cast_(session, one, yes)
    by_hand = insert(Vote).values(elector_id=one.id, abstains=True, cast_at=NOW, way=Way.LINK)
    with pytest.raises(IntegrityError, match="vote_not_open"), session.begin_nested():
        session.execute(by_hand)
    cast_(session, two, yes)
    with pytest.raises(ballots.HasVoted):
        ballots.recuse(session, ballot, two, "Too late", **EDGE)
    found = counted(session, ballot)
    assert (found.recused.number, found.base.number) == (1, 2 if leave else 3)
    assert found.quorum_reached is reached
    assert found.outcome is (Outcome.CARRIED if reached else Outcome.NO_QUORUM)
    assert three.ballot is ballot


def test_a_ranking_is_complete_and_keeps_its_comments(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True, kind=BallotKind.RANK)
    [elector] = electors(ballot)
    a, b, c = option_ids(session, ballot)
    with pytest.raises(BadChoice):
        cast_(session, elector, a, b)
    choice = Choice((c, a, b), ((a, "Bold"),))
    voting.cast_vote(session, elector, choice, way=Way.LINK, by=BY, now=NOW)
    session.commit()
    [voter] = queries.voters_of(session, [ballot.id])[ballot.id]
    told = [(choice.option_id, choice.comment) for choice in voter.vote.choices]
    assert told == [(c, None), (a, "Bold"), (b, None)]


def test_the_journal_tells_that_a_vote_was_cast_and_never_which(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True, kind=BallotKind.CHOOSE)
    [elector] = electors(ballot)
    cast_(session, elector, option_ids(session, ballot)[1])
    session.commit()
    kinds = set(session.scalars(select(JournalEntry.kind)))
    assert not kinds & {"vote", "vote_choice", "vote choice"}
    [said] = session.scalars(select(JournalEntry).where(JournalEntry.act == "vote cast"))
    assert (said.kind, said.record_id, said.label) == ("ballot", ballot.id, "Aldous")


def test_a_link_works_once(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    [elector] = electors(ballot)
    link_for(elector, "first")
    link_for(elector, "second")
    voting.cast_by_link(session, "first", Choice(), now=NOW)
    with pytest.raises(voting.LinkUsed):
        voting.cast_by_link(session, "first", Choice(), now=NOW)
    with pytest.raises(ballots.HasVoted):
        voting.cast_by_link(session, "second", Choice(), now=NOW)
    with pytest.raises(NotFound):
        voting.cast_by_link(session, "third", Choice(), now=NOW)
