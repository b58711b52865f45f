"""Counting, against a count that knows no arithmetic: every vote is laid out and gone through."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council.ballot_count import Cast, Outcome, Terms, count, needed, passes, placing
from crm.council.ballot_rules import BallotKind, CountMethod, QuorumOf, Threshold
from crm.council.ballot_words import laid_down, need, outcome, quorum, sums

OPTIONS = (11, 22, 33, 44)
WEIGHTS = st.integers(1, 4)


def terms(kind: BallotKind, **more) -> Terms:
    usual = {
        BallotKind.YES_NO: (CountMethod.YES_NO, Threshold.MAJORITY),
        BallotKind.CHOOSE: (CountMethod.PLURALITY, Threshold.MOST),
        BallotKind.RANK: (CountMethod.PAIRWISE, Threshold.MOST),
    }[kind]
    told = {
        "method": usual[0], "threshold": usual[1], "quorum_percent": 0,
        "quorum_of": QuorumOf.ELECTORS, "recused_leave": True,
    }  # fmt: skip
    return Terms(kind=kind, **{**told, **more})


def ballots(options, *, ranked=False):
    one = (
        st.permutations(options).map(tuple)
        if ranked
        else st.sampled_from(options).map(lambda option: (option,))
    )
    return st.lists(st.builds(Cast, WEIGHTS, st.one_of(st.just(()), one)), max_size=9)


def laid_out(votes):
    """A ranking for each unit of weight."""
    return [vote.ranking for vote in votes for _ in range(vote.weight) if vote.ranking]


@given(ballots((1, 2)), st.sampled_from(tuple(Threshold)[1:]))
def test_yes_or_no_is_counted_as_one_counts_papers(votes, threshold):
    papers = laid_out(votes)
    found = count(
        terms(BallotKind.YES_NO, threshold=threshold), (1, 2),
        [vote.weight for vote in votes], [], votes,
    )  # fmt: skip
    yes = sum(paper == (1,) for paper in papers)
    everyone = sum(vote.weight for vote in votes)
    needed = {
        Threshold.MAJORITY: Fraction(yes, len(papers) or 1) > Fraction(1, 2),
        Threshold.TWO_THIRDS: Fraction(yes, len(papers) or 1) >= Fraction(2, 3),
        Threshold.OF_ALL: Fraction(yes, everyone or 1) > Fraction(1, 2),
    }[threshold]
    if not papers:
        assert found.outcome is Outcome.NOBODY
    else:
        assert found.outcome is (Outcome.CARRIED if needed else Outcome.NOT_CARRIED)
    assert [one.weight for one in found.sums] == [yes, len(papers) - yes]
    assert found.counted.weight + found.abstained.weight == found.cast.weight == everyone


@given(ballots(OPTIONS))
def test_most_votes_lead_and_a_tie_is_a_tie(votes):
    papers = laid_out(votes)
    found = count(terms(BallotKind.CHOOSE), OPTIONS, [v.weight for v in votes], [], votes)
    sums = {option: sum(paper == (option,) for paper in papers) for option in OPTIONS}
    assert {one.option: one.weight for one in found.sums} == sums
    ahead = {option for option in OPTIONS if papers and sums[option] == max(sums.values())}
    assert set(found.leaders) == ahead
    named = {0: Outcome.NOBODY, 1: Outcome.CHOSEN}
    assert found.outcome is named.get(len(ahead), Outcome.TIED)


@given(ballots(OPTIONS, ranked=True), st.sampled_from((CountMethod.BORDA, CountMethod.PAIRWISE)))
def test_rankings_are_counted_as_one_counts_papers(votes, method):
    papers = laid_out(votes)
    found = count(
        terms(BallotKind.RANK, method=method), OPTIONS, [v.weight for v in votes], [], votes
    )
    points = {
        option: sum(len(OPTIONS) - 1 - paper.index(option) for paper in papers)
        for option in OPTIONS
    }
    assert {one.option: one.points for one in found.sums} == points

    def prefer(a, b):
        return sum(paper.index(a) < paper.index(b) for paper in papers)

    for a in OPTIONS:
        for b in OPTIONS:
            if a != b:
                assert found.preferred[a, b] == prefer(a, b)
    winners = [a for a in OPTIONS if all(prefer(a, b) > prefer(b, a) for b in OPTIONS if b != a)]
    assert found.pairwise_winner == (winners[0] if winners else None)
    best = {option for option in OPTIONS if points[option] == max(points.values())}
    if not papers:
        assert found.outcome is Outcome.NOBODY
    elif method is CountMethod.PAIRWISE and winners:
        assert found.leaders == (winners[0],)
    else:
        assert set(found.leaders) == best


@given(st.lists(WEIGHTS, min_size=1, max_size=9), st.data())
def test_quorum_is_a_share_of_whoever_may_vote(weights, data):
    cast = data.draw(st.integers(0, len(weights)))
    out = data.draw(st.integers(0, len(weights) - cast))
    percent, of = data.draw(st.integers(0, 100)), data.draw(st.sampled_from(QuorumOf))
    leave = data.draw(st.booleans())
    found = count(
        terms(BallotKind.YES_NO, quorum_percent=percent, quorum_of=of, recused_leave=leave),
        (1, 2), weights, weights[len(weights) - out :], [Cast(w, (1,)) for w in weights[:cast]],
    )  # fmt: skip
    base = weights[: len(weights) - out] if leave else weights
    there = weights[:cast]
    share = (sum(there), sum(base)) if of is QuorumOf.WEIGHT else (len(there), len(base))
    assert found.quorum_reached == (share[1] == 0 or Fraction(*share) >= Fraction(percent, 100))
    assert (found.outcome is Outcome.NO_QUORUM) == (not found.quorum_reached)


@pytest.mark.parametrize(
    ("threshold", "weight", "of", "reached"),
    [
        (Threshold.MAJORITY, 5, 10, False),
        (Threshold.MAJORITY, 6, 10, True),
        (Threshold.TWO_THIRDS, 6, 9, True),
        (Threshold.TWO_THIRDS, 6, 10, False),
        (Threshold.TWO_THIRDS, 0, 0, False),
        (Threshold.OF_ALL, 5, 9, True),
        (Threshold.MOST, 0, 9, False),
    ],
)
def test_thresholds_are_exact(threshold, weight, of, reached):
    assert passes(threshold, weight, of) is reached


@given(st.sampled_from(tuple(Threshold)), st.integers(0, 60))
def test_what_is_needed_is_the_least_that_passes(threshold, of):
    least = needed(threshold, of)
    assert passes(threshold, least, of)
    assert not passes(threshold, least - 1, of)


YES, NO, ABSTAINS = (1,), (2,), ()


def voted(*rankings, electors=8, weight=1, threshold=Threshold.TWO_THIRDS):
    return count(
        terms(BallotKind.YES_NO, threshold=threshold, quorum_percent=50), (1, 2),
        [weight] * electors, [], [Cast(weight, ranking) for ranking in rankings],
    )  # fmt: skip


def test_what_is_needed_and_what_was_got_can_be_reckoned_again():
    found = voted(YES, YES, YES, NO, NO, ABSTAINS)
    assert need(found) == "4 of the 5 votes that are for an option (1 abstains); got 3"
    assert quorum(found) == "reached: 6 of 8 electors voted, 4 needed (50 %)"
    found = voted(YES, NO, NO, ABSTAINS, ABSTAINS, threshold=Threshold.OF_ALL)
    assert need(found) == "5 of the 8 votes of all electors (2 abstain); got 1"
    found = voted(YES, NO, weight=2, threshold=Threshold.MAJORITY)
    assert need(found) == "3 of the weight of 4 for an option; got 2"
    found = voted(YES, threshold=Threshold.MOST)
    assert need(found) == "the most of the 1 votes that are for an option; got 1"
    assert dict(laid_down(found.terms))["Needed"] == "the most votes"


@given(ballots(OPTIONS, ranked=True))
def test_the_options_of_a_ranking_are_told_by_their_points(votes):
    found = count(terms(BallotKind.RANK), OPTIONS, [vote.weight for vote in votes], [], votes)
    told = [
        int(said.split()[0]) for _, said in sums(found, dict(zip(OPTIONS, "ABCD", strict=True)))
    ]
    assert told == sorted(told, reverse=True)
    assert need(found) == ""


def test_condorcet_s_circle_has_no_winner_and_falls_to_points():
    votes = [Cast(1, (1, 2, 3)), Cast(1, (2, 3, 1)), Cast(1, (3, 1, 2))]
    found = count(terms(BallotKind.RANK), (1, 2, 3), [1, 1, 1], [], votes)
    assert found.pairwise_winner is None
    assert outcome(found, {1: "A", 2: "B", 3: "C"}) == "A tie between A, B and C"


def test_who_wins_each_duel_wins_though_another_has_more_points():
    votes = [Cast(3, (1, 2, 3)), Cast(2, (2, 3, 1))]
    names = {1: "A", 2: "B", 3: "C"}
    pairwise = count(terms(BallotKind.RANK), (1, 2, 3), [3, 2], [], votes)
    borda = count(terms(BallotKind.RANK, method=CountMethod.BORDA), (1, 2, 3), [3, 2], [], votes)
    assert outcome(pairwise, names) == "A is chosen"
    assert outcome(borda, names) == "B is chosen"


@given(ballots(OPTIONS, ranked=True), st.sampled_from((CountMethod.BORDA, CountMethod.PAIRWISE)))
def test_a_ranking_places_every_option_once_leaders_first_then_by_points(votes, method):
    electors = [vote.weight for vote in votes]
    found = count(terms(BallotKind.RANK, method=method), OPTIONS, electors, [], votes)
    placed = placing(found)
    if not found.leaders:
        assert placed == []
        return
    assert sorted(option for level in placed for option in level) == sorted(OPTIONS)
    assert placed[0] == found.leaders
    points = {one.option: one.points for one in found.sums}
    behind = [{points[option] for option in level} for level in placed[1:]]
    assert all(len(level) == 1 for level in behind)
    assert [max(level) for level in behind] == sorted(map(max, behind), reverse=True)


def test_without_a_quorum_nothing_is_placed():
    votes = [Cast(1, OPTIONS)]
    strict = terms(BallotKind.RANK, quorum_percent=50)
    assert placing(count(strict, OPTIONS, [1, 1, 1], [], votes)) == []
