"""A ballot from draft to close: who votes is frozen, what is cast stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import IntegrityError

from crm.accounts.rules import Role
from crm.activities.interests import NewInterest
from crm.activities.rules import Stake
from crm.council import ballot_queries as queries
from crm.council import ballots, declaring, operations
from crm.council.ballot_models import (
    Ballot,
    BallotOption,
    DeclaredInterest,
    Elector,
    Vote,
    VoteChoice,
)
from crm.council.ballot_rules import (
    BadBallot,
    BallotKind,
    BallotStatus,
    CountMethod,
    NobodyReached,
    QuorumOf,
    ResultsShown,
    Threshold,
)
from crm.council.ballots import NewBallot, NewOption
from crm.council.participants import Part, Participant
from crm.kit.errors import Stale
from crm.people.models import PersonAddress
from crm.programme.models import Programme
from tests.conftest import NOW, TODAY
from tests.factories.accounts import user
from tests.factories.activities import InterestFactory
from tests.factories.ballots import (
    BY,
    BallotFactory,
    cast_,
    electors,
    on_committee,
    option_ids,
    seated,
)
from tests.factories.companies import AffiliationFactory, CompanyFactory, PersonFactory

EDGE = {"by": BY, "now": NOW}


def wanted(session, **more):
    body_id = session.scalar(text("SELECT id FROM body WHERE key = 'council'"))
    told = NewBallot(
        body_id=body_id, title="Seed projects", text="", kind=BallotKind.RANK,
        method=CountMethod.BORDA, threshold=Threshold.MOST,
        options=(NewOption(name="A", note="An idea"), NewOption(name="B")), quorum_percent=50,
        quorum_of=QuorumOf.WEIGHT, recused_leave=True, closes_on=date(2026, 6, 20),
        closes_time=time(17), zone="America/New_York", results_shown=ResultsShown.CLOSED,
        names_shown=False,
    )  # fmt: skip
    return replace(told, **more)


def test_a_draft_is_written_and_written_anew(session):
    ballot = ballots.draft(session, wanted(session), now=NOW)
    assert ballot.status_at(NOW) is BallotStatus.DRAFT
    seen = ballot.version
    new = wanted(session, title="Other", options=(NewOption(name="C"), NewOption(name="D")))
    ballots.redraft(session, ballot, new, version=seen, now=NOW)
    assert [o.name for o in queries.options_of(session, ballot.id)] == ["C", "D"]
    with pytest.raises(Stale):
        ballots.redraft(session, ballot, new, version=seen, now=NOW)


def test_a_draft_that_closes_before_now_is_refused(session):
    with pytest.raises(BadBallot, match="after now"):
        ballots.draft(session, wanted(session, closes_on=date(2026, 6, 15)), now=NOW + timedelta(1))
    assert session.scalar(select(func.count()).select_from(Ballot)) == 0


def test_each_company_votes_by_its_representative_else_its_alternate(session):
    first = seated("Aldous", alternate=True)
    gone = seated("Brandt", alternate=True)
    operations.end_holding(session, gone, on=TODAY, reason=None, today=TODAY, **EDGE)
    seated("Casco", tier="public-partner")  # an observer
    seated("Dunmarrow", tier="associate")  # shares an elected seat
    ballot = BallotFactory(opened=True)
    found = electors(ballot)
    assert [(e.company_name, e.part.value) for e in found] == [
        ("Aldous", "representative"),
        ("Brandt", "alternate"),
    ]
    assert found[0].person_id == first.person_id
    assert found[0].email


def test_weight_is_the_tier_s_if_the_programme_says_so(session):
    programme = session.scalars(select(Programme)).one()
    programme.facts = {**programme.facts, "council": {"weights": {"founding": 3}}}
    seated("Aldous", tier="founding")
    seated("Brandt")
    ballot = BallotFactory(opened=True)
    assert [elector.weight for elector in electors(ballot)] == [3, 1]


def test_who_is_in_grace_votes_if_its_agreement_says_so(session):
    seated("Aldous", grace=True, grace_votes=True)
    seated("Brandt", grace=True, grace_votes=False)
    assert [e.company_name for e in electors(BallotFactory(opened=True))] == ["Aldous"]


def test_a_late_change_of_seats_does_not_change_an_open_ballot(session):
    holding = seated("Aldous")
    ballot = BallotFactory(opened=True)
    [before] = electors(ballot)
    heir = AffiliationFactory(company=holding.seat.company).person
    edge = {**EDGE, "today": TODAY}
    operations.hand_over(session, holding.seat, holding.role, heir.id, on=TODAY, **edge)
    seated("Brandt")
    assert electors(ballot) == [before]
    assert before.person_id == holding.person_id
    later = BallotFactory(opened=True)
    assert electors(later)[0].person_id == heir.id
    assert len(electors(later)) == 2


def test_in_a_committee_each_person_has_a_vote(session, monkeypatch):
    people = [PersonFactory(name=name) for name in ("Ada Lund", "Bo Rask")]
    chair, member = (
        Participant(
            person_id=person.id, name=person.name, email="x@uni.example", company_id=None,
            company="The university", part=part, votes=True,
        )
        for person, part in zip(people, (Part.CHAIR, Part.MEMBER), strict=True)
    )  # fmt: skip
    monkeypatch.setattr(queries, "participants_on", lambda *_: [chair, member, chair])
    found = electors(BallotFactory(opened=True))
    assert [(e.name, e.company_id, e.weight) for e in found] == [
        ("Ada Lund", None, 1),
        ("Bo Rask", None, 1),
    ]


def test_a_ballot_without_voters_does_not_open(session):
    ballot = BallotFactory()
    with pytest.raises(ballots.NobodyVotes):
        ballots.open_(session, ballot, today=TODAY, **EDGE)
    assert ballot.opened_at is None


def test_a_ballot_in_which_nobody_can_vote_does_not_open(session):
    """Without an e-mail address no link reaches them; without an account they do not sign in, and
    for a company nobody does."""
    account = user(Role.FACULTY, name="Una Berg", email="una@office.example").id
    seated("Aldous Mills").person.user_id = account
    session.execute(delete(PersonAddress))
    with pytest.raises(NobodyReached, match="Enter their addresses first"):
        ballots.open_(session, BallotFactory(), today=TODAY, **EDGE)
    person = PersonFactory()
    ballot = BallotFactory(body=on_committee(person))
    with pytest.raises(NobodyReached):
        ballots.open_(session, ballot, today=TODAY, **EDGE)
    person.user_id = user(Role.FACULTY, name="Ulf Berg", email="ulf@office.example").id
    session.flush()
    ballots.open_(session, ballot, today=TODAY, **EDGE)
    assert len(electors(ballot)) == 1


def test_what_is_open_is_not_opened_or_edited_again(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    with pytest.raises(ballots.NotADraft):
        ballots.open_(session, ballot, today=TODAY, **EDGE)
    with pytest.raises(ballots.NotADraft):
        ballots.redraft(session, ballot, wanted(session), version=ballot.version, now=NOW)


FROZEN = {
    "title": "Other", "closes_at": NOW + timedelta(days=9), "quorum_percent": 1,
    "threshold": Threshold.TWO_THIRDS, "names_shown": False, "opened_at": None,
    "results_shown": ResultsShown.LIVE,
}  # fmt: skip


@pytest.mark.parametrize("column", FROZEN)
def test_the_database_keeps_the_terms_of_an_open_ballot(session, column):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    with pytest.raises(IntegrityError, match="ballot_is_open"):
        session.execute(
            update(Ballot).where(Ballot.id == ballot.id).values({column: FROZEN[column]})
        )


def test_the_database_takes_no_elector_or_option_once_it_is_open(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    [elector] = electors(ballot)
    option = option_ids(session, ballot)[0]
    cast_(session, elector, option)
    other = seated("Brandt")
    brandt, its_person = other.seat.company_id, other.person_id
    refused = {
        "elector_added": lambda: session.add(
            Elector(
                ballot_id=ballot.id, company_id=brandt, person_id=its_person,
                person_name="B", part="representative", weight=1,
            )
        ),
        "elector_gone": lambda: session.execute(delete(Elector)),
        "elector_is_frozen": lambda: session.execute(update(Elector).values(weight=9)),
        "ballot_option_added": lambda: session.add(
            BallotOption(ballot_id=ballot.id, position=3, name="Perhaps")
        ),
        "ballot_option_changed": lambda: session.execute(update(BallotOption).values(name="Z")),
        "ballot_option_gone": lambda: session.execute(delete(BallotOption)),
        "ballot_stays": lambda: session.execute(delete(Ballot)),
        "vote_is_cast": lambda: session.execute(update(Vote).values(abstains=True)),
        "vote_choice_is_cast": lambda: session.execute(update(VoteChoice).values(place=2)),
        "vote_choice_stays": lambda: session.execute(delete(VoteChoice)),
        "vote_choice_does_not_fit": lambda: session.add(
            VoteChoice(vote_id=session.scalar(select(Vote.id)), option_id=option + 1, place=2)
        ),
        "recusal_too_late": lambda: session.execute(
            text(
                "INSERT INTO recusal (elector_id, reason, noted_at, by_name)"
                " SELECT id, 'x', :now, 'x' FROM elector"
            ),
            {"now": NOW.isoformat(sep=" ")},
        ),
    }  # fmt: skip
    session.commit()
    for name, do in refused.items():
        do_and_flush = partial(_flushed, session, do)
        with pytest.raises(IntegrityError, match=name):
            do_and_flush()
        session.rollback()


def _flushed(session, do):
    do()
    session.flush()


def test_what_is_decided_is_not_withdrawn(session):
    seated("Aldous")
    ballot = BallotFactory(opened=True)
    with pytest.raises(ballots.NotOpen):
        ballots.withdraw(session, ballot, reason="Too late", by=BY, now=ballot.closes_at)
    with pytest.raises(IntegrityError, match="ballot_is_closed"):
        session.execute(
            update(Ballot).values(withdrawn_at=ballot.closes_at, withdrawal_reason="Too late")
        )


def test_what_electors_declared_before_goes_with_the_ballot(session):
    """As of the day it opens; not what is over, nor that they are of the company they vote for."""
    holding = seated("Aldous")
    bidder = CompanyFactory(name="Brandt Robotics")
    InterestFactory(person=holding.person, company=bidder, by_name="Dana Whitfield")
    InterestFactory(person=holding.person, company=bidder, over=True)
    InterestFactory(person=holding.person, company=holding.seat.company)
    InterestFactory(company=bidder)
    ballot = BallotFactory(opened=True)
    declared = queries.declared_in(session, ballot.id)
    assert declared == [("Aldous", "Brandt Robotics: founder, since February 1, 2024")]
    kept = session.scalars(select(DeclaredInterest)).one()
    assert (kept.by_name, kept.noted_at) == ("Dana Whitfield", ballot.opened_at)


def test_sums_that_run_along_are_not_shown_without_names(session):
    """Else whoever watches them and who has voted knows who voted what."""
    with pytest.raises(BadBallot, match="tell who voted what"):
        ballots.draft(
            session, wanted(session, results_shown=ResultsShown.LIVE, names_shown=False), now=NOW
        )


def test_an_interest_declared_while_a_vote_is_open_is_shown_with_it(session):
    holding = seated("Aldous")
    opened, over = BallotFactory(opened=True), BallotFactory(opened=True)
    ballots.withdraw(session, over, reason="Wrong figures", by=BY, now=NOW)
    bidder = CompanyFactory(name="Brandt Robotics")
    said = NewInterest(stake=Stake.SHARES, starts_on=date(2026, 1, 1))
    for company in (bidder, holding.seat.company):
        declaring.declare(
            session, said, person_id=holding.person_id, company_id=company.id, by=BY, now=NOW,
            today=TODAY,
        )  # fmt: skip
    told = ("Aldous", "Brandt Robotics: shares or options, since January 1, 2026")
    assert queries.declared_in(session, opened.id) == [told]
    assert queries.declared_in(session, over.id) == []
