"""A major partnership as one act: the workspace of one floor, the opportunity of this one.

The stage has one home, the opportunity: whatever moves a workspace moves that.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.activities.models import Touch
from crm.activities.operations import NewTouch
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.partnerships import scoping, screening, workspaces
from crm.partnerships.scoping import NewHandoff
from crm.partnerships.workspace_models import Convening, Handoff, Partnership
from crm.partnerships.workspaces import NewPartnership
from crm.pipeline import operations, queries, steps
from crm.pipeline.models import Mode, Opportunity, Stage

PARTNERSHIP = "partnership"
"""The key of the mode, in the programme's file, whose opportunities have workspaces."""


class NoPartnershipMode(RuleBroken):
    """The programme's file names no way to engage by major partnerships."""


class HasWorkspace(RuleBroken):
    """One opportunity has one workspace."""


class StillOpen(RuleBroken):
    """A workspace is closed once its opportunity has ended."""


def open_workspace(
    session: Session,
    company_id: int,
    draft: NewPartnership,
    *,
    owner_id: int | None,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Opportunity:
    """A workspace together with its opportunity, in one act: a new one, or the one that is open
    already (its owner and day stay). Raises `NoPartnershipMode`, or `HasWorkspace`."""
    mode_id = session.scalar(select(Mode.id).where(Mode.key == PARTNERSHIP))
    if mode_id is None:
        raise NoPartnershipMode("The programme offers no major partnerships: see its file.")
    standing = select(Opportunity).where(
        Opportunity.company_id == company_id, Opportunity.mode_id == mode_id, queries.IS_OPEN
    )
    known = session.scalars(standing.limit(1)).first()
    if known is not None:
        equip(session, known, draft, by=by, now=now, today=today)
        return known
    opportunity = operations.open_opportunity(
        session, company_id=company_id, mode_id=mode_id, owner_id=owner_id, on=on, by=by, now=now
    )
    _tie(session, opportunity, draft, on=on, by=by, now=now, today=today)
    return opportunity


def equip(
    session: Session,
    opportunity: Opportunity,
    draft: NewPartnership,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Partnership:
    """A workspace for an opportunity that stands already, opened with it. Raises
    `HasWorkspace`."""
    operations.claim(session, opportunity)
    operations.refuse_ended(opportunity)
    if session.get_one(Mode, opportunity.mode_id).key != PARTNERSHIP:
        raise NoPartnershipMode("Only a major partnership has a workspace.")
    if opportunity.partnership_id is not None:
        raise HasWorkspace("This opportunity has a workspace already. Go on in that one.")
    opened_on = opportunity.opened_on
    return _tie(session, opportunity, draft, on=opened_on, by=by, now=now, today=today)


def convene(
    session: Session,
    partnership: Partnership,
    opportunity: Opportunity,
    draft: NewTouch,
    *,
    by: Actor,
    now: datetime,
) -> Touch:
    """A convening is a contact report with people of both sides, about this partnership."""
    workspaces.claim(session, partnership)
    touch = steps.report_contact(session, opportunity, draft, by=by, now=now)
    session.add(Convening(partnership_id=partnership.id, touch_id=touch.id))
    session.flush()
    return touch


def hand_off(
    session: Session,
    partnership: Partnership,
    opportunity: Opportunity,
    wanted: NewHandoff,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Handoff:
    """The scope goes to the research office, and the opportunity to that stage where it is ahead.

    Raises `NoScope`, `HandedOff`, `NotScreened` wherever it stands, or what a move of its stage
    would.
    """
    workspaces.claim(session, partnership)
    operations.claim(session, opportunity)
    operations.refuse_ended(opportunity)
    screening.require(session, partnership.company_id, today)
    made = scoping.hand_off(session, partnership, wanted, by=by, now=now, today=today)
    stage = _stage_ahead(session, opportunity)
    if stage is not None:
        operations.move(session, opportunity, stage.id, on=wanted.on, by=by, now=now, today=today)
    return made


def close(
    session: Session,
    partnership: Partnership,
    opportunity: Opportunity,
    *,
    on: date,
    how: str,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Raises `StillOpen` before its opportunity is won or lost."""
    workspaces.claim(session, partnership)
    operations.claim(session, opportunity)
    if opportunity.won_on is None and opportunity.lost_on is None:
        raise StillOpen("Its opportunity is open: win it or lose it first, then close this.")
    workspaces.close(session, partnership, on=on, how=how, by=by, now=now, today=today)


def _tie(
    session: Session,
    opportunity: Opportunity,
    draft: NewPartnership,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Partnership:
    made = workspaces.open_(
        session, opportunity.company_id, draft, on=on, by=by, now=now, today=today
    )
    opportunity.partnership_id = made.id
    session.flush()
    return made


def _stage_ahead(session: Session, opportunity: Opportunity) -> Stage | None:
    """The stage to which a hand-off leads, if the opportunity has not come so far."""
    here = session.get_one(Stage, opportunity.stage_id)
    found = select(Stage).where(
        Stage.mode_id == opportunity.mode_id,
        Stage.handed_off.is_(True),
        Stage.retired_on.is_(None),
        Stage.position > here.position,
    )
    return session.scalars(found.limit(1)).first()
