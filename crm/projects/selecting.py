"""Selecting a proposal as the council has ranked it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.council import ballot_queries as ballots
from crm.council.ballot_count import placing
from crm.council.ballot_models import Ballot
from crm.council.ballot_rules import BallotStatus, ResultsShown
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.projects import queries, rules
from crm.projects.models import Project
from crm.projects.operations import note, step
from crm.projects.rules import Stage

BY_HAND = "Select it by hand and say why."


class NotRanked(RuleBroken):
    """The ballot does not say that this one is next."""


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The place of each option by its folded name; `of`: how many there are. Level ones share."""

    places: Mapping[str, int]
    of: int

    def place(self, project: Project) -> int | None:
        """By the title under which it was put to the vote."""
        return self.places.get(project.title.casefold())


def ranking(session: Session, ballot: Ballot) -> Ranking:
    """What the ballot says; no places without a quorum, or where nobody ranked."""
    options = ballots.options_of(session, ballot.id)
    voters = ballots.voters_of(session, [ballot.id])[ballot.id]
    names = {option.id: option.name.casefold() for option in options}
    places: dict[str, int] = {}
    for level in placing(ballots.counted(ballot, options, voters)):
        place = len(places) + 1
        places |= {names[option]: place for option in level}
    return Ranking(places=places, of=len(options))


def select_by_ballot(
    session: Session, project: Project, *, by: Actor, now: datetime, today: date
) -> None:
    """Select the proposal that the council placed before all that still wait.

    The project comes with its call and ballot. Raises `NotRanked`, `NoSuchStep`, or `TooEarly`.
    """
    call = project.call
    if call is None or call.ballot is None:
        raise NotRanked(f"No ballot ranks it. {BY_HAND}")
    db.lock(session, call)
    db.lock(session, project)
    ballot = call.ballot
    if ballot.status_at(now) is not BallotStatus.CLOSED:
        raise NotRanked(f"The ballot is {ballot.status_at(now)}: select when it is closed.")
    ranked = ranking(session, ballot)
    place = ranked.place(project)
    if place is None:
        raise NotRanked(f"The ballot gives it no place. {BY_HAND}")
    for other in queries.proposals_of(session, call.id):
        before = ranked.place(other)
        waits = other.stage in (Stage.PROPOSED, Stage.NOT_SELECTED)
        if waits and before is not None and before < place:
            raise NotRanked(f"“{other.title}” was placed before it: select that first. {BY_HAND}")
    reason = f"Placed {place} of {ranked.of} by the council"
    if ballot.results_shown is ResultsShown.OFFICE:
        reason = "Selected by the council"
    rules.check_step(project.stage, Stage.SELECTED, reason=reason)
    rules.check_deadline(today, closes_on=call.closes_on)
    step(session, project, Stage.SELECTED, on=today, reason=reason, ballot_id=ballot.id, by=by)
    session.flush()
    note(session, project, "selected by ballot", by=by, now=now)
