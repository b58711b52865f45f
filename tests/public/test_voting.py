"""Voting by the personal link of a letter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from crm.council import ballot_queries as queries
from crm.council import ballots
from crm.council.ballot_models import BallotLink, Vote
from crm.council.ballot_rules import BallotKind, ResultsShown
from crm.web import clock
from tests.conftest import NOW
from tests.factories.ballots import BY, BallotFactory, electors, link_for, seated

PAGE = "/vote/the-secret"


def put(session, kind=BallotKind.YES_NO, **more):
    """An open ballot and a link for its first elector; ids of its options by their names."""
    for name in ("Aldous Mills", "Brandt Foundry"):
        seated(name)
    ballot = BallotFactory(opened=True, kind=kind, title="A joint laboratory", **more)
    first = electors(ballot)[0]
    link_for(first, "the-secret")
    ballots.declare_interest(
        session, ballot, electors(ballot)[1], "Would supply it", by=BY, now=NOW
    )
    options = {o.name: str(o.id) for o in queries.options_of(session, ballot.id)}
    session.commit()
    return ballot, options


def votes(session):
    session.rollback()
    found = session.scalar(select(func.count()).select_from(Vote))
    session.rollback()
    return found


def cast(who, status=303, **chosen):
    return who.post(PAGE, {**who.get(PAGE).hidden(), **chosen, "confirm": "1"}, status=status)


def test_the_page_says_who_votes_for_whom_until_when_and_on_what(stranger, session):
    put(session)
    page = stranger.get(PAGE)
    for words in (
        "A joint laboratory", "votes for Aldous Mills", "June 18, 2026, 14:30 EDT", "Shall we?",
        "Brandt Foundry: Would supply it", "I abstain",
        "Quorum: 50 % of the electors", "more than half of the votes that are for an option",
        "with names: who sees them",
    ):  # fmt: skip
        assert words in page.words
    assert not page.html.find("form").find("script")


def test_looking_never_votes(stranger, session):
    _, options = put(session)
    for _ in range(3):
        stranger.get(PAGE)
        stranger.ask(stranger.client.head, PAGE)
    sent = {**stranger.get(PAGE).hidden(), "choice": options["Yes"]}
    looked = stranger.post(PAGE, sent, status=200)
    assert "Is this your vote?" in looked.words
    assert votes(session) == 0
    assert session.scalar(select(BallotLink.used_at)) is None


def test_confirming_casts_the_vote_once(stranger, session):
    _, options = put(session)
    sent = {**stranger.get(PAGE).hidden(), "choice": options["Yes"]}
    looked = stranger.post(PAGE, sent, status=200)
    assert stranger.post(PAGE, {**looked.hidden(), "confirm": "1"}, status=303).location == PAGE
    assert votes(session) == 1
    after = stranger.get(PAGE)
    assert "Your vote is cast" in after.words
    assert "Yes" not in after.words
    stranger.post(PAGE, {**sent, "confirm": "1"}, status=200)
    assert votes(session) == 1


def test_one_may_go_back_and_change_it(stranger, session):
    _, options = put(session)
    sent = {**stranger.get(PAGE).hidden(), "choice": options["No"], "change": "1"}
    page = stranger.post(PAGE, sent, status=200)
    assert page.html.find("input", value=options["No"]).has_attr("checked")
    assert votes(session) == 0


def test_a_ranking_with_comments(stranger, session):
    ballot, options = put(session, BallotKind.RANK)
    places = {f"place_{id_}": str(place) for place, id_ in enumerate(options.values(), 1)}
    comment = {f"comment_{options['Apprentices']}": "Start small"}
    looked = stranger.post(PAGE, {**stranger.get(PAGE).hidden(), **places, **comment}, status=200)
    assert "Digital castings Clean solvents Apprentices With 1 comment" in looked.words
    stranger.post(PAGE, {**looked.hidden(), "confirm": "1"}, status=303)
    session.rollback()
    voter = queries.voters_of(session, [ballot.id])[ballot.id][0]
    assert [choice.comment for choice in voter.vote.choices] == [None, None, "Start small"]


@pytest.mark.parametrize("places", [("1", "1", "2"), ("1", "", "2"), ("1", "2", "9")])
def test_a_ranking_that_is_none_is_asked_for_again(stranger, session, places):
    _, options = put(session, BallotKind.RANK)
    chosen = {f"place_{id_}": place for id_, place in zip(options.values(), places, strict=True)}
    cast(stranger, status=422, **chosen)
    assert votes(session) == 0


def test_abstaining_from_a_ranking(stranger, session):
    put(session, BallotKind.RANK)
    cast(stranger, abstain="y")
    assert session.scalar(select(Vote.abstains)) is True


@pytest.mark.parametrize("chosen", [{}, {"choice": "x"}, {"choice": "999999"}])
def test_no_choice_is_no_vote(stranger, session, chosen):
    put(session)
    cast(stranger, status=422, **chosen)
    assert votes(session) == 0


def test_a_form_without_its_token_casts_nothing(stranger, session):
    _, options = put(session)
    stranger.post(PAGE, {"choice": options["Yes"], "confirm": "1"}, status=422)
    assert votes(session) == 0


@pytest.mark.parametrize("shown", ResultsShown)
def test_after_the_close_a_clear_page_with_what_the_body_may_know(
    stranger, session, monkeypatch, shown
):
    ballot, options = put(session, results_shown=shown)
    sent = {**stranger.get(PAGE).hidden(), "choice": options["Yes"], "confirm": "1"}
    closed = ballot.closes_at
    session.rollback()
    monkeypatch.setattr(clock, "now", lambda: closed)
    page = stranger.get(PAGE, status=410)
    assert "This ballot is closed" in page.words
    assert ("The arithmetic" in page.words) is (shown is not ResultsShown.OFFICE)
    stranger.post(PAGE, sent, status=410)
    assert votes(session) == 0


def test_who_is_recused_and_whose_ballot_is_withdrawn_are_told(stranger, session):
    ballot, _ = put(session)
    ballots.recuse(session, ballot, electors(ballot)[0], "A secret reason", by=BY, now=NOW)
    session.commit()
    page = stranger.get(PAGE, status=410)
    assert "Aldous Mills is recused" in page.words
    assert "secret reason" not in page.words
    ballots.withdraw(session, ballot, reason="Wrong figures", by=BY, now=NOW)
    session.commit()
    assert "was withdrawn" in stranger.get(PAGE, status=410).words


def test_a_link_that_is_none_of_ours(stranger, session):
    put(session)
    assert "not one of ours" in stranger.get("/vote/another", status=404).words
    stranger.post("/vote/another", {}, status=404)


def test_many_forms_by_one_link_wait_a_minute(stranger, session, the_app, monkeypatch):
    _, options = put(session)
    monkeypatch.setitem(the_app.config, "FORM_LIMIT", "2 per minute")
    sent = {**stranger.get(PAGE).hidden(), "choice": options["Yes"]}
    for _ in range(2):
        stranger.post(PAGE, sent, status=200)
    page = stranger.post(PAGE, {**sent, "confirm": "1"}, status=429)
    assert "not cast yet" in page.words
    assert page.response.headers["Retry-After"] == "60"
    assert votes(session) == 0


def test_who_votes_from_the_same_office_is_not_stopped_by_another_link(
    stranger, session, the_app, monkeypatch
):
    ballot, options = put(session)
    link_for(electors(ballot)[1], "another-secret")
    session.commit()
    monkeypatch.setitem(the_app.config, "FORM_LIMIT", "1 per minute")
    sent = {**stranger.get(PAGE).hidden(), "choice": options["Yes"], "confirm": "1"}
    for page in (PAGE, "/vote/another-secret"):
        stranger.post(page, sent, status=303)
    assert votes(session) == 2


def test_secrets_that_are_none_of_ours_count_for_the_network(
    stranger, session, the_app, monkeypatch
):
    put(session)
    monkeypatch.setitem(the_app.config, "FORM_LIMIT", "2 per minute")
    for number in range(2):
        stranger.post(f"/vote/guess-{number}", {}, status=404)
    stranger.post("/vote/guess-3", {}, status=429)


def test_a_link_stays_good_until_the_close(stranger, session, monkeypatch):
    ballot, options = put(session)
    last = ballot.closes_at - timedelta(seconds=1)
    session.rollback()
    monkeypatch.setattr(clock, "now", lambda: last)
    cast(stranger, choice=options["No"])
    assert votes(session) == 1
