"""Letters to electors: an invitation with a link, a reminder, the result."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.council import ballot_mail, ballots
from crm.council import ballot_queries as queries
from crm.council.ballot_models import (
    BallotLink,
)
from crm.council.ballot_rules import (
    BallotKind,
    LetterKind,
    ResultsShown,
)
from crm.mail.models import OutgoingMail
from tests.conftest import NOW, TODAY
from tests.factories.ballots import (
    BY,
    BallotFactory,
    cast_,
    electors,
    option_ids,
    seated,
)

EDGE = {"by": BY, "now": NOW}


def test_invitations_go_to_each_elector_once_with_a_link_of_their_own(session):
    for name in ("Aldous", "Brandt"):
        seated(name)
    ballot = BallotFactory(opened=True)
    told = {"link": "https://x.example/vote/{}".format, "by": BY, "now": NOW, "today": TODAY}
    assert ballot_mail.release(session, ballot, LetterKind.INVITATION, **told) == 2
    with pytest.raises(ballot_mail.NobodyToWrite):
        ballot_mail.release(session, ballot, LetterKind.INVITATION, **told)
    letters = session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()
    assert all(letter.private for letter in letters)
    secrets = [letter.body.split("/vote/")[1].split()[0] for letter in letters]
    kept = set(session.scalars(select(BallotLink.token_hash)))
    assert kept == {queries.hashed(secret) for secret in secrets}
    first = queries.elector_by_link(session, secrets[0])
    assert first.email == letters[0].to


def test_the_invitation_says_what_is_decided_and_what_is_needed(session):
    seated("Aldous")
    for kind, listed in ((BallotKind.YES_NO, False), (BallotKind.CHOOSE, True)):
        ballot = BallotFactory(opened=True, kind=kind, text="One laboratory\nfor all.")
        told = {"link": str, "by": BY, "now": NOW, "today": TODAY}
        ballot_mail.release(session, ballot, LetterKind.INVITATION, **told)
        body = session.scalars(select(OutgoingMail.body).order_by(OutgoingMail.id.desc())).first()
        assert "One laboratory\nfor all.\n" in body
        assert "Quorum: 50 % of the electors; to abstain is to take part\n" in body
        assert "Needed: more than half of the votes that are for an option\n" in body
        assert ("  2. Detroit\n" in body) is listed
        assert ("Yes" in body) is False


def test_who_has_voted_is_not_reminded_and_others_once_a_day(session):
    for name in ("Aldous", "Brandt", "Casco"):
        seated(name)
    ballot = BallotFactory(opened=True)
    one, two, _ = electors(ballot)
    cast_(session, one)
    ballots.recuse(session, ballot, two, "Its own bid", **EDGE)
    told = {"link": str, "by": BY, "now": NOW, "today": TODAY}
    assert ballot_mail.release(session, ballot, LetterKind.REMINDER, **told) == 1
    with pytest.raises(ballot_mail.NobodyToWrite):
        ballot_mail.release(session, ballot, LetterKind.REMINDER, **told)
    told["today"] = TODAY + timedelta(days=1)
    assert ballot_mail.release(session, ballot, LetterKind.REMINDER, **told) == 1


def test_the_result_is_written_after_the_close_and_never_when_it_is_the_office_s(session):
    seated("Aldous")
    told = {"link": str, "by": BY, "today": TODAY}
    ballot = BallotFactory(opened=True)
    cast_(session, electors(ballot)[0], option_ids(session, ballot)[0])
    with pytest.raises(ballots.NotOpen, match="before the close"):
        ballot_mail.release(session, ballot, LetterKind.RESULT, now=NOW, **told)
    assert (
        ballot_mail.release(session, ballot, LetterKind.RESULT, now=ballot.closes_at, **told) == 1
    )
    body = session.scalars(select(OutgoingMail.body)).one()
    assert "Carried." in body
    assert "Yes: 1" in body
    silent = BallotFactory(opened=True, results_shown=ResultsShown.OFFICE)
    with pytest.raises(ballots.NotOpen, match="office only"):
        ballot_mail.release(session, silent, LetterKind.RESULT, now=silent.closes_at, **told)
