"""Letters of thanks: drafted by the act, looked at, and let go out by a person."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import queries as companies
from crm.council.rules import worth_a_letter
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.mail import drafts
from crm.mail import queries as outbox
from crm.mail.drafts import Held, NoLetter, Wording
from crm.mail.letters import Letter
from crm.mail.models import OutgoingMail
from crm.partnerships import letters, queries, rules
from crm.partnerships.letters import ThanksFacts
from crm.partnerships.models import Contribution, ThanksLetter
from crm.partnerships.rules import Thanks
from crm.people.models import PersonAddress
from crm.programme.models import Programme


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


def take_back(
    session: Session, contribution: Contribution, kind: Thanks, *, by: Actor, now: datetime
) -> bool:
    """Of an act that was a mistake no letter waits, here or in the outbox. Whether one had gone
    out: it stays, and is not written again."""
    found = select(ThanksLetter).where(
        ThanksLetter.contribution_id == contribution.id, ThanksLetter.kind == kind
    )
    letter = session.scalars(found).one_or_none()
    if letter is None:
        return False
    held = drafts.hold_back(session, letter, rules.thanks_key(contribution.id, kind))
    if held is Held.NOWHERE:
        return True
    if held is Held.OUTBOX:
        _note(session, letter, "stopped in the outbox", by=by, now=now)
    session.delete(letter)
    session.flush()
    return False


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


def posted(session: Session, letter: ThanksLetter) -> OutgoingMail | None:
    """As it was released."""
    return outbox.find_by_key(session, rules.thanks_key(letter.contribution_id, letter.kind))


def release(
    session: Session,
    letter: ThanksLetter,
    wording: Wording | None = None,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Let it go out, once, in these words if there are some. Raises `NoLetter`, or `Stale`."""

    def write() -> Letter:
        return written(session, letter, by=by, today=today)

    drafts.release(session, letter, write, wording, by=by, now=now)
    _note(session, letter, "released", by=by, now=now)


def drop(session: Session, letter: ThanksLetter, *, by: Actor, now: datetime) -> None:
    """It is not needed. Raises `NoLetter`."""
    drafts.drop(session, letter, now=now)
    _note(session, letter, "dropped", by=by, now=now)


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
