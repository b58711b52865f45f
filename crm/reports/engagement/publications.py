"""What working groups published while a company sat in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from crm.council import place_queries
from crm.council.models import Body
from crm.council.place_queries import Member
from crm.reports.engagement.lines import Asked, Line, Sort, challenge_names
from crm.working_groups import queries
from crm.working_groups.models import Deliverable, DeliverableAuthor, DeliverableChallenge
from crm.working_groups.queries import STEP
from crm.working_groups.rules import Stage


def lines(session: Session, asked: Asked) -> Iterable[Line]:
    """For every company that sat in the group on the day; with those of it who wrote it."""
    rows = session.execute(_published(asked)).all()
    ids = {row.id for row in rows}
    challenges = challenge_names(
        session, DeliverableChallenge, DeliverableChallenge.deliverable_id, ids
    )
    authors, sitting = _authors(session, ids), _Sitting(session)
    return [
        Line(
            company_id=company_id,
            on=row.on,
            sort=Sort.GROUP_OUTPUT,
            what=f"{row.title} ({row.kind})",
            company_people="; ".join(
                member.name for member in members if member.person_id in authors[row.id]
            ),
            challenges=challenges.get(row.id, ""),
            outcome=f"Published by {row.group}",
            link=row.link or "",
            url=f"/office/working-groups/deliverables/{row.id}",
            id=row.id,
        )
        for row in rows
        for company_id, members in sitting.in_group(row.group_id, row.on).items()
        if asked.company_id in (None, company_id)
    ]


def _published(asked: Asked) -> Select[Any]:
    """The day on which it was published last, of what is so at the end of the days asked for."""
    last = func.max(STEP.on)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Deliverable.id,
            Deliverable.group_id,
            Deliverable.title,
            Deliverable.kind,
            Deliverable.link,
            Body.name.label("group"),
            last.label("on"),
        )
        .join(Body, Body.id == Deliverable.group_id)
        .join(STEP, STEP.deliverable_id == Deliverable.id)
        .where(
            STEP.stage == Stage.PUBLISHED,
            STEP.on <= asked.last_day,
            queries.stage_on(asked.last_day) == Stage.PUBLISHED,
        )
        .group_by(
            Deliverable.id,
            Deliverable.group_id,
            Deliverable.title,
            Deliverable.kind,
            Deliverable.link,
            Body.name,
        )
    )
    return found.having(last >= asked.days.starts_on)


def _authors(session: Session, ids: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    tie = DeliverableAuthor
    for deliverable_id, person_id in session.execute(
        select(tie.deliverable_id, tie.person_id).where(tie.deliverable_id.in_(ids))
    ):
        found[deliverable_id].add(person_id)
    return found


class _Sitting:
    """Who sat in which group, read once for each day."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._days: dict[date, list[Member]] = {}

    def in_group(self, group_id: int, day: date) -> dict[int, list[Member]]:
        """By company; whose place counts for nothing on the day does not sit."""
        if day not in self._days:
            self._days[day] = place_queries.members_on(self._session, day)
        found: dict[int, list[Member]] = defaultdict(list)
        for member in self._days[day]:
            if member.body_id == group_id and member.company_id is not None and not member.gap:
                found[member.company_id].append(member)
        return found
