"""Areas of collaboration: proposed, weighed on both sides, agreed or dropped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit import db, ties
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.periods import in_words
from crm.partnerships import screening, workspaces
from crm.partnerships import workspace_rules as rules
from crm.partnerships.area_models import Area, AreaChallenge, AreaFaculty
from crm.partnerships.workspace_models import Convened, Partnership
from crm.partnerships.workspace_rules import Side


class AreaSettled(RuleBroken):
    """What is agreed or dropped is taken up again before it changes."""


@dataclass(frozen=True, kw_only=True)
class NewArea:
    """What it is, which challenges it is about, and who of the convened would work on it."""

    title: str
    text: str | None = None
    challenge_ids: tuple[int, ...] = ()
    convened_ids: tuple[int, ...] = ()


def propose(
    session: Session,
    partnership: Partnership,
    wanted: NewArea,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Area:
    """On a day that is past or today. Raises `NotScreened` before the company is clear."""
    workspaces.claim(session, partnership)
    screening.require(session, partnership.company_id, today)
    if on > today:
        raise RuleBroken("It is proposed today, or was on a day before.", field="on")
    _refuse(session, partnership.id, wanted)
    area = Area(
        partnership_id=partnership.id,
        title=wanted.title,
        text=wanted.text,
        proposed_on=on,
        by_name=by.name,
    )
    session.add(area)
    session.flush()
    _tie(session, area, wanted)
    _note(session, area, "proposed", by=by, now=now)
    return area


def edit(session: Session, area: Area, wanted: NewArea, *, version: int) -> None:
    """Raises `Stale`, `WorkspaceClosed`, or `AreaSettled`."""
    _claim(session, area)
    _refuse_stale(
        area,
        version,
        theirs={"Title": area.title, "Text": area.text or ""},
        yours={"Title": wanted.title, "Text": wanted.text or ""},
    )
    _refuse(session, area.partnership_id, wanted)
    area.title, area.text = wanted.title, wanted.text
    session.flush()
    if _tie(session, area, wanted):
        db.renew(session, area, seen=version)


def weigh(
    session: Session, area: Area, company: Side, university: Side, *, version: int, today: date
) -> None:
    """How much each side wants it, who says so and since when. Raises `Stale`, `AreaSettled`."""
    _claim(session, area)
    _refuse_stale(
        area,
        version,
        theirs={"Company": area.company_interest, "University": area.university_interest},
        yours={"Company": company.interest, "University": university.interest},
    )
    rules.refuse_side(company, "company", since=area.proposed_on, today=today)
    rules.refuse_side(university, "university", since=area.proposed_on, today=today)
    area.company_interest, area.company_by = company.interest, company.by
    area.company_on = company.on
    area.university_interest, area.university_by = university.interest, university.by
    area.university_on = university.on
    session.flush()


def agree(session: Session, area: Area, *, on: date, by: Actor, now: datetime, today: date) -> None:
    """Both sides want it: the scope may be written around it."""
    _claim(session, area)
    rules.refuse_agreement(area.company_interest, area.university_interest)
    _check_day(area, on, today)
    area.agreed_on = on
    session.flush()
    _note(session, area, "agreed", by=by, now=now)


def drop(
    session: Session, area: Area, *, on: date, reason: str, by: Actor, now: datetime, today: date
) -> None:
    _claim(session, area, agreed=True)
    _check_day(area, on, today)
    area.agreed_on = None
    area.dropped_on, area.drop_reason = on, reason
    session.flush()
    _note(session, area, "dropped", by=by, now=now)


def take_up(session: Session, area: Area, *, by: Actor, now: datetime) -> None:
    """Neither agreed nor dropped any more; the journal keeps that it was."""
    workspaces.claim(session, area.partnership)
    db.lock(session, area)
    if area.agreed_on is None and area.dropped_on is None:
        raise AreaSettled("It is still being talked about.")
    area.agreed_on = area.dropped_on = area.drop_reason = None
    session.flush()
    _note(session, area, "taken up again", by=by, now=now)


def _claim(session: Session, area: Area, *, agreed: bool = False) -> None:
    """`agreed`: it may be agreed, but not dropped."""
    workspaces.claim(session, area.partnership)
    db.lock(session, area)
    if area.dropped_on is not None or (area.agreed_on is not None and not agreed):
        word = "dropped" if area.dropped_on is not None else "agreed"
        raise AreaSettled(f"This area is {word}. Take it up again first.")


def _check_day(area: Area, on: date, today: date) -> None:
    if on > today or on < area.proposed_on:
        proposed = in_words(area.proposed_on)
        raise RuleBroken(
            f"The day lies between {proposed}, when it was proposed, and today.", field="on"
        )


def _refuse(session: Session, partnership_id: int, wanted: NewArea) -> None:
    ids = set(wanted.convened_ids)
    known = select(func.count()).where(
        Convened.partnership_id == partnership_id, Convened.id.in_(ids)
    )
    if session.scalar(known) != len(ids):
        raise NotFound("One of these people is not convened here.")


def _tie(session: Session, area: Area, wanted: NewArea) -> bool:
    about, who = AreaChallenge, AreaFaculty
    others = ties.keep(session, about.area_id, area.id, about.challenge_id, wanted.challenge_ids)
    faculty = ties.keep(
        session, who.area_id, area.id, who.convened_id, wanted.convened_ids,
        partnership_id=area.partnership_id,
    )  # fmt: skip
    session.flush()
    return others or faculty


def _refuse_stale(
    area: Area, version: int, *, theirs: dict[str, str], yours: dict[str, str]
) -> None:
    if area.version != version:
        raise Stale(area.title, theirs=theirs, yours=yours)


def _note(session: Session, area: Area, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="area",
        record_id=area.id,
        label=area.title,
        parent=("partnership", area.partnership_id),
        by=by,
        now=now,
    )
