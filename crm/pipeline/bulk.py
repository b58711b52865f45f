"""Writing many opportunities at once, each with the history that is known of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm.journal import many
from crm.kit.actors import Actor
from crm.kit.inserts import insert_many
from crm.pipeline.models import Opportunity, StageChange
from crm.search.operations import reindex
from crm.search.rules import Kind

Row = Mapping[str, Any]


def add_opportunities(
    session: Session,
    rows: Sequence[Row],
    history: Sequence[Sequence[Row]],
    *,
    by: Actor,
    now: datetime,
) -> list[int]:
    """`rows` are columns of `Opportunity`; `history` holds the stage changes of each, as columns
    of `StageChange` without its opportunity and author. Returns ids in their order."""
    own = [{**row, "created_at": now} for row in rows]
    ids = many.add(
        session,
        Opportunity,
        own,
        parent=lambda row, id_: ("company", row["company_id"]),
        by=by,
        now=now,
    )
    changes = [
        {**change, "opportunity_id": id_, "at": now, "by_id": by.id, "by_name": by.name}
        for id_, told in zip(ids, history, strict=True)
        for change in told
    ]
    insert_many(session.connection(), StageChange, changes)
    reindex(session, Kind.OPPORTUNITY, ids)
    return ids
