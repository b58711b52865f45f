"""A result in words, for pages, letters and reports. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crm.council.ballot_count import Count, Outcome
from crm.council.ballot_rules import BallotKind, CountMethod

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
    return f"{ahead} is ahead, but misses {count.terms.threshold}"


def arithmetic(count: Count) -> list[tuple[str, str]]:
    """Every number of which the result is made."""
    terms, of = count.terms, count.terms.quorum_of
    less = " less those recused" if terms.recused_leave and count.recused.number else ""
    there, base = count.cast.of(of), count.base.of(of)
    verdict = "reached" if count.quorum_reached else "not reached"
    told = [
        ("Electors", _tally(count.electors.number, count.electors.weight)),
        ("Recused", _tally(count.recused.number, count.recused.weight)),
        ("Votes cast", _tally(count.cast.number, count.cast.weight)),
        ("Of these abstained", _tally(count.abstained.number, count.abstained.weight)),
        ("For an option", _tally(count.counted.number, count.counted.weight)),
        (
            "Quorum",
            f"{verdict}: {there} of {base} {of}{less}, {terms.quorum_percent} % are needed",
        ),
    ]
    if terms.kind is not BallotKind.RANK:
        lead = max((one.weight for one in count.sums), default=0)
        if terms.kind is BallotKind.YES_NO:
            lead = count.sums[0].weight
        told.append(("Threshold", f"{terms.threshold}: {lead} of {count.threshold_of}"))
    return told


def sums(count: Count, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """What each option got; in a ranking by points, the most first."""
    if count.terms.kind is not BallotKind.RANK:
        return [(names[one.option], _tally(one.votes, one.weight)) for one in count.sums]
    ordered = sorted(count.sums, key=lambda one: -one.points)
    return [
        (
            names[one.option],
            f"{one.points} points, first place {one.votes} times, beats {one.beats} of "
            f"{len(ordered) - 1} others",
        )
        for one in ordered
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
