"""What is found of meetings and ballots: the title, the body, and what a ballot asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from crm.council.ballot_models import Ballot, BallotOption
from crm.council.meeting_models import Meeting
from crm.council.models import Body
from crm.kit.periods import in_words
from crm.search.operations import Entry, Source
from crm.search.rules import Kind


def meetings(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    rows = connection.execute(
        select(
            Meeting.id,
            Meeting.title,
            Meeting.starts_local,
            Meeting.place,
            Meeting.cancelled_on,
            Body.name,
        )
        .join(Meeting.body)
        .where(Meeting.id.in_(ids))
    )
    for id_, title, starts, place, cancelled_on, body in rows:
        yield Entry(
            record_id=id_,
            title=title,
            subtitle=f"{body}, {in_words(starts.date())}" + ("; cancelled" if cancelled_on else ""),
            texts=(body, place, str(starts.year)),
        )


def ballots(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    options: dict[int, list[str]] = defaultdict(list)
    listed = (
        select(BallotOption.ballot_id, BallotOption.name)
        .where(BallotOption.ballot_id.in_(ids))
        .order_by(BallotOption.ballot_id, BallotOption.position)
    )
    for ballot_id, name in connection.execute(listed):
        options[ballot_id].append(name)
    rows = connection.execute(
        select(Ballot.id, Ballot.title, Ballot.text, Ballot.withdrawn_at, Body.name)
        .join(Ballot.body)
        .where(Ballot.id.in_(ids))
    )
    for id_, title, text, withdrawn_at, body in rows:
        yield Entry(
            record_id=id_,
            title=title,
            subtitle=f"{body}; withdrawn" if withdrawn_at else body,
            texts=(body, *options[id_], text),
        )


def _meetings_of(body: Body) -> Select[Any]:
    return select(Meeting.id).where(Meeting.body_id == body.id)


def _ballots_of(body: Body) -> Select[Any]:
    return select(Ballot.id).where(Ballot.body_id == body.id)


SOURCES = (
    Source(
        kind=Kind.MEETING,
        entries=meetings,
        concerned={Meeting: lambda meeting: (meeting.id,), Body: _meetings_of},
    ),
    Source(
        kind=Kind.BALLOT,
        entries=ballots,
        concerned={
            Ballot: lambda ballot: (ballot.id,),
            BallotOption: lambda option: (option.ballot_id,),
            Body: _ballots_of,
        },
    ),
)
