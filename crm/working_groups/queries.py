"""Reads of working groups, of who asks to join, and of what they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, exists, func, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload, selectinload

from crm.council.models import Body, Place
from crm.council.place_queries import is_open
from crm.kit.errors import NotFound
from crm.people.models import Person
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked
from crm.working_groups.models import (
    Deliverable,
    DeliverableStage,
    GroupAsking,
    GroupFile,
    GroupMailing,
    WorkingGroup,
    WorkingGroupChallenge,
)
from crm.working_groups.rules import OVER, Stage

STEP = aliased(DeliverableStage)
MOST_MATCHES = 200


@dataclass(frozen=True, kw_only=True)
class GroupSearch:
    """The filters of the list; `show`: open · closed · all on the day.

    `as_of`: without what was founded after the day.
    """

    day: date
    as_of: bool = False
    q: str = ""
    challenge_id: int | None = None
    show: str = "open"

    @lru_cache(maxsize=64)  # noqa: B019 (frozen: equal searches share their statement)
    def select(self) -> Select[Any]:
        day = self.day
        late = (
            select(func.count())
            .select_from(Deliverable)
            .where(Deliverable.group_id == WorkingGroup.id, overdue(day))
            .correlate(WorkingGroup)
            .scalar_subquery()
        )
        unfinished = (
            select(func.count())
            .select_from(Deliverable)
            .where(Deliverable.group_id == WorkingGroup.id, Deliverable.stage.not_in(OVER))
            .correlate(WorkingGroup)
            .scalar_subquery()
        )
        found: Select[Any] = (
            select(
                WorkingGroup.id,
                Body.name,
                WorkingGroup.summary,
                WorkingGroup.join_policy,
                WorkingGroup.founded_on,
                Body.retired_on.label("closed_on"),
                unfinished.label("unfinished"),
                late.label("late"),
            )
            .join(Body, Body.id == WorkingGroup.id)
            .order_by(func.lower(Body.name), WorkingGroup.id)
        )
        if self.show == "open":
            found = found.where(is_open(day))
        elif self.show == "closed":
            found = found.where(~is_open(day))
        if self.as_of:
            found = found.where(WorkingGroup.founded_on <= day)
        if self.challenge_id is not None:
            found = found.where(
                exists().where(
                    WorkingGroupChallenge.group_id == WorkingGroup.id,
                    WorkingGroupChallenge.challenge_id == self.challenge_id,
                )
            )
        if words := asked(self.q):
            ids = matching_ids(Kind.WORKING_GROUP, words, MOST_MATCHES)
            found = found.where(WorkingGroup.id.op("IN")(ids))
        elif self.q:
            found = found.where(Body.name.icontains(self.q, autoescape=True))
        return found


def overdue(day: date) -> ColumnElement[bool]:
    """The SQL twin of `rules.is_overdue`."""
    return and_(Deliverable.due_on < day, Deliverable.stage.not_in(OVER))


def get(session: Session, group_id: int) -> WorkingGroup:
    """With its body and challenges. Raises `NotFound`."""
    found = session.scalars(
        select(WorkingGroup)
        .join(WorkingGroup.body)
        .where(WorkingGroup.id == group_id)
        .options(contains_eager(WorkingGroup.body), selectinload(WorkingGroup.challenges))
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such working group.")
    return found


def challenge_counts(session: Session, day: date) -> dict[int, int]:
    """How many open groups work on each challenge: its id and the number."""
    found = (
        select(WorkingGroupChallenge.challenge_id, func.count())
        .join(Body, Body.id == WorkingGroupChallenge.group_id)
        .where(is_open(day))
        .group_by(WorkingGroupChallenge.challenge_id)
    )
    return {row[0]: row[1] for row in session.execute(found)}


def askings_of(session: Session, group_id: int) -> Sequence[GroupAsking]:
    """Those that wait first, then the latest answers; with person and company."""
    found = select(GroupAsking).where(GroupAsking.group_id == group_id)
    return session.scalars(
        found.options(joinedload(GroupAsking.person), joinedload(GroupAsking.company))
        .order_by(GroupAsking.answered_on.is_not(None), GroupAsking.id.desc())
        .limit(60)
    ).all()


def get_asking(session: Session, asking_id: int) -> GroupAsking:
    """With its person and company. Raises `NotFound`."""
    found = session.get(
        GroupAsking,
        asking_id,
        options=[joinedload(GroupAsking.person), joinedload(GroupAsking.company)],
    )
    if found is None:
        raise NotFound("There is no such application or invitation.")
    return found


def mailings_of(session: Session, group_id: int) -> Sequence[GroupMailing]:
    """The latest first."""
    found = select(GroupMailing).where(GroupMailing.group_id == group_id)
    return session.scalars(found.order_by(GroupMailing.id.desc()).limit(60)).all()


def get_mailing(session: Session, mailing_id: int) -> GroupMailing:
    found = session.get(GroupMailing, mailing_id)
    if found is None:
        raise NotFound("There is no such letter.")
    return found


def files_of(session: Session, group_id: int) -> Sequence[GroupFile]:
    """With their documents, the latest first."""
    found = select(GroupFile).where(GroupFile.group_id == group_id)
    return session.scalars(
        found.options(joinedload(GroupFile.document)).order_by(GroupFile.id.desc())
    ).all()


def get_file(session: Session, file_id: int) -> GroupFile:
    found = session.get(GroupFile, file_id, options=[joinedload(GroupFile.document)])
    if found is None:
        raise NotFound("There is no such file.")
    return found


def deliverables_of(session: Session, group_id: int) -> Sequence[Deliverable]:
    """What is not over first, by due day; with authors and files."""
    found = select(Deliverable).where(Deliverable.group_id == group_id)
    return session.scalars(
        found.options(selectinload(Deliverable.authors), joinedload(Deliverable.file)).order_by(
            Deliverable.stage.in_(OVER),
            Deliverable.due_on.is_(None),
            Deliverable.due_on,
            Deliverable.id,
        )
    ).all()


def get_deliverable(session: Session, deliverable_id: int) -> Deliverable:
    """With its group's name, authors, challenges and file. Raises `NotFound`."""
    found = session.scalars(
        select(Deliverable)
        .where(Deliverable.id == deliverable_id)
        .options(
            joinedload(Deliverable.group).joinedload(WorkingGroup.body),
            joinedload(Deliverable.file).joinedload(GroupFile.document),
            selectinload(Deliverable.authors),
            selectinload(Deliverable.challenges),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such deliverable.")
    return found


def stages_of(session: Session, deliverable_id: int) -> Sequence[DeliverableStage]:
    """In the order in which they came."""
    found = select(DeliverableStage).where(DeliverableStage.deliverable_id == deliverable_id)
    return session.scalars(found.order_by(DeliverableStage.on, DeliverableStage.id)).all()


@lru_cache(maxsize=64)
def stage_on(day: date) -> ColumnElement[Stage | None]:
    """The stage of the enclosing `Deliverable` on a day; NULL before it was planned."""
    return (
        select(STEP.stage)
        .where(STEP.deliverable_id == Deliverable.id, STEP.on <= day)
        .order_by(STEP.on.desc(), STEP.id.desc())
        .limit(1)
        .correlate(Deliverable)
        .scalar_subquery()
    )


def possible_authors(session: Session, group_id: int) -> Sequence[Row[int, str]]:
    """Id and name of whoever has or had a place in the group."""
    found = (
        select(Person.id, Person.name)
        .join(Place, Place.person_id == Person.id)
        .where(Place.body_id == group_id)
        .group_by(Person.id)
        .order_by(Person.name_key, Person.id)
    )
    return session.execute(found).all()
