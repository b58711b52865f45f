"""A ballot worked out for its page, as far as this viewer may know it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm.council import ballot_words as words
from crm.council.ballot_count import Count
from crm.council.ballot_models import Ballot, BallotOption
from crm.council.ballot_queries import Voter
from crm.council.ballot_rules import BallotKind
from crm.web.filters import moment


@dataclass(frozen=True, kw_only=True)
class Result:
    """`rows`: name, cells, and the length of its bar. `duels`: each proposal against the others."""

    outcome: str
    method: str
    arithmetic: list[tuple[str, str]]
    heads: list[tuple[str, None, str]]
    rows: list[tuple[str, list[str], str, int]]
    most: int
    duel_heads: list[tuple[str, None, str]]
    duels: list[tuple[str, list[str]]]
    comments: list[tuple[str, str, str]]


def result(
    ballot: Ballot, options: Sequence[BallotOption], voters: Sequence[Voter], count: Count
) -> Result:
    names = {option.id: option.name for option in options}
    ranked = ballot.kind is BallotKind.RANK
    lines = words.ordered(count)
    heads = ["Points", "First places", "Beats"] if ranked else ["Votes", "Weight"]
    rows = []
    for one in lines:
        cells = [one.points, one.votes, one.beats] if ranked else [one.votes, one.weight]
        size = one.points if ranked else one.weight
        rows.append((names[one.option], [str(cell) for cell in cells], str(size), size))
    ordered = [one.option for one in lines]
    number = {option.id: option.position for option in options}
    return Result(
        outcome=words.outcome(count, names),
        method=words.METHODS[ballot.method],
        arithmetic=words.arithmetic(count),
        heads=[("Option", None, ""), *((head, None, "n") for head in heads)],
        rows=rows,
        most=max((size for *_, size in rows), default=0) or 1,
        duel_heads=[("Proposal", None, ""), *((str(number[one]), None, "n") for one in ordered)],
        duels=[
            (
                f"{number[one]}. {names[one]}",
                [_duel(count.preferred, one, other) for other in ordered],
            )
            for one in ordered
        ]
        if ranked
        else [],
        comments=_comments(ballot, options, voters),
    )


def elector_line(
    voter: Voter, ballot: Ballot, names: Mapping[int, str], *, turnout: bool, votes: bool
) -> dict[str, Any]:
    """`turnout`: whether it is told who has voted; `votes`: also what."""
    elector, standing, said = voter.elector, "", ""
    if voter.recusal is not None:
        standing = f"Recused: {voter.recusal.reason}"
    elif voter.vote is not None and (turnout or votes):
        standing = f"Voted {moment(voter.vote.cast_at)}, {voter.vote.way}" if turnout else "Voted"
    if voter.vote is not None and votes:
        said = _vote(voter, names)
    return {
        "id": elector.id,
        "name": elector.name,
        "company_id": elector.company_id,
        "person": elector.person_name,
        "part": elector.part,
        "email": bool(elector.email),
        "weight": elector.weight,
        "interests": [interest.what for interest in voter.interests],
        "standing": standing,
        "said": said,
        "recusable": voter.recusal is None and voter.vote is None,
    }


def _vote(voter: Voter, names: Mapping[int, str]) -> str:
    assert voter.vote is not None
    if voter.vote.abstains:
        return "Abstains"
    return " › ".join(names[choice.option_id] for choice in voter.vote.choices)


def _comments(
    ballot: Ballot, options: Sequence[BallotOption], voters: Sequence[Voter]
) -> list[tuple[str, str, str]]:
    """Option, comment and by whom: nobody where names are not shown."""
    names = {option.id: option.name for option in options}
    found = [
        (
            names[choice.option_id],
            choice.comment,
            voter.elector.name if ballot.names_shown else "",
        )
        for voter in voters
        if voter.vote is not None
        for choice in voter.vote.choices
        if choice.comment
    ]
    return sorted(found)


def _duel(preferred: Mapping[tuple[int, int], int], one: int, other: int) -> str:
    return "–" if one == other else f"{preferred[one, other]} : {preferred[other, one]}"
