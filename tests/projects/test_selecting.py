"""Calls: edited, put to the council, and what its ballot selects."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from crm.council import ballot_queries as ballots
from crm.council import voting
from crm.council.ballot_models import Ballot
from crm.council.ballot_rules import BallotKind, Choice, Way
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.projects import calls, operations, queries, rules, selecting
from crm.projects.calls import NewCall
from crm.projects.operations import NewProject
from crm.projects.rules import ProjectKind, Stage
from tests.conftest import NOW, TODAY
from tests.factories.ballots import NAMES, BallotFactory, electors, seated
from tests.factories.projects import CallFactory, ProjectFactory
from tests.factories.working_groups import WorkingGroupFactory
from tests.racing import race

BY = Actor(1, "Dana Whitfield")
EDGE = {"by": BY, "now": NOW}
DATED = {**EDGE, "today": TODAY}
AFTER = {**DATED, "now": NOW + timedelta(days=4)}
FIRST, SECOND, THIRD = NAMES[BallotKind.RANK]


def draft(**more: object) -> NewCall:
    values = {
        "title": "Seed research", "kind": ProjectKind.SEED_RESEARCH, "text": "Two pages.",
        "opens_on": TODAY, "closes_on": TODAY + timedelta(days=30), **more,
    }  # fmt: skip
    return NewCall(**values)  # type: ignore[arg-type]


def ranked(session, *rankings: tuple[int, ...], names: tuple[str, ...] = NAMES[BallotKind.RANK]):
    """A call whose proposals three companies have ranked; the projects by title."""
    for name in ("Aldous Mills", "Bering Foundry", "Corvid Tools"):
        seated(name)
    ballot = BallotFactory(kind=BallotKind.RANK, opened=True)
    call = CallFactory(closed=True, ballot_id=ballot.id)
    projects = {name: ProjectFactory(title=name, call_id=call.id).id for name in names}
    options = [option.id for option in ballots.options_of(session, ballot.id)]
    for elector, ranking in zip(electors(ballot), rankings, strict=False):
        choice = Choice(tuple(options[place] for place in ranking))
        voting.cast_vote(session, elector, choice, way=Way.LINK, by=voting.BY_LINK, now=NOW)
    return {name: queries.get(session, id_) for name, id_ in projects.items()}


def test_a_call_is_announced_and_edited(session):
    call = calls.announce(session, draft(), **EDGE)
    calls.edit(session, call, draft(title="Seed research, autumn"), version=1)
    with pytest.raises(Stale):
        calls.edit(session, call, draft(), version=1)
    with pytest.raises(RuleBroken, match="before the call opens"):
        calls.announce(session, draft(closes_on=TODAY - timedelta(days=1)), **EDGE)
    ProjectFactory(call_id=call.id)
    with pytest.raises(RuleBroken, match="the kind stays"):
        calls.edit(session, call, draft(kind=ProjectKind.COURSE), version=2)


def test_what_waits_after_the_deadline_is_put_to_the_council(session):
    call = queries.get_call(session, CallFactory(closed=True).id)
    act = {**DATED, "closes_on": TODAY + timedelta(days=14), "zone": "America/New_York"}
    ProjectFactory(call_id=call.id, title="One")
    with pytest.raises(calls.NoRanking, match="Fewer than two"):
        calls.put_to_council(session, call, **act)
    ProjectFactory(call_id=call.id, title="Two")
    ProjectFactory(call_id=call.id, title="Gone", stage=Stage.DROPPED)
    ballot = calls.put_to_council(session, call, **act)
    names = [option.name for option in ballots.options_of(session, ballot.id)]
    assert (ballot.kind, names) == (BallotKind.RANK, ["One", "Two"])
    assert call.ballot_id == ballot.id
    with pytest.raises(calls.NoRanking, match="ranks them already"):
        calls.put_to_council(session, call, **act)
    open_ = queries.get_call(session, CallFactory().id)
    with pytest.raises(calls.NoRanking, match="after it"):
        calls.put_to_council(session, open_, **act)


def test_a_ballot_that_is_linked_ranks_and_is_of_one_call(session):
    call, other = (queries.get_call(session, CallFactory(closed=True).id) for _ in range(2))
    yes_no, rank = BallotFactory(), BallotFactory(kind=BallotKind.RANK)
    with pytest.raises(calls.NoRanking, match="that ranks"):
        calls.link_ballot(session, call, yes_no, **EDGE)
    calls.link_ballot(session, call, rank, **EDGE)
    assert calls.rankings(session, other) == []
    assert [id_ for id_, _ in calls.rankings(session, call)] == [rank.id]
    with pytest.raises(calls.NoRanking, match="It ranks the proposals of"):
        calls.link_ballot(session, other, rank, **EDGE)
    calls.link_ballot(session, call, None, **EDGE)
    assert call.ballot_id is None


def test_only_the_council_ranks_proposals(session):
    call = queries.get_call(session, CallFactory(closed=True).id)
    group = WorkingGroupFactory()
    theirs = BallotFactory(kind=BallotKind.RANK, body=group.body)
    assert calls.rankings(session, call) == []
    with pytest.raises(calls.NoRanking, match="of the council"):
        calls.link_ballot(session, call, theirs, **EDGE)


def test_the_proposals_of_a_call_are_told_apart_by_their_titles(session):
    call = queries.get_call(session, CallFactory().id)
    draft_of = partial(NewProject, kind=ProjectKind.SEED_RESEARCH, about="")
    operations.propose(session, draft_of(title="Castings"), call=call, **DATED)
    other = operations.propose(session, draft_of(title="Solvents"), call=call, **DATED)
    with pytest.raises(operations.TitleTaken):
        operations.propose(session, draft_of(title="CASTINGS"), call=call, **DATED)
    other = queries.get(session, other.id)
    with pytest.raises(operations.TitleTaken):
        operations.edit(session, other, draft_of(title="Castings"), version=1)
    operations.edit(session, other, draft_of(title="Solvents"), version=1)
    operations.propose(session, draft_of(title="Castings"), **DATED)


def test_of_two_at_once_one_gets_the_title(app, session):
    call_id = CallFactory().id
    session.commit()
    draft_of = NewProject(title="Castings", kind=ProjectKind.SEED_RESEARCH, about="")

    def propose(racer):
        operations.propose(racer, draft_of, call=queries.get_call(racer, call_id), **DATED)

    assert race(app, [propose] * 5).count(None) == 1


def test_the_first_placed_is_selected_first(session):
    projects = ranked(session, (1, 0, 2), (1, 2, 0), (1, 0, 2))
    with pytest.raises(selecting.NotRanked, match="ballot is open"):
        selecting.select_by_ballot(session, projects[SECOND], **DATED)
    with pytest.raises(selecting.NotRanked, match="was placed before it"):
        selecting.select_by_ballot(session, projects[FIRST], **AFTER)
    call = projects[SECOND].call
    closed, call.closes_on = call.closes_on, TODAY
    session.flush()
    with pytest.raises(rules.TooEarly):
        selecting.select_by_ballot(session, projects[SECOND], **AFTER)
    call.closes_on = closed
    session.flush()
    selecting.select_by_ballot(session, projects[SECOND], **AFTER)
    step = queries.stages_of(session, projects[SECOND].id)[-1]
    assert (step.stage, step.reason) == (Stage.SELECTED, "Placed 1 of 3 by the council")
    assert step.ballot_id == session.scalars(select(Ballot.id)).one()
    selecting.select_by_ballot(session, projects[FIRST], **AFTER)
    with pytest.raises(RuleBroken, match="what can follow"):
        selecting.select_by_ballot(session, projects[FIRST], **AFTER)
    call = queries.get_call(session, projects[FIRST].call_id)
    with pytest.raises(calls.NoRanking, match="it stays"):
        calls.link_ballot(session, call, None, **EDGE)


def test_selected_many_times_at_once_each_is_selected_once(app, session):
    projects = ranked(session, (1, 0, 2), (1, 2, 0), (1, 0, 2))
    ids = {name: project.id for name, project in projects.items()}
    session.commit()

    def select_one(name):
        return lambda racer: selecting.select_by_ballot(
            racer, queries.get(racer, ids[name]), **AFTER
        )

    race(app, [select_one(name) for name in (FIRST, SECOND, SECOND, FIRST)])
    stages = {name: [step.stage for step in queries.stages_of(session, ids[name])] for name in ids}
    assert stages[SECOND].count(Stage.SELECTED) == 1
    assert stages[FIRST].count(Stage.SELECTED) <= 1


def test_who_is_level_is_selected_in_any_order(session):
    projects = ranked(session, (0, 1, 2), (1, 2, 0), (2, 0, 1))
    for name in (THIRD, FIRST):
        selecting.select_by_ballot(session, projects[name], **AFTER)
    step = queries.stages_of(session, projects[FIRST].id)[-1]
    assert step.reason == "Placed 1 of 3 by the council"


def test_without_a_quorum_it_is_a_hand_that_selects(session):
    projects = ranked(session, (0, 1, 2))
    with pytest.raises(selecting.NotRanked, match="by hand"):
        selecting.select_by_ballot(session, projects[FIRST], **AFTER)


def test_what_no_ballot_names_is_selected_by_hand(session):
    alone = queries.get(session, ProjectFactory().id)
    with pytest.raises(selecting.NotRanked, match="No ballot ranks it"):
        selecting.select_by_ballot(session, alone, **AFTER)
    votes = ((0, 1, 2),) * 3
    projects = ranked(session, *votes, names=(FIRST, "A late one"))
    with pytest.raises(selecting.NotRanked, match="no place"):
        selecting.select_by_ballot(session, projects["A late one"], **AFTER)
    edited = NewProject(title="Renamed", kind=ProjectKind.SEED_RESEARCH, about="")
    with pytest.raises(RuleBroken, match="under this title"):
        operations.edit(session, projects[FIRST], edited, version=1)
