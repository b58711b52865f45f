"""What strangers read of working groups: those that present themselves, and what they publish."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from crm.council.models import Body
from crm.council.place_queries import is_open
from crm.documents.models import Document
from crm.people.models import Person
from crm.working_groups.models import (
    Deliverable,
    DeliverableAuthor,
    DeliverableStage,
    GroupFile,
    WorkingGroup,
)
from crm.working_groups.rules import Readers, Stage


def groups_on(session: Session, day: date) -> Sequence[WorkingGroup]:
    """The open groups that have a public summary, by name, with their challenges."""
    found = (
        select(WorkingGroup)
        .join(WorkingGroup.body)
        .where(is_open(day), WorkingGroup.summary.is_not(None), WorkingGroup.founded_on <= day)
        .options(contains_eager(WorkingGroup.body), selectinload(WorkingGroup.challenges))
        .order_by(func.lower(Body.name), WorkingGroup.id)
    )
    return session.scalars(found).all()


def may_read() -> ColumnElement[bool]:
    """The SQL twin of `rules.may_read`."""
    return and_(Deliverable.stage == Stage.PUBLISHED, Deliverable.readers == Readers.PUBLIC)


@lru_cache(maxsize=1)
def for_everybody() -> Select[Any]:
    """What everybody may read, the latest first; `group` is named where it presents itself."""
    published_on = (
        select(func.max(DeliverableStage.on))
        .where(
            DeliverableStage.deliverable_id == Deliverable.id,
            DeliverableStage.stage == Stage.PUBLISHED,
        )
        .correlate(Deliverable)
        .scalar_subquery()
    )
    found: Select[Any] = (
        select(
            Deliverable.id,
            Deliverable.title,
            Deliverable.kind,
            Deliverable.about,
            Deliverable.link,
            Document.media_type,
            case((WorkingGroup.summary.is_not(None), Body.name)).label("group"),
            published_on.label("published_on"),
        )
        .join(WorkingGroup, WorkingGroup.id == Deliverable.group_id)
        .join(Body, Body.id == Deliverable.group_id)
        .outerjoin(GroupFile, GroupFile.id == Deliverable.file_id)
        .outerjoin(Document, Document.id == GroupFile.document_id)
    )
    return found.where(may_read()).order_by(published_on.desc(), Deliverable.id.desc())


def authors_of(session: Session, ids: Collection[int]) -> dict[int, list[str]]:
    """Deliverable → the names of who wrote it."""
    found = (
        select(DeliverableAuthor.deliverable_id, Person.name)
        .join(Person, Person.id == DeliverableAuthor.person_id)
        .where(DeliverableAuthor.deliverable_id.in_(ids))
        .order_by(Person.name_key, Person.id)
    )
    authors: dict[int, list[str]] = defaultdict(list)
    for deliverable_id, name in session.execute(found):
        authors[deliverable_id].append(name)
    return authors
