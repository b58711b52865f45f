"""Writing who is in a working group. What is refused here the database would refuse anyway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies.models import Affiliation, Company
from crm.council import place_queries, place_rules, university
from crm.council.models import Body, Place
from crm.council.operations import NotOfTheCompany
from crm.council.place_rules import PlaceRole, Taken
from crm.council.taking_back import AlreadyBegun
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.days import lasts_beyond, runs_on
from crm.kit.db import lock
from crm.kit.errors import RuleBroken
from crm.kit.periods import Period, in_words

CLOSED = "The group is closed"
REFUSED = {
    "ex_place_one_a_slot": place_rules.PlacesUsedUp(
        "Somebody else took this place just now. Look at the group again."
    ),
    "ex_place_one_a_person": place_rules.AlreadyIn(
        "This person was taken into the group just now.", field="person"
    ),
    "ex_place_one_chair": place_rules.ChairTaken(
        "The group was given a chair just now. Look at it again.", field="role"
    ),
}


class GroupClosed(RuleBroken):
    """A group that is closed takes nobody."""


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    """`company_id` None: of the university."""

    person_id: int
    company_id: int | None
    starts_on: date
    role: PlaceRole = PlaceRole.MEMBER


def take(session: Session, body: Body, wanted: NewPlace, *, by: Actor, now: datetime) -> Place:
    """Somebody takes a place in a group, for their company or of the university.

    Until the group closes, where that is known. Where the company's places are all taken, the
    lowest of somebody who has left it ends, and is theirs.

    Raises `GroupClosed`, `NotOfTheCompany`, `NotOfTheUniversity`, or what `place_rules.joining`
    and `check_chair` do.
    """
    on, company_id = wanted.starts_on, wanted.company_id
    closed_on = hold(session, body.id).retired_on
    if not place_rules.is_open(on, closed_on=closed_on):
        raise GroupClosed("This group is closed on that day.", field="starts_on")
    if company_id is None:
        university.check(session, wanted.person_id, on)
    days = Period(on, closed_on)
    known = _known(session, body.id, company_id)
    entitled, left = None, set[int]()
    if company_id is not None:
        at_work = _at_work(session, company_id, on)
        _check_belongs(wanted.person_id, at_work, on)
        entitled = place_queries.entitlement_on(session, company_id, on)
        left = {one.person_id for one in known if one.company_id == company_id} - at_work
    opening = place_rules.joining(
        known,
        body_id=body.id,
        person_id=wanted.person_id,
        company_id=company_id,
        entitled=entitled,
        days=days,
        left=left,
    )
    held = opening.instead_of
    freed = None if held is None else session.get_one(Place, held.id)
    if wanted.role is PlaceRole.CHAIR:
        place_rules.check_chair(known, body.id, days, but=freed.id if freed else 0)
    place = Place(
        body_id=body.id,
        company_id=company_id,
        person_id=wanted.person_id,
        slot=opening.slot,
        role=wanted.role,
        starts_on=on,
        ends_before=closed_on,
        end_reason=CLOSED if closed_on is not None else None,
        created_at=now,
    )
    if freed is not None:
        freed.ends_before, freed.end_reason = on, place_queries.LEFT
        _note(session, "ended", freed, by=by, now=now)
    _write(session, place)
    _note(session, "taken", place, by=by, now=now)
    return place


def end(
    session: Session,
    place: Place,
    *,
    on: date,
    reason: str,
    left: bool = False,
    by: Actor,
    now: datetime,
) -> None:
    """The person leaves (`left`), or the group ends their place; `on` is the first day without."""
    _hold_place(session, place)
    period = place_rules.ending(place.period, on)
    if place.ends_before is not None and _beside(session, place, starts_on=place.ends_before):
        raise place_rules.AlreadyIn(
            f"They have another role from {in_words(place.ends_before)} on. Take that back first.",
            field="on",
        )
    place.ends_before, place.end_reason = period.ends_before, reason
    session.flush()
    _note(session, "left" if left else "ended", place, by=by, now=now)


def change_role(
    session: Session,
    place: Place,
    role: PlaceRole,
    *,
    on: date,
    reason: str,
    by: Actor,
    now: datetime,
) -> Place:
    """From a day on another role on the same place: one act, and the chain stays told."""
    _hold_place(session, place)
    if place.role is role:
        raise RuleBroken(f"They are {role} already.", field="role")
    known = _known(session, place.body_id, place.company_id)
    if on < place.starts_on or on not in place.period:
        raise place_rules.TooEarly("They are not in the group on that day.", field="on")
    if role is PlaceRole.CHAIR:
        days = Period(on, place.ends_before)
        place_rules.check_chair(known, place.body_id, days, but=place.id)
    if on == place.starts_on:  # the first day: there is no other role to tell of
        place.role = role
        _write(session, place)
    else:
        following = Place(
            body_id=place.body_id,
            company_id=place.company_id,
            person_id=place.person_id,
            slot=place.slot,
            role=role,
            starts_on=on,
            ends_before=place.ends_before,
            end_reason=place.end_reason,
            created_at=now,
        )
        place.ends_before, place.end_reason = on, reason
        _write(session, following)
        place = following
    _note(session, "role changed", place, by=by, now=now)
    return place


def take_back(session: Session, place: Place, *, by: Actor, now: datetime, today: date) -> None:
    """Undo a place, or another role on it, given by mistake, before it was had for a whole day.

    Who had the place in another role until then keeps it. Raises `AlreadyBegun`, or `ChairTaken`
    where they were the chair and somebody else is by now.
    """
    _hold_place(session, place)
    if place.starts_on < today:
        raise AlreadyBegun(f"This place began on {in_words(place.starts_on)}. End it instead.")
    before = _beside(session, place, ends_before=place.starts_on)
    if before is not None and before.role is PlaceRole.CHAIR:
        others = [one for one in _known(session, place.body_id, None) if one.id != before.id]
        place_rules.check_chair(others, place.body_id, place.period, but=place.id)
    _note(session, "taken back", place, by=by, now=now)
    ends_before, end_reason = place.ends_before, place.end_reason
    session.delete(place)
    session.flush()
    if before is not None:
        before.ends_before, before.end_reason = ends_before, end_reason
        session.flush()


def _beside(session: Session, place: Place, **days: date) -> Place | None:
    """The same person's time on the same place just before or after: in another role."""
    found = select(Place).filter_by(
        body_id=place.body_id, person_id=place.person_id, slot=place.slot, **days
    )
    return session.scalars(found).one_or_none()


def close_group(
    session: Session, body: Body, *, on: date, by: Actor, now: datetime, today: date
) -> None:
    """Every place ends with the group, and those that would begin after it never do.

    Raises `TooEarly` for a day that would take away what somebody has had.
    """
    hold(session, body.id)
    place_rules.closing(_known(session, body.id, None), on, today=today)
    standing = select(Place).where(Place.body_id == body.id, lasts_beyond(Place, on))
    for place in session.scalars(standing):
        if place.starts_on >= on:
            _note(session, "taken back", place, by=by, now=now)
            session.delete(place)
        else:
            place.ends_before, place.end_reason = on, CLOSED
    session.flush()  # before the group is closed: the database lets no place reach beyond
    body.retired_on = on
    session.flush()


def hold(session: Session, body_id: int) -> Body:
    """The group as it is now, and nobody changes who is in it until the transaction ends.

    The first lock of every act on its places: two acts wait for each other, never in a circle.
    """
    return session.get_one(
        Body, body_id, populate_existing=True, with_for_update={"key_share": True}
    )


def _hold_place(session: Session, place: Place) -> None:
    hold(session, place.body_id)
    lock(session, place)


def _known(session: Session, body_id: int, company_id: int | None) -> list[Taken]:
    """The places of the group, which is held, and of the company, which is locked: whoever comes
    next waits, and then sees what was taken."""
    concerned = Place.body_id == body_id
    if company_id is not None:
        company = select(Company.id).where(Company.id == company_id)
        session.execute(company.with_for_update(key_share=True))
        concerned = or_(concerned, Place.company_id == company_id)
    found = select(Place).where(concerned).execution_options(populate_existing=True)
    return [
        Taken(
            id=place.id,
            body_id=place.body_id,
            person_id=place.person_id,
            company_id=place.company_id,
            slot=place.slot,
            role=place.role,
            period=place.period,
        )
        for place in session.scalars(found)
    ]


def _at_work(session: Session, company_id: int, on: date) -> set[int]:
    """Who works at the company on a day."""
    jobs = select(Affiliation.person_id).where(
        Affiliation.company_id == company_id, runs_on(Affiliation, on)
    )
    return set(session.scalars(jobs))


def _check_belongs(person_id: int, at_work: set[int], on: date) -> None:
    if person_id not in at_work:
        raise NotOfTheCompany(
            f"Only someone who works at the company on {in_words(on)} can take its place. Add the "
            "affiliation on the person's page first.",
            field="person",
        )


def _write(session: Session, place: Place) -> None:
    """Flush what was changed, then the new row: the database must see the old one closed."""
    try:
        with session.begin_nested():
            session.flush()
            session.add(place)
            session.flush()
    except IntegrityError as error:
        for name, refusal in REFUSED.items():
            if name in str(error.orig):
                raise type(refusal)(str(refusal), field=refusal.field) from None
        raise


def _note(session: Session, act: str, place: Place, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="place",
        record_id=place.id,
        parent=("body", place.body_id),
        by=by,
        now=now,
    )
