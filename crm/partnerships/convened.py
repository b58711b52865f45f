"""Who of the faculty is asked into a partnership, and what they say."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import university
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words
from crm.partnerships import screening, workspaces
from crm.partnerships.workspace_models import Convened, Partnership
from crm.partnerships.workspace_rules import Answer


class AskedAlready(RuleBroken):
    """Somebody is asked into a partnership once."""


def ask(
    session: Session,
    partnership: Partnership,
    person_id: int,
    *,
    field: str | None,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Convened:
    """On a day that is past or today. Raises `NotScreened` before the company is clear,
    `NotOfTheUniversity`, or `AskedAlready`."""
    workspaces.claim(session, partnership)
    screening.require(session, partnership.company_id, today)
    university.check(session, person_id, on)
    if on > today:
        raise RuleBroken("They were asked today, or on a day before.", field="on")
    known = session.scalars(
        select(Convened).where(
            Convened.partnership_id == partnership.id, Convened.person_id == person_id
        )
    ).one_or_none()
    if known is not None:
        raise AskedAlready(
            f"They were asked on {in_words(known.asked_on)}: record what they said there.",
            field="person",
        )
    made = Convened(
        partnership_id=partnership.id,
        person_id=person_id,
        field=field,
        asked_on=on,
        answer=Answer.ASKED,
        by_name=by.name,
    )
    session.add(made)
    session.flush()
    _note(session, made, "asked", by=by, now=now)
    return made


def answer(
    session: Session,
    made: Convened,
    said: Answer,
    *,
    field: str | None,
    on: date | None,
    version: int,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """What they say, and since when; to be asked still has no day. Raises `Stale`."""
    workspaces.claim(session, made.partnership)
    if made.version != version:
        raise Stale(
            "what they said",
            theirs={"Answer": made.answer, "Field": made.field or ""},
            yours={"Answer": said, "Field": field or ""},
        )
    if said is Answer.ASKED:
        on = None
    elif on is None or on > today or on < made.asked_on:
        raise RuleBroken(
            f"The day lies between {in_words(made.asked_on)}, when they were asked, and today.",
            field="on",
        )
    changed = made.answer is not said
    made.answer, made.answered_on, made.field = said, on, field
    session.flush()
    if changed:
        _note(session, made, "answered", by=by, now=now)


def _note(session: Session, made: Convened, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="convened",
        record_id=made.id,
        parent=("partnership", made.partnership_id),
        by=by,
        now=now,
    )
