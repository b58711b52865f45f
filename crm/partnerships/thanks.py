"""Letters of thanks: drafted by the act, looked at, and let go out by a person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import queries as companies
from crm.council.rules import worth_a_letter
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import RuleBroken
from crm.mail import operations as mail
from crm.mail.letters import Letter
from crm.partnerships import letters, queries, rules
from crm.partnerships.letters import ThanksFacts
from crm.partnerships.models import Contribution, ThanksLetter
from crm.partnerships.rules import Thanks
from crm.people.models import PersonAddress
from crm.programme.models import Programme


class NoLetter(RuleBroken):
    """There is nobody to write to, or it went out already."""


def draft(
    session: Session, contribution: Contribution, kind: Thanks, *, on: date, now: datetime
) -> None:
    """Note that this letter waits. What happened on a day long past is recorded, not written
    about; a letter that is out, or was dropped, is not drafted again."""
    known = select(ThanksLetter.id).where(
        ThanksLetter.contribution_id == contribution.id, ThanksLetter.kind == kind
    )
    if worth_a_letter(on, now.date()) and session.scalar(known) is None:
        session.add(ThanksLetter(contribution_id=contribution.id, kind=kind, drafted_at=now))
        session.flush()


def take_back(session: Session, contribution: Contribution, kind: Thanks) -> None:
    """Of an act that was a mistake no letter waits."""
    waiting = select(ThanksLetter).where(
        ThanksLetter.contribution_id == contribution.id,
        ThanksLetter.kind == kind,
        ThanksLetter.released_at.is_(None),
    )
    for letter in session.scalars(waiting):
        session.delete(letter)
    session.flush()


def written(session: Session, letter: ThanksLetter, *, by: Actor, today: date) -> Letter:
    """As it would go out now. Raises `NoLetter` where there is nobody to write to."""
    contribution = letter.contribution
    contact = contribution.contact
    if contact is None:
        raise NoLetter("Nobody at the company is named as its contact. Edit it and choose one.")
    if not companies.is_at(session, contact.id, contribution.company_id, today):
        raise NoLetter(
            f"{contact.name} is at {contribution.company.name} no more. Edit the contribution and "
            "choose another contact."
        )
    to = session.scalar(
        select(PersonAddress.email).where(
            PersonAddress.person_id == contact.id,
            PersonAddress.is_primary,
            PersonAddress.retired_on.is_(None),
        )
    )
    if to is None:
        raise NoLetter(f"{contact.name} has no e-mail address on record. Add one first.")
    name, facts = session.execute(select(Programme.name, Programme.facts)).one()
    steps = queries.standing(queries.steps_of(session, contribution.id))
    on = next((step.on for step in steps if rules.THANKED.get(step.stage) is letter.kind), None)
    if on is None:
        raise NoLetter("What it thanks for was recorded by mistake, and is taken back.")
    facility = contribution.facility
    return letters.thanks_letter(
        ThanksFacts(
            contribution_id=contribution.id,
            what=contribution.title,
            given=contribution.given,
            company=contribution.company.name,
            facility=facility.name if facility else "",
            name=contact.name,
            on=on,
            programme=name,
            contact=facts["contact"],
        ),
        letter.kind,
        to=to,
        writer=by.name,
    )


def release(
    session: Session, letter: ThanksLetter, *, by: Actor, now: datetime, today: date
) -> None:
    """Let it go out, once. Raises `NoLetter`."""
    lock(session, letter)
    _refuse_over(letter)
    if mail.post(session, written(session, letter, by=by, today=today), now=now) is None:
        raise NoLetter("This letter has gone out already.")
    letter.released_at, letter.released_by = now, by.name
    _note(session, letter, "released", by=by, now=now)


def drop(session: Session, letter: ThanksLetter, *, by: Actor, now: datetime) -> None:
    """It is not needed. Raises `NoLetter`."""
    lock(session, letter)
    _refuse_over(letter)
    letter.dropped_at = now
    _note(session, letter, "dropped", by=by, now=now)


def _refuse_over(letter: ThanksLetter) -> None:
    if letter.released_at is not None or letter.dropped_at is not None:
        raise NoLetter("This letter has gone out already, or was dropped.")


def _note(session: Session, letter: ThanksLetter, act: str, *, by: Actor, now: datetime) -> None:
    session.flush()
    journal.note(
        session,
        act,
        kind="thanks_letter",
        record_id=letter.id,
        label=f"thanks for {letter.kind}",
        parent=("contribution", letter.contribution_id),
        by=by,
        now=now,
    )
