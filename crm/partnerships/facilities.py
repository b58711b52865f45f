"""Beginning a facility, changing what is written about it, and moving it along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words
from crm.partnerships import facility_queries, rules
from crm.partnerships.facility_models import Facility, FacilityStep
from crm.partnerships.rules import FacilityStage


class NameTaken(RuleBroken):
    """Two facilities of one name could not be told apart."""


class StillTakenPartIn(RuleBroken):
    """Nobody takes part in what is closed: it is said first when they left."""


@dataclass(frozen=True, kw_only=True)
class NewFacility:
    """What is written about it."""

    name: str
    place: str | None = None
    about: str | None = None


MOST_NAMED = 10
LABELS: Mapping[str, str] = {"name": "Name", "place": "Place", "about": "About"}


def begin(
    session: Session,
    draft: NewFacility,
    *,
    stage: FacilityStage,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Facility:
    """A facility, in a stage since a day that is past or today. Raises `NameTaken`."""
    if on > today:
        raise RuleBroken("A stage begins today or began before.", field="on")
    facility = Facility(created_at=now)
    _write(session, facility, draft)
    _step(session, facility, stage, on=on, reason=None, by=by)
    session.flush()
    _note(session, facility, "begun", by=by, now=now)
    return facility


def edit(session: Session, facility: Facility, draft: NewFacility, *, version: int) -> None:
    """Raises `Stale` if somebody else changed it since `version` was read, or `NameTaken`."""
    if facility.version != version:
        shown = [n for n in LABELS if getattr(facility, n) != getattr(draft, n)]
        raise Stale(
            facility.name,
            theirs={LABELS[name]: getattr(facility, name) or "" for name in shown},
            yours={LABELS[name]: getattr(draft, name) or "" for name in shown},
        )
    _write(session, facility, draft)


def move(
    session: Session,
    facility: Facility,
    stage: FacilityStage,
    *,
    on: date,
    reason: str | None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """To another stage, on a day that is past or today and not before the last change.

    Raises `StillTakenPartIn` where it would close before a company has left.
    """
    db.lock(session, facility)
    last = facility_queries.steps_of(session, facility.id)[-1]
    if last.stage is stage:
        raise RuleBroken(f"It is in this stage already: {stage}.", field="stage")
    if on > today or on < last.on:
        raise RuleBroken(
            f"The day lies between the last change, {in_words(last.on)}, and today.", field="on"
        )
    if reason is None and rules.facility_needs_reason(last.stage, stage):
        raise RuleBroken("Say why, for whoever reads this later.", field="reason")
    if stage is FacilityStage.CLOSED:
        _refuse_taken_part_in(session, facility, on)
    _step(session, facility, stage, on=on, reason=reason, by=by)
    session.flush()
    _note(session, facility, "moved", by=by, now=now)


def _refuse_taken_part_in(session: Session, facility: Facility, on: date) -> None:
    found = facility_queries.participations_in(session, facility.id)
    staying = [part for part in found if part.ends_before is None or part.ends_before > on]
    if staying:
        names = ", ".join(dict.fromkeys(part.company.name for part in staying[:MOST_NAMED]))
        raise StillTakenPartIn(f"Say first when these leave, on that day or before: {names}.")


def _write(session: Session, facility: Facility, draft: NewFacility) -> None:
    """Of two who give one name at the same moment, the second is told, too."""
    known = session.scalar(select(Facility.id).where(Facility.name == draft.name))
    if known is not None and known != facility.id:
        raise _taken()
    try:
        with session.begin_nested():
            facility.name, facility.place, facility.about = draft.name, draft.place, draft.about
            session.add(facility)
            session.flush()
    except IntegrityError as error:
        if "facility" not in str(error.orig) or "name" not in str(error.orig):
            raise
        raise _taken() from None


def _taken() -> NameTaken:
    return NameTaken("There is a facility of this name already.", field="name")


def _step(
    session: Session,
    facility: Facility,
    stage: FacilityStage,
    *,
    on: date,
    reason: str | None,
    by: Actor,
) -> None:
    step = FacilityStep(facility_id=facility.id, stage=stage, on=on, reason=reason, by_name=by.name)
    session.add(step)


def _note(session: Session, facility: Facility, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="facility",
        record_id=facility.id,
        label=facility.name,
        by=by,
        now=now,
    )
