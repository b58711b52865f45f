"""What becomes of an inquiry: accepted, attached, answered or filed as spam; and back again.

Every act takes the version its page was drawn from and raises `Stale` when someone was faster.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.journal.operations import note
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.mail.operations import post
from crm.pipeline import inquiries
from crm.pipeline.intake import company_of_address, tell
from crm.pipeline.letters import answer_letter
from crm.pipeline.models import (
    Inquiry,
    Opportunity,
    OpportunityTask,
    OpportunityTouch,
    StageChange,
)
from crm.pipeline.operations import open_opportunity, refuse_open, take_back
from crm.pipeline.rules import Move, Outcome
from crm.pipeline.senders import Acceptance, NothingChosen, company_of


class AlreadyDecided(RuleBroken):
    """An inquiry is decided once; another decision begins with undoing the first."""


class NoAddress(RuleBroken):
    """A letter needs an address."""


class NotAnOwner(RuleBroken):
    """Inquiries are looked after by directors and staff."""


class CannotUndo(RuleBroken):
    """Work has been done on what came of the decision."""


def accept(
    session: Session,
    inquiry: Inquiry,
    decision: Acceptance,
    *,
    version: int,
    by: Actor,
    today: date,
    now: datetime,
) -> list[Opportunity]:
    """Make it an opportunity in each of the modes, of a known or a new company."""
    _check(inquiry, version)
    _refuse_decided(inquiry)
    if not decision.mode_ids:
        raise NothingChosen("Choose at least one way to engage.", field="modes")
    if decision.company_id is not None:
        refuse_open(session, decision.company_id, decision.mode_ids, field="modes")
    company = company_of(session, inquiry, decision, by=by, now=now)
    owner_id = decision.owner_id or inquiry.owner_id or by.id
    opened = [
        open_opportunity(
            session,
            company_id=company.id,
            mode_id=mode_id,
            owner_id=owner_id,
            inquiry_id=inquiry.id,
            source=inquiry.source or inquiry.channel.value.capitalize(),
            by=by,
            on=today,
            now=now,
        )
        for mode_id in decision.mode_ids
    ]
    inquiry.owner_id = owner_id
    _decide(session, inquiry, Outcome.ACCEPTED, company=company, by=by, now=now)
    return opened


def attach(
    session: Session,
    inquiry: Inquiry,
    decision: Acceptance,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> Company:
    """Put it with a company without a new opportunity: a colleague, a second question."""
    _check(inquiry, version)
    _refuse_decided(inquiry)
    company = company_of(session, inquiry, decision, by=by, now=now)
    inquiry.owner_id = decision.owner_id or inquiry.owner_id or by.id
    _decide(session, inquiry, Outcome.ATTACHED, company=company, by=by, now=now)
    return company


def answer(
    session: Session,
    inquiry: Inquiry,
    *,
    subject: str,
    text: str,
    reply_to: str,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Write to the sender. The response clock stops; a waiting inquiry is done with it."""
    _check(inquiry, version)
    if not inquiry.email:
        raise NoAddress("They left no e-mail address. Note below how you answered instead.")
    if inquiry.outcome is Outcome.SPAM:
        raise AlreadyDecided("This is filed as spam. Say that it is not before you answer it.")
    letter = answer_letter(
        inquiry, subject=subject, text=text, reply_to=reply_to, by=by, version=version
    )
    post(session, letter, now=now)
    _answered(session, inquiry, by=by, now=now)


def answered_elsewhere(
    session: Session, inquiry: Inquiry, *, version: int, by: Actor, now: datetime
) -> None:
    """They had their answer by telephone or in person."""
    _check(inquiry, version)
    _answered(session, inquiry, by=by, now=now)


def file_as_spam(
    session: Session, inquiry: Inquiry, *, version: int, by: Actor, now: datetime
) -> None:
    _check(inquiry, version)
    _refuse_decided(inquiry)
    _decide(session, inquiry, Outcome.SPAM, company=None, by=by, now=now)


def not_spam(
    session: Session,
    inquiry: Inquiry,
    *,
    version: int,
    notify_link: Callable[[int], str],
    by: Actor,
    now: datetime,
) -> None:
    """Back into the queue, genuine: now the letters go out that were held back."""
    _check(inquiry, version)
    if inquiry.outcome not in (None, Outcome.SPAM):
        raise AlreadyDecided("This inquiry is not among the spam any more.")
    inquiry.suspected = False
    inquiry.outcome = inquiry.triaged_at = None
    _note(session, inquiry, "not spam", by=by, now=now)
    session.flush()
    tell(session, inquiry, notify_link=notify_link, now=now)


def assign(
    session: Session,
    inquiry: Inquiry,
    owner_id: int | None,
    *,
    version: int,
) -> None:
    """Say who looks after it; None: nobody yet."""
    _check(inquiry, version)
    if owner_id is not None and owner_id not in {row.id for row in inquiries.owners(session)}:
        raise NotAnOwner("Choose a director or somebody of the staff.", field="owner")
    inquiry.owner_id = owner_id
    session.flush()


def undo(session: Session, inquiry: Inquiry, *, version: int, by: Actor, now: datetime) -> None:
    """Put it back into the queue, as if undecided.

    Opportunities opened by the decision go, as long as nobody worked on them; company and person
    stay known, letters stay sent.
    """
    _check(inquiry, version)
    if inquiry.outcome is None:
        raise CannotUndo("There is no decision to undo.")
    opened = session.scalars(select(Opportunity).where(Opportunity.inquiry_id == inquiry.id)).all()
    _refuse_worked_on(session, [opportunity.id for opportunity in opened])
    for opportunity in opened:
        take_back(session, opportunity)
    inquiry.outcome = inquiry.triaged_at = None
    inquiry.company_id = company_of_address(session, inquiry.email)
    _note(session, inquiry, "decision undone", by=by, now=now)
    session.flush()


def _check(inquiry: Inquiry, version: int) -> None:
    if inquiry.version != version:
        outcome = inquiry.outcome.value if inquiry.outcome else "waiting"
        raise Stale("this inquiry", theirs={"Now": outcome}, yours={"Now": "not carried out"})


def _refuse_decided(inquiry: Inquiry) -> None:
    if inquiry.outcome not in (None, Outcome.ANSWERED):
        raise AlreadyDecided(
            f"This inquiry is decided already: {inquiry.outcome.value}. Undo that first."
        )


def _refuse_worked_on(session: Session, ids: list[int]) -> None:
    if not ids:
        return
    traces = (
        ("a contact report", select(OpportunityTouch.touch_id).where(
            OpportunityTouch.opportunity_id.in_(ids))),
        ("a task", select(OpportunityTask.task_id).where(OpportunityTask.opportunity_id.in_(ids))),
        ("a stage change", select(StageChange.id).where(
            StageChange.opportunity_id.in_(ids), StageChange.move != Move.OPENED)),
    )  # fmt: skip
    for what, found in traces:
        if session.execute(found.limit(1)).first() is not None:
            raise CannotUndo(
                f"The opportunity has {what} by now, so this stays decided. Mark it lost instead."
            )


def _decide(
    session: Session,
    inquiry: Inquiry,
    outcome: Outcome,
    *,
    company: Company | None,
    by: Actor,
    now: datetime,
) -> None:
    inquiry.outcome, inquiry.triaged_at = outcome, now
    if company is not None:
        inquiry.company_id, inquiry.suspected = company.id, False
    _note(session, inquiry, outcome.value, by=by, now=now)
    session.flush()


def _answered(session: Session, inquiry: Inquiry, *, by: Actor, now: datetime) -> None:
    inquiry.answered_at = inquiry.answered_at or now
    if inquiry.outcome is None:
        inquiry.outcome, inquiry.triaged_at = Outcome.ANSWERED, now
        inquiry.suspected = False
    if inquiry.owner_id is None:
        inquiry.owner_id = by.id
    _note(session, inquiry, "answered", by=by, now=now)
    session.flush()


def _note(session: Session, inquiry: Inquiry, act: str, *, by: Actor, now: datetime) -> None:
    note(session, act, kind="inquiry", record_id=inquiry.id, by=by, now=now)
