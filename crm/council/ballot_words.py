"""A result in words, for pages, letters and reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.council.ballot_count import Count, Outcome, Sum, Terms, needed
from crm.council.ballot_rules import BallotKind, CountMethod, QuorumOf, Threshold

METHODS = {
    CountMethod.YES_NO: "Yes is counted against no; who abstains counts for neither.",
    CountMethod.PLURALITY: "Each elector has one vote for one option; the most votes lead.",
    CountMethod.BORDA: (
        "Each ranking gives a proposal one point for every proposal placed behind it, times the "
        "weight of the vote; the most points win (Borda)."
    ),
    CountMethod.PAIRWISE: (
        "A proposal that more weight prefers to each of the others, one against one, wins "
        "(Condorcet). If there is none, the most Borda points win: one for every proposal placed "
        "behind it, times the weight of the vote."
    ),
}


THRESHOLDS = {
    Threshold.MOST: "the most votes",
    Threshold.MAJORITY: "more than half of the votes that are for an option",
    Threshold.TWO_THIRDS: "two thirds of the votes that are for an option",
    Threshold.OF_ALL: "more than half of the votes of all electors",
}
"""Who abstains is for no option, but stays among all electors."""


def laid_down(terms: Terms) -> list[tuple[str, str]]:
    """What is needed, as it stands before anybody votes."""
    percent = terms.quorum_percent
    whose = "electors" if terms.quorum_of is QuorumOf.ELECTORS else "weight of all electors"
    quorum = f"{percent} % of the {whose}; to abstain is to take part" if percent else "none"
    if terms.kind is BallotKind.RANK:
        return [("Quorum", quorum), ("Counted", METHODS[terms.method])]
    return [("Quorum", quorum), ("Needed", THRESHOLDS[terms.threshold])]


def outcome(count: Count, names: Mapping[int, str]) -> str:
    """The result in one line; a tie is told as a tie."""
    ahead = and_(sorted(names[option] for option in count.leaders))
    match count.outcome:
        case Outcome.NO_QUORUM:
            return "No quorum: nothing is decided"
        case Outcome.NOBODY:
            return "Nobody has voted for an option"
        case Outcome.TIED:
            return f"A tie between {ahead}"
        case Outcome.CHOSEN:
            return f"{ahead} is chosen"
        case Outcome.CARRIED:
            return "Carried"
    if count.terms.kind is BallotKind.YES_NO:
        return "Not carried"
    return f"{ahead} is ahead, but misses {THRESHOLDS[count.terms.threshold]}"


def arithmetic(count: Count) -> list[tuple[str, str]]:
    """Every number of which the result is made."""
    told = [
        ("Electors", _tally(count.electors.number, count.electors.weight)),
        ("Recused", _tally(count.recused.number, count.recused.weight)),
        ("Votes cast", _tally(count.cast.number, count.cast.weight)),
        ("Of these abstained", _tally(count.abstained.number, count.abstained.weight)),
        ("For an option", _tally(count.counted.number, count.counted.weight)),
        ("Quorum", quorum(count)),
    ]
    return told if count.terms.kind is BallotKind.RANK else [*told, ("Needed", need(count))]


def quorum(count: Count) -> str:
    """`reached: 6 of 8 electors voted, 4 are needed (50 %)`."""
    of, percent = count.terms.quorum_of, count.terms.quorum_percent
    there, base = count.cast.of(of), count.base.of(of)
    least = -(-percent * base // 100)
    verdict = "reached" if count.quorum_reached else "not reached"
    whose = "electors" if of is QuorumOf.ELECTORS else "of the weight of all electors"
    less = _less(count)
    return f"{verdict}: {there} of {base} {whose}{less} voted, {least} needed ({percent} %)"


def need(count: Count) -> str:
    """`4 of the 5 votes that are for an option (1 abstains); got 3`; "" for a ranking."""
    threshold = count.terms.threshold
    if count.terms.kind is BallotKind.RANK:
        return ""
    got = max((one.weight for one in count.sums), default=0)
    if count.terms.kind is BallotKind.YES_NO:
        got = count.sums[0].weight
    weighed = count.electors.number != count.electors.weight
    votes = f"weight of {count.threshold_of}" if weighed else f"{count.threshold_of} votes"
    if threshold is Threshold.OF_ALL:
        base = f"the {votes} of all electors{_less(count)}"
    else:
        base = f"the {votes} for an option" if weighed else f"the {votes} that are for an option"
    least = needed(threshold, count.threshold_of)
    what = f"the most of {base}" if threshold is Threshold.MOST else f"{least} of {base}"
    out = count.abstained.number
    abstain = f" ({out} {'abstains' if out == 1 else 'abstain'})" if out else ""
    return f"{what}{abstain}; got {got}"


def _less(count: Count) -> str:
    return " less those recused" if count.terms.recused_leave and count.recused.number else ""


def ordered(count: Count) -> list[Sum]:
    """The options in the ballot's order; those of a ranking by points, the most first."""
    if count.terms.kind is not BallotKind.RANK:
        return list(count.sums)
    return sorted(count.sums, key=lambda one: -one.points)


def sums(count: Count, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """What each option got; in a ranking by points, the most first."""
    if count.terms.kind is not BallotKind.RANK:
        return [(names[one.option], _tally(one.votes, one.weight)) for one in count.sums]
    others = len(count.sums) - 1
    return [
        (
            names[one.option],
            f"{one.points} points, first place {one.votes} times, beats {one.beats} of "
            f"{others} others",
        )
        for one in ordered(count)
    ]


def without_address(names: Sequence[str]) -> str:
    """Whom no letter reaches; "" if there is nobody."""
    if not names:
        return ""
    have = "elector has" if len(names) == 1 else "electors have"
    return f"{len(names)} {have} no address: {and_(names)}. No letter reaches them."


def and_(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _tally(number: int, weight: int) -> str:
    return str(number) if number == weight else f"{number}, with weight {weight}"
