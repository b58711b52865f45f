"""Founding, changing and closing a working group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import group_bodies, places
from crm.journal import operations as journal
from crm.kit import db, ties
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words
from crm.working_groups.models import GroupAsking, WorkingGroup, WorkingGroupChallenge
from crm.working_groups.rules import Answer, JoinPolicy


class AlreadyClosed(RuleBroken):
    """A closed group stays as it was."""


@dataclass(frozen=True, kw_only=True)
class NewGroup:
    """What is written about a group. `charter` is Markdown, `summary` for the public."""

    name: str
    charter: str
    summary: str | None
    join_policy: JoinPolicy
    founded_on: date
    challenge_ids: tuple[int, ...] = ()


LABELS: Mapping[str, str] = {
    "name": "Name",
    "charter": "Charter",
    "summary": "Public summary",
    "join_policy": "How one joins",
    "founded_on": "Founded on",
}


def found(session: Session, draft: NewGroup, *, by: Actor, now: datetime) -> WorkingGroup:
    """A new working group, and the body that meets and votes as it."""
    body = group_bodies.add(session, draft.name)
    group = WorkingGroup(
        id=body.id,
        charter=draft.charter,
        summary=draft.summary,
        join_policy=draft.join_policy,
        founded_on=draft.founded_on,
        created_at=now,
        body=body,
    )
    session.add(group)
    session.flush()
    _set_challenges(session, group, draft.challenge_ids)
    session.flush()
    note(session, group, "founded", by=by, now=now)
    return group


def edit(
    session: Session, group: WorkingGroup, draft: NewGroup, *, version: int, today: date
) -> None:
    """Make the group say what the draft says. Raises `Stale`, or `AlreadyClosed`."""
    refuse_closed(group, today)
    if group.closed_on is not None and draft.founded_on > group.closed_on:
        raise RuleBroken(
            f"The group closes on {in_words(group.closed_on)}: it was founded no later.",
            field="founded_on",
        )
    mine = {name: getattr(draft, name) for name in LABELS}
    theirs = {name: group.body.name if name == "name" else getattr(group, name) for name in LABELS}
    if group.version != version:
        shown = [name for name in LABELS if (mine[name] or None) != (theirs[name] or None)]
        raise Stale(
            group.body.name,
            theirs={LABELS[name]: str(theirs[name] or "") for name in shown},
            yours={LABELS[name]: str(mine[name] or "") for name in shown},
        )
    renamed = group_bodies.rename(session, group.body, draft.name)
    for name in LABELS:
        if name != "name" and mine[name] != theirs[name]:
            setattr(group, name, mine[name])
    if _set_challenges(session, group, draft.challenge_ids) or renamed:
        db.renew(session, group, seen=version)
    session.flush()


def close(
    session: Session,
    group: WorkingGroup,
    *,
    on: date,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """The group is over from a day on: its places end then, and whoever waits is answered so.

    One that closes later may still close sooner. Raises `AlreadyClosed`, or `RuleBroken` for a day
    before it was founded, or one that would take away what somebody has had.
    """
    places.hold(session, group.id)
    db.lock(session, group)
    refuse_closed(group, today)
    if group.closed_on is not None and on >= group.closed_on:
        raise AlreadyClosed(
            f"This group closes on {in_words(group.closed_on)} already. Choose an earlier day.",
            field="on",
        )
    if on < group.founded_on:
        raise RuleBroken(
            f"The group was founded on {in_words(group.founded_on)}: it closes no earlier.",
            field="on",
        )
    places.close_group(session, group.body, on=on, by=by, now=now, today=today)
    group.close_reason = reason
    waiting = select(GroupAsking).where(
        GroupAsking.group_id == group.id, GroupAsking.answer.is_(None)
    )
    for asking in session.scalars(waiting):
        asking.answer, asking.answered_on = Answer.WITHDRAWN, today
        asking.reason = "The group is closed"
    session.flush()
    note(session, group, "closed", by=by, now=now)


def refuse_closed(group: WorkingGroup, day: date) -> None:
    if group.closed_on is not None and not group.is_open(day):
        raise AlreadyClosed(f"This group is closed since {in_words(group.closed_on)}.")


def note(session: Session, group: WorkingGroup, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="working_group",
        record_id=group.id,
        parent=("body", group.id),
        by=by,
        now=now,
    )


def _set_challenges(session: Session, group: WorkingGroup, ids: tuple[int, ...]) -> bool:
    tie = WorkingGroupChallenge
    return ties.keep(session, tie.group_id, group.id, tie.challenge_id, ids)
