"""Calling for proposals, and putting those that came in to the council."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import ballots
from crm.council.ballot_models import Ballot
from crm.council.ballot_rules import (
    BallotKind,
    CountMethod,
    QuorumOf,
    ResultsShown,
    Threshold,
)
from crm.council.ballots import NewBallot, NewOption
from crm.council.models import Body
from crm.council.rules import COUNCIL
from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words
from crm.projects import queries
from crm.projects.models import Project, ProjectCall, ProjectStage
from crm.projects.rules import ProjectKind, Stage

CLOSES_AT = time(17)
QUORUM_PERCENT = 50


class NoRanking(RuleBroken):
    """What selects among proposals ranks them."""


@dataclass(frozen=True, kw_only=True)
class NewCall:
    """A call as it is written; `text` is Markdown."""

    title: str
    kind: ProjectKind
    text: str
    opens_on: date
    closes_on: date


LABELS: Mapping[str, str] = {
    "title": "Title",
    "kind": "Kind",
    "text": "Text",
    "opens_on": "Opens on",
    "closes_on": "Deadline",
}


def announce(session: Session, draft: NewCall, *, by: Actor, now: datetime) -> ProjectCall:
    _check(draft)
    call = ProjectCall(**{name: getattr(draft, name) for name in LABELS}, created_at=now)
    session.add(call)
    session.flush()
    _note(session, call, "announced", by=by, now=now)
    return call


def edit(session: Session, call: ProjectCall, draft: NewCall, *, version: int) -> None:
    """Make the call say what the draft says. Raises `Stale`."""
    db.lock(session, call)
    mine = {name: getattr(draft, name) for name in LABELS}
    if call.version != version:
        theirs = {name: getattr(call, name) for name in LABELS}
        shown = [name for name in LABELS if mine[name] != theirs[name]]
        raise Stale(
            call.title,
            theirs={LABELS[name]: str(theirs[name]) for name in shown},
            yours={LABELS[name]: str(mine[name]) for name in shown},
        )
    _check(draft)
    if call.kind is not draft.kind and queries.proposals_of(session, call.id):
        raise RuleBroken(f"Proposals for a {call.kind} have come in: the kind stays.", field="kind")
    for name, value in mine.items():
        if getattr(call, name) != value:
            setattr(call, name, value)
    session.flush()


def put_to_council(
    session: Session,
    call: ProjectCall,
    *,
    closes_on: date,
    zone: str,
    by: Actor,
    now: datetime,
    today: date,
) -> Ballot:
    """Draft the ballot in which the council ranks what is proposed; opening it is another act.

    Raises `NoRanking` while proposals may still come in, or for fewer than two.
    """
    db.lock(session, call)
    _refuse_ballot(session, call)
    if today <= call.closes_on:
        raise NoRanking(
            f"Proposals come in until {in_words(call.closes_on)}: put them to the council after it."
        )
    waiting = [
        project
        for project in queries.proposals_of(session, call.id)
        if project.stage is Stage.PROPOSED
    ]
    if len(waiting) < 2:
        raise NoRanking("Fewer than two proposals wait: select or refuse them by hand.")
    ballot = ballots.draft(
        session,
        NewBallot(
            body_id=_council(session),
            title=call.title,
            text="",
            kind=BallotKind.RANK,
            method=CountMethod.PAIRWISE,
            threshold=Threshold.MOST,
            options=tuple(NewOption(name=project.title) for project in waiting),
            quorum_percent=QUORUM_PERCENT,
            quorum_of=QuorumOf.ELECTORS,
            recused_leave=True,
            closes_on=closes_on,
            closes_time=CLOSES_AT,
            zone=zone,
            results_shown=ResultsShown.CLOSED,
            names_shown=False,
        ),
        now=now,
    )
    call.ballot_id = ballot.id
    session.flush()
    _note(session, call, "put to the council", by=by, now=now)
    return ballot


def link_ballot(
    session: Session, call: ProjectCall, ballot: Ballot | None, *, by: Actor, now: datetime
) -> None:
    """Say which ballot ranks the proposals, or that none does. Raises `NoRanking`."""
    db.lock(session, call)
    _refuse_decided(session, call)
    if ballot is not None:
        fits = ballot.kind is BallotKind.RANK and ballot.body_id == _council(session)
        if not fits or ballot.withdrawn_at is not None:
            raise NoRanking(
                "Choose a ballot of the council that ranks and is not withdrawn.", field="ballot"
            )
        other = select(ProjectCall.title).where(
            ProjectCall.ballot_id == ballot.id, ProjectCall.id != call.id
        )
        if (title := session.scalar(other)) is not None:
            raise NoRanking(f"It ranks the proposals of “{title}”.", field="ballot")
    call.ballot_id = None if ballot is None else ballot.id
    session.flush()
    _note(session, call, "ballot linked" if ballot else "ballot unlinked", by=by, now=now)


def is_decided(session: Session, call: ProjectCall) -> bool:
    """Whether a proposal was selected by the call's ballot."""
    decided = (
        select(ProjectStage.id)
        .join(Project, Project.id == ProjectStage.project_id)
        .where(Project.call_id == call.id, ProjectStage.ballot_id.is_not(None))
        .limit(1)
    )
    return session.scalar(decided) is not None


def rankings(session: Session, call: ProjectCall) -> list[tuple[int, str]]:
    """Id and title of the ballots that may be linked to a call, the latest first."""
    elsewhere = select(ProjectCall.ballot_id).where(
        ProjectCall.ballot_id.is_not(None), ProjectCall.id != call.id
    )
    found = session.execute(
        select(Ballot.id, Ballot.title)
        .where(
            Ballot.body_id == _council(session),
            Ballot.kind == BallotKind.RANK,
            Ballot.withdrawn_at.is_(None),
            Ballot.id.not_in(elsewhere),
        )
        .order_by(Ballot.closes_at.desc(), Ballot.id.desc())
        .limit(60)
    )
    return [(id_, title) for id_, title in found]


def _council(session: Session) -> int:
    return session.scalars(select(Body.id).where(Body.key == COUNCIL)).one()


def _refuse_ballot(session: Session, call: ProjectCall) -> None:
    if call.ballot_id is not None:
        known = session.get_one(Ballot, call.ballot_id)
        if known.withdrawn_at is None:
            raise NoRanking(f"The ballot “{known.title}” ranks them already.")
        _refuse_decided(session, call)


def _refuse_decided(session: Session, call: ProjectCall) -> None:
    if is_decided(session, call):
        raise NoRanking("Proposals were selected by its ballot: it stays.", field="ballot")


def _check(draft: NewCall) -> None:
    if draft.closes_on < draft.opens_on:
        raise RuleBroken("The deadline comes before the call opens.", field="closes_on")


def _note(session: Session, call: ProjectCall, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session, act, kind="project_call", record_id=call.id, label=call.title, by=by, now=now
    )
