"""The scope of a partnership, version after version, and its way to the research office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.money import Money
from crm.kit.periods import in_words
from crm.partnerships import workspace_queries as queries
from crm.partnerships import workspaces
from crm.partnerships.workspace_models import Handoff, Partnership, Scope


class NoScope(RuleBroken):
    """What is handed over is written first."""


class HandedOff(RuleBroken):
    """One hand-off stands at a time."""


@dataclass(frozen=True, kw_only=True)
class NewScope:
    """Half-open in time; the estimate is for who may see money."""

    text: str
    deliverables: str | None = None
    starts_on: date | None = None
    ends_before: date | None = None
    estimate: Money | None = None


@dataclass(frozen=True, kw_only=True)
class NewHandoff:
    """To whom at the office, when, and its number if it gave one already."""

    to_whom: str
    on: date
    reference: str | None = None


def write(
    session: Session,
    partnership: Partnership,
    wanted: NewScope,
    *,
    seen: int,
    by: Actor,
    now: datetime,
    today: date,
) -> Scope:
    """One more version. `seen`: the number of the last one when it was read, 0 for none; raises
    `Stale` where somebody has written another meanwhile."""
    workspaces.claim(session, partnership)
    last = queries.scope_of(session, partnership.id)
    number = last.number if last is not None else 0
    if number != seen:
        raise Stale(
            "the scope",
            theirs={"Scope": last.text if last is not None else ""},
            yours={"Scope": wanted.text},
        )
    if wanted.ends_before is not None and wanted.starts_on is None:
        raise RuleBroken("Say when it begins, or leave its end empty too.", field="starts_on")
    if wanted.starts_on and wanted.ends_before and wanted.ends_before <= wanted.starts_on:
        raise RuleBroken("The work would end before it begins.", field="last_day")
    if wanted.estimate is not None and wanted.estimate.minor <= 0:
        raise RuleBroken("Enter an estimate above zero, or none.", field="estimate")
    estimate = wanted.estimate
    made = Scope(
        partnership_id=partnership.id,
        number=number + 1,
        text=wanted.text,
        deliverables=wanted.deliverables,
        starts_on=wanted.starts_on,
        ends_before=wanted.ends_before,
        estimate_minor=estimate.minor if estimate is not None else None,
        currency=estimate.currency if estimate is not None else None,
        written_on=today,
        by_name=by.name,
        created_at=now,
    )
    session.add(made)
    session.flush()
    workspaces.note(session, partnership, "scope written", by=by, now=now)
    return made


def hand_off(
    session: Session,
    partnership: Partnership,
    wanted: NewHandoff,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Handoff:
    """The last scope goes to the office. `pipeline.partnering` moves the stage with it. Raises
    `NoScope` or `HandedOff`."""
    workspaces.claim(session, partnership)
    scope = queries.scope_of(session, partnership.id)
    if scope is None:
        raise NoScope("No scope is written yet. Write it, then hand it over.")
    known = queries.handoff_of(session, partnership.id)
    if known is not None:
        raise HandedOff(
            f"It was handed to {known.to_whom} on {in_words(known.on)}. Take that back first."
        )
    if wanted.on > today or wanted.on < partnership.opened_on:
        opened = in_words(partnership.opened_on)
        raise RuleBroken(f"The day lies between {opened}, when it opened, and today.", field="on")
    made = Handoff(
        partnership_id=partnership.id,
        scope_id=scope.id,
        on=wanted.on,
        to_whom=wanted.to_whom,
        reference=wanted.reference,
        by_name=by.name,
    )
    session.add(made)
    session.flush()
    workspaces.note(session, partnership, "handed to the research office", by=by, now=now)
    return made


def note_reference(
    session: Session, partnership: Partnership, handoff: Handoff, reference: str
) -> None:
    """The office's number, when it comes. It is written once."""
    workspaces.claim(session, partnership)
    db.lock(session, handoff)
    _refuse_struck(handoff)
    if handoff.reference is not None:
        raise HandedOff(
            f"Its number is {handoff.reference}. If that is wrong, take the hand-off back.",
            field="reference",
        )
    handoff.reference = reference
    session.flush()


def take_back(
    session: Session,
    partnership: Partnership,
    handoff: Handoff,
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    """It is struck, and stays to be read. The opportunity's stage stays where it is."""
    workspaces.claim(session, partnership)
    db.lock(session, handoff)
    _refuse_struck(handoff)
    handoff.struck_at, handoff.struck_reason, handoff.struck_by = now, reason, by.name
    session.flush()
    journal.note(
        session,
        "taken back",
        kind="handoff",
        record_id=handoff.id,
        label=handoff.to_whom,
        parent=("partnership", partnership.id),
        by=by,
        now=now,
    )


def _refuse_struck(handoff: Handoff) -> None:
    if handoff.struck_at is not None:
        raise HandedOff(f"{handoff.struck_by} has taken it back already.")
