"""Many who vote at once with one vote: one counts. What would happen without the constraint."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from crm.council import ballot_queries as queries
from crm.council import ballots, voting
from crm.council.ballot_models import Ballot, Elector, Recusal, Vote
from crm.council.ballot_rules import BallotKind, Choice, Way
from tests.cast import Stranger
from tests.conftest import NOW, TODAY
from tests.factories.ballots import BY, BallotFactory, electors, link_for, seated
from tests.racing import race

RACERS, LINK_USES = 8, 100
ONE_VOTE = ", \n\tCONSTRAINT uq_vote_elector_id UNIQUE (elector_id)"


def by_link(secret: str, option_id: int, session: Session) -> None:
    voting.cast_by_link(session, secret, Choice((option_id,)), now=NOW)


def signed_in(elector_id: int, option_id: int, session: Session) -> None:
    elector = session.get_one(Elector, elector_id)
    session.refresh(elector, ["ballot"])
    voting.cast_vote(session, elector, Choice((option_id,)), way=Way.SIGNED_IN, by=BY, now=NOW)


def recuse(ballot_id: int, elector_id: int, session: Session) -> None:
    ballot = queries.get(session, ballot_id)
    elector = queries.get_elector(session, ballot_id, elector_id)
    ballots.recuse(session, ballot, elector, "Its own bid", by=BY, now=NOW)


def open_(ballot_id: int, session: Session) -> None:
    ballots.open_(session, queries.get(session, ballot_id), by=BY, now=NOW, today=TODAY)


@pytest.fixture
def elector(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True, kind=BallotKind.CHOOSE)
    [elector] = electors(ballot)
    return elector


def count_of(session, model) -> int:
    session.rollback()
    return session.scalar(select(func.count()).select_from(model))


def test_of_two_links_and_a_sign_in_at_once_one_vote_counts(app: Flask, session: Session, elector):
    option = queries.options_of(session, elector.ballot_id)[0].id
    link_for(elector, "first")
    link_for(elector, "second")
    elector_id = elector.id
    session.commit()
    acts = [partial(by_link, "first", option), partial(by_link, "second", option)]
    acts.append(partial(signed_in, elector_id, option))
    ends = race(app, acts * 3)
    assert ends.count(None) == 1
    assert all(end is None or isinstance(end, ballots.HasVoted) for end in ends)
    assert count_of(session, Vote) == 1


def test_who_votes_and_is_recused_at_once_does_one_of_both(app: Flask, session: Session, elector):
    option = queries.options_of(session, elector.ballot_id)[0].id
    ids = (elector.ballot_id, elector.id)
    session.commit()
    acts = [partial(recuse, *ids), partial(signed_in, ids[1], option)]
    assert race(app, acts * 4).count(None) == 1
    assert count_of(session, Vote) + count_of(session, Recusal) == 1


def test_of_two_who_open_at_once_one_does(app: Flask, session: Session):
    for name in ("Aldous", "Brandt"):
        seated(name)
    ballot_id = BallotFactory().id
    session.commit()
    ends = race(app, [partial(open_, ballot_id)] * RACERS)
    assert ends.count(None) == 1
    assert count_of(session, Elector) == 2
    assert session.get_one(Ballot, ballot_id).opened_at == NOW


def test_a_link_used_a_hundred_times_at_once_counts_once(app: Flask, session: Session, elector):
    option = queries.options_of(session, elector.ballot_id)[0].id
    link_for(elector, "the-secret")
    session.commit()
    token = Stranger(app).get("/vote/the-secret").hidden()
    sent = {**token, "choice": str(option), "confirm": "1"}
    start = Barrier(LINK_USES)

    def use(_: int) -> int:
        who = Stranger(app)
        start.wait()
        return who.ask(who.client.post, "/vote/the-secret", data=sent).status_code

    with ThreadPoolExecutor(LINK_USES) as racers:
        answers = list(racers.map(use, range(LINK_USES)))
    assert answers.count(303) == 1
    assert set(answers) <= {303, 200, 410, 503}  # cast already, used just now, the database busy
    assert count_of(session, Vote) == 1


def unguard(session: Session) -> None:
    """Take the constraint away, until the test's transaction is rolled back."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("ALTER TABLE vote DROP CONSTRAINT uq_vote_elector_id"))
        return
    made = session.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'vote'"))
    assert ONE_VOTE in made
    session.execute(text("DROP TABLE vote"))
    session.execute(text(made.replace(ONE_VOTE, "")))


def test_without_the_constraint_who_votes_twice_is_counted_twice(session: Session, elector):
    """The negative control: it is the database that refuses, not luck. Never committed."""
    elector_id, option = elector.id, queries.options_of(session, elector.ballot_id)[0].id
    session.commit()
    unguard(session)
    for _ in range(2):
        signed_in(elector_id, option, session)
    assert session.scalar(select(func.count()).select_from(Vote)) == 2
    session.rollback()
    signed_in(elector_id, option, session)
    with pytest.raises(ballots.HasVoted):
        signed_in(elector_id, option, session)
