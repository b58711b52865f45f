"""How an opportunity ends, won or lost, and how it begins again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.memberships.models import Membership
from crm.partnerships import screening
from crm.pipeline.models import LostReason, Mode, Opportunity, Stage
from crm.pipeline.operations import check_day, claim, dated, refuse_ended, refuse_open
from crm.pipeline.rules import Move


class NoTerms(RuleBroken):
    """A mode that leads to a membership is won with its terms, the others without."""


class UnfitReason(RuleBroken):
    """A reason of another mode, or one the programme has retired."""


class StaysEnded(RuleBroken):
    """What is still open, or became a membership that stands, cannot be reopened."""


def win(
    session: Session,
    opportunity: Opportunity,
    terms: NewMembership | None = None,
    *,
    on: date,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> Membership | None:
    """A yes in writing. Where the mode leads to a membership, that begins in the same act:
    its term awaiting signature, its dues, its council seat. Where it has stages for screened
    companies alone, an unscreened one does not win past them: raises `NotScreened`.

    Won is not signed: the membership counts in no total until both sides have signed.
    """
    screens = _screens(session, opportunity.mode_id)
    if screens:
        screening.keep(session, opportunity.company_id)
    claim(session, opportunity, version)
    refuse_ended(opportunity)
    check_day(opportunity, on, today)
    if screens:
        screening.require(session, opportunity.company_id, today)
    mode = session.get_one(Mode, opportunity.mode_id)
    if mode.membership != (terms is not None):
        raise NoTerms(
            "Say the membership's terms: its tier, start, years and fee."
            if mode.membership
            else f"“{mode.name}” leads to no membership: win it with a day alone."
        )
    membership = None
    if terms is not None:
        terms = replace(terms, company_id=opportunity.company_id)
        membership = enrolment.start(session, terms, released_on=on, by=by, now=now, today=today)
        opportunity.membership_id = membership.id
    opportunity.won_on = on
    opportunity.parked_until = None
    _ended(session, opportunity, Move.WON, on=on, by=by, now=now)
    return membership


def lose(
    session: Session,
    opportunity: Opportunity,
    reason_id: int,
    *,
    note: str | None = None,
    on: date,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Over, for one of the mode's reasons or of those of all. The note is confidential."""
    claim(session, opportunity, version)
    refuse_ended(opportunity)
    check_day(opportunity, on, today)
    reason = session.get(LostReason, reason_id)
    fits = reason is not None and reason.mode_id in (None, opportunity.mode_id)
    if reason is None or not fits or reason.retired_on is not None:
        raise UnfitReason("Choose a reason from the list.", field="reason")
    opportunity.lost_on = on
    opportunity.lost_reason_id = reason.id
    opportunity.lost_note = note
    opportunity.parked_until = None
    _ended(session, opportunity, Move.LOST, on=on, by=by, now=now)


def reopen(
    session: Session,
    opportunity: Opportunity,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Back to the stage it ended in. What was won is reopened once its membership is withdrawn."""
    claim(session, opportunity, version)
    if opportunity.won_on is None and opportunity.lost_on is None:
        raise StaysEnded("This opportunity is open.")
    if opportunity.membership_id is not None:
        membership = session.get_one(Membership, opportunity.membership_id)
        if membership.withdrawn_on is None:
            raise StaysEnded(
                "This opportunity became a membership. Withdraw that before its signature; then "
                "the opportunity can be reopened."
            )
    refuse_open(session, opportunity.company_id, [opportunity.mode_id])
    if session.get_one(Stage, opportunity.stage_id).screened:
        screening.require(session, opportunity.company_id, today)
    opportunity.won_on = opportunity.membership_id = None
    opportunity.lost_on = opportunity.lost_reason_id = opportunity.lost_note = None
    opportunity.stage_since = today
    _ended(session, opportunity, Move.REOPENED, on=today, by=by, now=now)


def _screens(session: Session, mode_id: int) -> bool:
    """Whether a live stage of the mode is for companies that are screened and clear."""
    found = select(Stage.id).where(
        Stage.mode_id == mode_id, Stage.screened.is_(True), Stage.retired_on.is_(None)
    )
    return session.scalar(found.limit(1)) is not None


def _ended(
    session: Session, opportunity: Opportunity, did: Move, *, on: date, by: Actor, now: datetime
) -> None:
    stage_id = opportunity.stage_id
    dated(session, opportunity, did, from_stage_id=stage_id, on=on, by=by, now=now)
