"""Counting a ballot: from what was cast to a result with its arithmetic. Pure, whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from crm.council.ballot_rules import BallotKind, CountMethod, QuorumOf, Threshold


class Outcome(StrEnum):
    CARRIED = "carried"
    NOT_CARRIED = "not carried"
    CHOSEN = "chosen"
    TIED = "tied"
    NO_QUORUM = "no quorum"
    NOBODY = "no votes cast"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What was laid down before the ballot opened."""

    kind: BallotKind
    method: CountMethod
    threshold: Threshold
    quorum_percent: int
    quorum_of: QuorumOf
    recused_leave: bool
    """Whether who is recused leaves the number of which quorum and threshold are a part."""


@dataclass(frozen=True)
class Cast:
    """One elector's vote: options, the best first; none to abstain."""

    weight: int
    ranking: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sum:
    """What an option got. In a ranking `votes` and `weight` are of first places."""

    option: int
    votes: int
    weight: int
    points: int
    """Borda: by weight, one for each option that was placed behind it."""
    beats: int
    """How many others it beats one against one."""


@dataclass(frozen=True)
class Tally:
    """A number of electors and the weight they have together."""

    number: int
    weight: int

    def of(self, what: QuorumOf) -> int:
        return self.weight if what is QuorumOf.WEIGHT else self.number


@dataclass(frozen=True, kw_only=True)
class Count:
    """The result and how it came about."""

    terms: Terms
    electors: Tally
    recused: Tally
    base: Tally
    """Electors of which quorum and “of all” are a part."""
    cast: Tally
    """Whoever voted, those who abstained included."""
    abstained: Tally
    quorum_reached: bool
    sums: tuple[Sum, ...]
    """In the ballot's order."""
    preferred: Mapping[tuple[int, int], int]
    """In a ranking: the weight of those who place the first before the second."""
    pairwise_winner: int | None
    leaders: tuple[int, ...]
    threshold_of: int
    """The weight of which the threshold is a part."""
    outcome: Outcome

    @property
    def counted(self) -> Tally:
        """Votes for an option."""
        return Tally(
            self.cast.number - self.abstained.number, self.cast.weight - self.abstained.weight
        )


def count(
    terms: Terms,
    options: Sequence[int],
    electors: Iterable[int],
    recused: Iterable[int],
    votes: Iterable[Cast],
) -> Count:
    """`electors`: the weight of each, `recused` those of them without a vote. For a yes/no ballot
    `options` are yes and no."""
    everyone, out, given = _tally(electors), _tally(recused), list(votes)
    base = everyone
    if terms.recused_leave:
        base = Tally(everyone.number - out.number, everyone.weight - out.weight)
    cast = _tally(vote.weight for vote in given)
    abstained = _tally(vote.weight for vote in given if not vote.ranking)
    counted = [vote for vote in given if vote.ranking]
    preferred = _preferred(options, counted) if terms.kind is BallotKind.RANK else {}
    sums = tuple(_sum(option, options, counted, preferred) for option in options)
    winner = next((one.option for one in sums if preferred and one.beats == len(sums) - 1), None)
    leaders = _leaders(terms, sums, winner) if counted else ()
    weight_cast = cast.weight - abstained.weight
    of = base.weight if terms.threshold is Threshold.OF_ALL else weight_cast
    reached = cast.of(terms.quorum_of) * 100 >= terms.quorum_percent * base.of(terms.quorum_of)
    return Count(
        terms=terms,
        electors=everyone,
        recused=out,
        base=base,
        cast=cast,
        abstained=abstained,
        quorum_reached=reached,
        sums=sums,
        preferred=preferred,
        pairwise_winner=winner,
        leaders=leaders,
        threshold_of=of,
        outcome=_outcome(terms, sums, leaders, of, reached),
    )


def placing(count: Count) -> list[tuple[int, ...]]:
    """The options of a ranking, the best first; those that are level share a place.

    Who leads comes first, the others follow by points. Nothing without a quorum or a vote.
    """
    if not count.leaders or not count.quorum_reached:
        return []
    rest = [one for one in count.sums if one.option not in count.leaders]
    levels = sorted({one.points for one in rest}, reverse=True)
    return [
        count.leaders,
        *(tuple(one.option for one in rest if one.points == points) for points in levels),
    ]


def passes(threshold: Threshold, weight: int, of: int) -> bool:
    """Whether so much weight reaches the threshold: exactly, without a rounded share."""
    if threshold is Threshold.MOST:
        return weight > 0
    if threshold is Threshold.TWO_THIRDS:
        return weight > 0 and 3 * weight >= 2 * of
    return 2 * weight > of


def needed(threshold: Threshold, of: int) -> int:
    """The least weight that reaches the threshold: `passes`, asked the other way round."""
    if threshold is Threshold.MOST:
        return 1
    if threshold is Threshold.TWO_THIRDS:
        return max(1, -(-2 * of // 3))
    return of // 2 + 1


def _outcome(
    terms: Terms, sums: Sequence[Sum], leaders: Sequence[int], of: int, quorum: bool
) -> Outcome:
    if not quorum:
        return Outcome.NO_QUORUM
    if not leaders:
        return Outcome.NOBODY
    if terms.kind is BallotKind.YES_NO:
        carried = passes(terms.threshold, sums[0].weight, of)
        return Outcome.CARRIED if carried else Outcome.NOT_CARRIED
    if len(leaders) > 1:
        return Outcome.TIED
    if terms.kind is BallotKind.RANK:
        return Outcome.CHOSEN
    [lead] = [one for one in sums if one.option == leaders[0]]
    return Outcome.CHOSEN if passes(terms.threshold, lead.weight, of) else Outcome.NOT_CARRIED


def _leaders(terms: Terms, sums: Sequence[Sum], winner: int | None) -> tuple[int, ...]:
    """Who is ahead: several, if they are level."""
    if terms.method is CountMethod.PAIRWISE and winner is not None:
        return (winner,)
    ranked = terms.kind is BallotKind.RANK
    most = max(one.points if ranked else one.weight for one in sums)
    return tuple(one.option for one in sums if (one.points if ranked else one.weight) == most)


def _sum(
    option: int,
    options: Sequence[int],
    votes: Sequence[Cast],
    preferred: Mapping[tuple[int, int], int],
) -> Sum:
    first = [vote.weight for vote in votes if vote.ranking[0] == option]
    others = [other for other in options if other != option] if preferred else []
    return Sum(
        option,
        len(first),
        sum(first),
        sum(preferred[option, other] for other in others),
        sum(preferred[option, other] > preferred[other, option] for other in others),
    )


def _preferred(options: Sequence[int], votes: Sequence[Cast]) -> dict[tuple[int, int], int]:
    found = {(a, b): 0 for a in options for b in options if a != b}
    for vote in votes:
        for better, worse in combinations(vote.ranking, 2):
            found[better, worse] += vote.weight
    return found


def _tally(weights: Iterable[int]) -> Tally:
    found = list(weights)
    return Tally(len(found), sum(found))
