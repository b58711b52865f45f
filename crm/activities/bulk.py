"""Writing many contact reports at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from crm.activities.models import Touch, TouchPerson
from crm.activities.operations import refresh_last_touches
from crm.journal import many
from crm.kit.actors import Actor
from crm.kit.inserts import insert_many

Row = Mapping[str, Any]


def add_touches(
    session: Session,
    rows: Sequence[Row],
    people: Sequence[Sequence[int]],
    *,
    by: Actor,
    now: datetime,
) -> list[int]:
    """`rows` are columns of `Touch`; `people` those who took part in each."""
    own = [{**row, "created_at": now} for row in rows]
    ids = many.add(
        session,
        Touch,
        own,
        parent=lambda row, id_: ("company", row["company_id"]),
        subject=lambda row, id_: ("touch", id_),
        by=by,
        now=now,
    )
    present = [
        {"touch_id": id_, "person_id": person_id}
        for id_, some in zip(ids, people, strict=True)
        for person_id in dict.fromkeys(some)
    ]
    insert_many(session.connection(), TouchPerson, present)
    refresh_last_touches(session, sorted({row["company_id"] for row in rows}))
    return ids
