"""What is found of working groups: the name, the summary, and what it works on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from crm.council.models import Body
from crm.kit.periods import in_words
from crm.programme.models import Challenge
from crm.search.operations import Entry, Source
from crm.search.rules import Kind
from crm.working_groups.models import WorkingGroup, WorkingGroupChallenge


def groups(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    about: dict[int, list[str]] = defaultdict(list)
    challenges = (
        select(WorkingGroupChallenge.group_id, Challenge.name)
        .join(Challenge, Challenge.id == WorkingGroupChallenge.challenge_id)
        .where(WorkingGroupChallenge.group_id.in_(ids))
        .order_by(Challenge.number)
    )
    for group_id, name in connection.execute(challenges):
        about[group_id].append(name)
    rows = connection.execute(
        select(WorkingGroup.id, Body.name, WorkingGroup.summary, Body.retired_on)
        .join(Body, Body.id == WorkingGroup.id)
        .where(WorkingGroup.id.in_(ids))
    )
    for id_, name, summary, closed_on in rows:
        closing = [] if closed_on is None else [f"up to {in_words(closed_on)}"]
        yield Entry(
            record_id=id_,
            title=name,
            subtitle="; ".join([*about[id_], *closing]),
            texts=(summary, *about[id_]),
        )


SOURCES = (
    Source(
        kind=Kind.WORKING_GROUP,
        entries=groups,
        concerned={
            WorkingGroup: lambda group: (group.id,),
            WorkingGroupChallenge: lambda row: (row.group_id,),
            Body: lambda body: (body.id,),
        },
    ),
)
