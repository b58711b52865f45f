"""Coming into a group: at once, by application or by invitation, as its policy says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import place_queries, place_rules, places
from crm.council.models import Place
from crm.council.place_rules import PlaceRole
from crm.council.places import NewPlace
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken
from crm.working_groups import rules
from crm.working_groups.models import GroupAsking, WorkingGroup
from crm.working_groups.operations import refuse_closed
from crm.working_groups.rules import Answer, AskingKind, JoinPolicy


class NotThatWay(RuleBroken):
    """The group takes its members in another way."""


class AlreadyAsked(RuleBroken):
    """One application or invitation at a time."""


class AlreadyAnswered(RuleBroken):
    """What was answered stays answered."""


@dataclass(frozen=True, kw_only=True)
class Asking:
    """Who of which company, and what was said."""

    person_id: int
    company_id: int
    note: str | None = None


def join(
    session: Session,
    group: WorkingGroup,
    person_id: int,
    company_id: int,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Place:
    """Into a group that is open to members one goes without asking. Raises `NotThatWay`."""
    refuse_closed(group, today)
    if group.join_policy is not JoinPolicy.OPEN:
        raise NotThatWay(
            f"Members come into this group {group.join_policy}: record that first, then accept it."
        )
    wanted = NewPlace(person_id=person_id, company_id=company_id, starts_on=on)
    return places.take(session, group.body, wanted, by=by, now=now)


def appoint(
    session: Session,
    group: WorkingGroup,
    person_id: int,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Place:
    """Somebody of the university comes in, whatever the policy says of members. Raises
    `NotOfTheUniversity`."""
    refuse_closed(group, today)
    wanted = NewPlace(person_id=person_id, company_id=None, starts_on=on, role=PlaceRole.MEMBER)
    return places.take(session, group.body, wanted, by=by, now=now)


def ask(
    session: Session,
    group: WorkingGroup,
    kind: AskingKind,
    asking: Asking,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> GroupAsking:
    """Record that somebody applies, or that we invite them. Raises `NotThatWay`, `NotEntitled`, or
    `AlreadyAsked`."""
    refuse_closed(group, today)
    if not rules.may_ask(group.join_policy, kind):
        how = "one joins directly" if group.join_policy is JoinPolicy.OPEN else "it invites itself"
        raise NotThatWay(f"Into this group nobody comes by {kind}: {how}.")
    place_rules.check_entitled(
        place_queries.entitlement_on(session, asking.company_id, today), today
    )
    open_ = select(GroupAsking.id).where(
        GroupAsking.group_id == group.id,
        GroupAsking.person_id == asking.person_id,
        GroupAsking.answer.is_(None),
    )
    refusal = AlreadyAsked("This person has applied or is invited already.", field="person")
    if session.scalar(open_) is not None:
        raise refusal
    asked = GroupAsking(
        group_id=group.id,
        company_id=asking.company_id,
        person_id=asking.person_id,
        kind=kind,
        note=asking.note,
        asked_on=today,
        by_name=by.name,
    )
    try:
        with session.begin_nested():
            session.add(asked)
            session.flush()
    except IntegrityError as error:
        if "group_asking" not in str(error.orig):
            raise
        raise refusal from None
    act = "applied" if kind is AskingKind.APPLICATION else "invited"
    _note(session, asked, act, by=by, now=now)
    return asked


def accept(
    session: Session,
    group: WorkingGroup,
    asking: GroupAsking,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Place:
    """We accept an application, or they an invitation: they have a place from a day on."""
    places.hold(session, group.id)
    refuse_closed(group, today)
    _refuse_answered(session, asking)
    wanted = NewPlace(person_id=asking.person_id, company_id=asking.company_id, starts_on=on)
    place = places.take(session, group.body, wanted, by=by, now=now)
    _answer(session, asking, Answer.ACCEPTED, None, by=by, now=now, today=today)
    return place


def refuse(
    session: Session,
    asking: GroupAsking,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """We refuse an application, or they decline an invitation."""
    _refuse_answered(session, asking)
    _answer(session, asking, Answer.REFUSED, reason, by=by, now=now, today=today)


def withdraw(
    session: Session,
    asking: GroupAsking,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Whoever asked asks no more."""
    _refuse_answered(session, asking)
    _answer(session, asking, Answer.WITHDRAWN, reason, by=by, now=now, today=today)


def _refuse_answered(session: Session, asking: GroupAsking) -> None:
    lock(session, asking)
    if asking.answer is not None:
        raise AlreadyAnswered(f"This {asking.kind} is {asking.answer} already.")


def _answer(
    session: Session,
    asking: GroupAsking,
    answer: Answer,
    reason: str | None,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    asking.answer, asking.answered_on, asking.reason = answer, today, reason
    session.flush()
    _note(session, asking, answer.value, by=by, now=now)


def _note(session: Session, asking: GroupAsking, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session,
        act,
        kind="group_asking",
        record_id=asking.id,
        parent=("body", asking.group_id),
        by=by,
        now=now,
    )
