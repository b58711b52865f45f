"""What groups owe, what of contributions ends, which major partnerships need somebody: three lists
of the home page, one statement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.models import Body
from crm.partnerships import queries as contributions
from crm.pipeline import workspace_alarms
from crm.working_groups.models import Deliverable
from crm.working_groups.queries import overdue

DELIVERABLE, CONTRIBUTION, PARTNERSHIP = "deliverable", "contribution", "partnership"
NEEDS = {
    DELIVERABLE: P.COUNCIL_READ,
    CONTRIBUTION: P.ENGAGEMENTS_READ,
    PARTNERSHIP: P.ENGAGEMENTS_EDIT,
}


def due(
    session: Session, viewer: Viewer, today: date, *, most: int
) -> dict[str, Sequence[Row[Any]]]:
    """By kind, for those that the viewer may read: the first lines, the longest due before others.

    Each has kind, id, title, of (a group, a company), alarm, on and, of all, `in_all`.
    """
    kinds = tuple(kind for kind, needs in NEEDS.items() if viewer.may(needs))
    found: dict[str, list[Row[Any]]] = {kind: [] for kind in kinds}
    if kinds:
        for row in session.connection().execute(_first(kinds, today, most)):
            found[row.kind].append(row)
    return dict(found)


@lru_cache(maxsize=16)
def _first(kinds: tuple[str, ...], today: date, most: int) -> Select[Any]:
    of_kind = {
        DELIVERABLE: _deliverables,
        CONTRIBUTION: _contributions,
        PARTNERSHIP: _partnerships,
    }
    parts = [select(of_kind[kind](today).limit(most).subquery()) for kind in kinds]
    together = parts[0].union_all(*parts[1:]).subquery()
    return select(together).order_by(together.c.on, together.c.id, together.c.alarm)


def _deliverables(today: date) -> Select[Any]:
    return (
        select(  # type: ignore[return-value]
            literal(DELIVERABLE).label("kind"),
            Deliverable.id.label("id"),
            Deliverable.title.label("title"),
            Body.name.label("of"),
            literal("").label("alarm"),
            Deliverable.due_on.label("on"),
            func.count().over().label("in_all"),
        )
        .join(Body, Body.id == Deliverable.group_id)
        .where(overdue(today))
        .order_by(Deliverable.due_on, Deliverable.id)
    )


def _contributions(today: date) -> Select[Any]:
    soon = contributions.due_soon(today).subquery()
    return select(
        literal(CONTRIBUTION).label("kind"),
        soon.c.id,
        soon.c.title,
        soon.c.company.label("of"),
        soon.c.alarm,
        soon.c.on,
        func.count().over().label("in_all"),
    ).order_by(soon.c.on, soon.c.id, soon.c.alarm)


def _partnerships(today: date) -> Select[Any]:
    soon = workspace_alarms.alarms(today).subquery()
    return select(
        literal(PARTNERSHIP).label("kind"),
        soon.c.id,
        soon.c.title,
        soon.c.company.label("of"),
        soon.c.alarm,
        soon.c.on,
        func.count().over().label("in_all"),
    ).order_by(soon.c.on, soon.c.id, soon.c.alarm)
