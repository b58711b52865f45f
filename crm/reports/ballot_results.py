"""What was decided by vote: every option of every ballot that had closed by a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council import ballot_queries as queries
from crm.council import ballot_words as words
from crm.council.ballot_models import Ballot, BallotOption
from crm.council.ballot_rules import BallotKind, may_see, told
from crm.programme import queries as programme
from crm.reports.columns import Column, Kind, Report, Row, shown_to

COLUMNS = (
    Column("Ballot", share=2),
    Column("Body", share=1.4),
    Column("Kind", share=0.9),
    Column("Option", share=1.6),
    Column("Votes", Kind.NUMBER, 0.6),
    Column("Weight", Kind.NUMBER, 0.7),
    Column("Result", share=1.6),
    Column("Closed at", share=1.4),
    Column("Ballot id", Kind.ID, printed=False),
    Column("Points", Kind.NUMBER, 0.7),
    Column("Quorum", share=1.6),
    Column("Needed", share=1.8),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return shown_to(viewer, COLUMNS)


def rows(session: Session, *, day: date, viewer: Viewer, now: datetime) -> Sequence[Row]:
    """The latest first, options in the ballot's order, of a ranking by points. The day is the
    programme's, whatever the zone in which a ballot's closing moment was given. Who sees what
    follows from the ballot's own setting; before its close nobody reads here how it stands. In a
    ranking votes and weight are of first places."""
    office = viewer.may(P.BALLOTS_READ_ALL)
    zone = ZoneInfo(programme.get(session).facts["time_zone"])
    found = [
        ballot
        for ballot in session.scalars(_closed(now))
        if ballot.closes_at.astimezone(zone).date() <= day
        and may_see(ballot.results_shown, ballot.status_at(now), office=office)
    ]
    ids = [ballot.id for ballot in found]
    voters = queries.voters_of(session, ids)
    options = _options(session, ids)
    listed: list[Row] = []
    for ballot in found:
        its = options[ballot.id]
        count = queries.counted(ballot, its, voters[ballot.id])
        names = {option.id: option.name for option in its}
        said = words.outcome(count, names)
        for one in words.ordered(count):
            listed.append(
                (
                    ballot.title,
                    ballot.body.name,
                    ballot.kind.value,
                    names[one.option],
                    one.votes,
                    one.weight,
                    said,
                    told(ballot.closes_at, ballot.zone),
                    ballot.id,
                    one.points if ballot.kind is BallotKind.RANK else None,
                    words.quorum(count),
                    words.need(count) or None,
                )
            )
    return listed


def _closed(now: datetime) -> Select[Ballot]:
    return (
        select(Ballot)
        .join(Ballot.body)
        .options(contains_eager(Ballot.body))
        .where(
            Ballot.opened_at.is_not(None), Ballot.withdrawn_at.is_(None), Ballot.closes_at <= now
        )
        .order_by(Ballot.closes_at.desc(), Ballot.id.desc())
    )


def _options(session: Session, ids: Sequence[int]) -> dict[int, list[BallotOption]]:
    found = session.scalars(
        select(BallotOption)
        .where(BallotOption.ballot_id.in_(ids))
        .order_by(BallotOption.ballot_id, BallotOption.position)
    )
    return {id_: list(its) for id_, its in groupby(found, key=lambda option: option.ballot_id)}


REPORT = Report(
    name="ballot-results",
    title="Ballot results",
    about="What was put to a body and how it was decided: what each option got, and the result.",
    needs=P.COUNCIL_READ,
    columns=columns,
    rows=rows,
    asks=frozenset({"now"}),
    note="In a ranking, votes and weight are of first places, and points are Borda's.",
)
