from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council import ballot_rules as rules
from crm.council.ballot_rules import (
    BadBallot,
    BadChoice,
    BallotKind,
    BallotStatus,
    Choice,
    CountMethod,
    ResultsShown,
    Threshold,
)

THEN = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Part:
    person_id: int
    company_id: int | None
    votes: bool


PARTS = st.lists(
    st.builds(Part, st.integers(1, 6), st.one_of(st.none(), st.integers(1, 4)), st.booleans())
)


@given(PARTS)
def test_each_company_has_one_vote_and_each_person_their_own(parts):
    found = rules.electorate(parts)
    companies = [part.company_id for part in found if part.company_id]
    people = [part.person_id for part in found if not part.company_id]
    assert len(companies) == len(set(companies))
    assert len(people) == len(set(people))
    assert set(companies) == {p.company_id for p in parts if p.votes and p.company_id}
    assert set(people) == {p.person_id for p in parts if p.votes and not p.company_id}
    for one in found:
        if one.company_id:  # the representative stands before the alternate
            assert one == next(p for p in parts if p.votes and p.company_id == one.company_id)


def test_no_job_closes_a_ballot():
    told = {"opened_at": THEN, "closes_at": THEN + timedelta(hours=1), "withdrawn_at": None}
    edge = told["closes_at"]
    assert rules.status_at(THEN, **{**told, "opened_at": None}) is BallotStatus.DRAFT
    assert rules.status_at(edge - timedelta(seconds=1), **told) is BallotStatus.OPEN
    assert rules.status_at(edge, **told) is BallotStatus.CLOSED
    assert rules.status_at(edge, **{**told, "withdrawn_at": THEN}) is BallotStatus.WITHDRAWN


def test_a_closing_moment_is_what_a_clock_there_shows():
    there = rules.closing(date(2026, 7, 1), time(17), "America/New_York")
    assert there == datetime(2026, 7, 1, 21, tzinfo=UTC)
    assert rules.told(there, "Europe/Berlin") == "July 1, 2026, 23:00 CEST"


@pytest.mark.parametrize(
    ("day", "at", "zone", "said"),
    [
        (date(2026, 3, 8), time(2, 30), "America/New_York", "does not exist"),
        (date(2026, 11, 1), time(1, 30), "America/New_York", "comes twice"),
        (date(2026, 11, 1), time(1, 30), "Mars/Olympus", "no such time zone"),
    ],
)
def test_a_time_that_no_clock_shows_or_two_do_is_refused(day, at, zone, said):
    with pytest.raises(BadBallot, match=said):
        rules.closing(day, at, zone)


@pytest.mark.parametrize(
    ("kind", "ranking"),
    [
        (BallotKind.CHOOSE, (1, 2)),
        (BallotKind.CHOOSE, (9,)),
        (BallotKind.YES_NO, (1, 2)),
        (BallotKind.RANK, (1, 2)),
        (BallotKind.RANK, (1, 2, 2)),
        (BallotKind.RANK, (1, 2, 3, 3)),
    ],
)
def test_a_vote_that_cannot_be_counted_is_refused(kind, ranking):
    with pytest.raises(BadChoice):
        rules.check_choice(kind, (1, 2, 3), Choice(ranking))


@pytest.mark.parametrize("kind", BallotKind)
def test_one_may_always_abstain(kind):
    rules.check_choice(kind, (1, 2, 3), Choice())
    assert Choice().abstains


def test_terms_have_to_go_together():
    with pytest.raises(BadBallot):
        rules.check_terms(BallotKind.YES_NO, CountMethod.BORDA, Threshold.MAJORITY, ())
    with pytest.raises(BadBallot):
        rules.check_terms(BallotKind.RANK, CountMethod.BORDA, Threshold.OF_ALL, ("A", "B"))
    with pytest.raises(BadBallot):
        rules.check_terms(BallotKind.CHOOSE, CountMethod.PLURALITY, Threshold.MOST, ("A", "a"))
    with pytest.raises(BadBallot):
        rules.check_terms(BallotKind.CHOOSE, CountMethod.PLURALITY, Threshold.MOST, ("A",))
    rules.check_terms(BallotKind.CHOOSE, CountMethod.PLURALITY, Threshold.MOST, ("A", "B"))


@pytest.mark.parametrize(
    ("shown", "status", "office", "sees"),
    [
        (ResultsShown.LIVE, BallotStatus.OPEN, False, True),
        (ResultsShown.LIVE, BallotStatus.WITHDRAWN, True, False),
        (ResultsShown.CLOSED, BallotStatus.OPEN, True, False),
        (ResultsShown.CLOSED, BallotStatus.CLOSED, False, True),
        (ResultsShown.OFFICE, BallotStatus.OPEN, True, False),
        (ResultsShown.OFFICE, BallotStatus.CLOSED, True, True),
        (ResultsShown.OFFICE, BallotStatus.CLOSED, False, False),
    ],
)
def test_who_sees_the_sums(shown, status, office, sees):
    assert rules.may_see(shown, status, office=office) is sees
