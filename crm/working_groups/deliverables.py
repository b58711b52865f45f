"""What a group makes, and how far it is.

A group that is closed plans nothing more, yet what it made may be changed, moved on and published
after it: by directors and staff, for those who led it have no place any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit import db, ties
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.periods import in_words
from crm.kit.text import web_address
from crm.working_groups import queries, rules
from crm.working_groups.models import (
    Deliverable,
    DeliverableAuthor,
    DeliverableChallenge,
    DeliverableStage,
    WorkingGroup,
)
from crm.working_groups.operations import refuse_closed
from crm.working_groups.rules import DeliverableKind, Readers, Stage


class NotToBeFound(RuleBroken):
    """What is published has a link or a file."""


class NotAWebAddress(RuleBroken):
    """A link is an address that a browser fetches."""


@dataclass(frozen=True, kw_only=True)
class NewDeliverable:
    """`file_id` is one of the group's files, `author_ids` are persons."""

    title: str
    kind: DeliverableKind
    about: str | None = None
    due_on: date | None = None
    link: str | None = None
    file_id: int | None = None
    readers: Readers = Readers.MEMBERS
    author_ids: tuple[int, ...] = ()
    challenge_ids: tuple[int, ...] = ()


LABELS: Mapping[str, str] = {
    "title": "Title",
    "kind": "Kind",
    "about": "About",
    "due_on": "Due on",
    "link": "Link",
    "file_id": "File",
    "readers": "Who may read it",
}


def plan(
    session: Session,
    group: WorkingGroup,
    draft: NewDeliverable,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Deliverable:
    """A new deliverable, planned on the day."""
    refuse_closed(group, today)
    columns = _columns(session, group.id, draft)
    made = Deliverable(group_id=group.id, stage=Stage.PLANNED, created_at=now, **columns)
    session.add(made)
    session.flush()
    _step(session, made, Stage.PLANNED, on=today, reason=None, by=by)
    _set_ties(session, made, draft)
    session.flush()
    _note(session, made, "planned", by=by, now=now)
    return made


def edit(
    session: Session, deliverable: Deliverable, draft: NewDeliverable, *, version: int
) -> None:
    """Make it say what the draft says. Raises `Stale`, `NotAWebAddress`, or `NotToBeFound`."""
    columns = _columns(session, deliverable.group_id, draft)
    if deliverable.version != version:
        shown = [n for n in LABELS if (getattr(deliverable, n) or None) != (columns[n] or None)]
        raise Stale(
            deliverable.title,
            theirs={LABELS[name]: str(getattr(deliverable, name) or "") for name in shown},
            yours={LABELS[name]: str(columns[name] or "") for name in shown},
        )
    if deliverable.stage is Stage.PUBLISHED:
        _refuse_lost(columns["link"], columns["file_id"])
    for name, value in columns.items():
        if getattr(deliverable, name) != value:
            setattr(deliverable, name, value)
    if _set_ties(session, deliverable, draft):
        db.renew(session, deliverable, seen=version)
    session.flush()


def move(
    session: Session,
    deliverable: Deliverable,
    stage: Stage,
    *,
    on: date,
    reason: str | None,
    link: str | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """To another stage, on a day that is past or today and not before the last change. `link`:
    where it is to be found, if that is said with it."""
    db.lock(session, deliverable)
    if deliverable.stage is stage:
        raise RuleBroken(f"It is {stage} already.", field="stage")
    last = queries.stages_of(session, deliverable.id)[-1].on
    if on > today or on < last:
        raise RuleBroken(
            f"The day lies between the last change, {in_words(last)}, and today.", field="on"
        )
    found_at = deliverable.link if link is None else _address(link)
    if stage is Stage.PUBLISHED:
        _refuse_lost(found_at, deliverable.file_id)
    if reason is None and rules.needs_reason(deliverable.stage, stage):
        raise RuleBroken("Say why, for whoever reads this later.", field="reason")
    deliverable.stage, deliverable.link = stage, found_at
    _step(session, deliverable, stage, on=on, reason=reason, by=by)
    session.flush()
    _note(session, deliverable, "moved", by=by, now=now)


def _refuse_lost(link: object, file_id: object) -> None:
    if link is None and file_id is None:
        raise NotToBeFound(
            "What is published has a link or a file: give it one first.", field="link"
        )


def _address(told: str) -> str:
    link = web_address(told)
    if link is None or not link.startswith(("http://", "https://")):
        raise NotAWebAddress(
            "This is not a web address, such as https://www.acme.example/roadmap.", field="link"
        )
    return link


def _columns(session: Session, group_id: int, draft: NewDeliverable) -> dict[str, object]:
    link = None if draft.link is None else _address(draft.link)
    if draft.file_id is not None and queries.get_file(session, draft.file_id).group_id != group_id:
        raise NotFound("The group has no such file.")
    return {**{name: getattr(draft, name) for name in LABELS}, "link": link}


def _step(
    session: Session, made: Deliverable, stage: Stage, *, on: date, reason: str | None, by: Actor
) -> None:
    session.add(
        DeliverableStage(deliverable_id=made.id, stage=stage, on=on, reason=reason, by_name=by.name)
    )


def _set_ties(session: Session, made: Deliverable, draft: NewDeliverable) -> bool:
    """Authors and challenges; whether they were others."""
    by, about = DeliverableAuthor, DeliverableChallenge
    changed = (
        ties.keep(session, by.deliverable_id, made.id, by.person_id, draft.author_ids),
        ties.keep(session, about.deliverable_id, made.id, about.challenge_id, draft.challenge_ids),
    )
    return any(changed)


def _note(session: Session, made: Deliverable, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="deliverable",
        record_id=made.id,
        label=made.title,
        parent=("body", made.group_id),
        by=by,
        now=now,
    )
