"""An opportunity's way through its mode's pipeline: each act dated, none edited away."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.money import Money
from crm.memberships.models import Tier
from crm.partnerships import screening
from crm.pipeline import queries
from crm.pipeline.models import Mode, Opportunity, Stage, StageChange
from crm.pipeline.rules import Move
from crm.programme.models import Programme


class ModeRetired(RuleBroken):
    """Nothing new begins in a mode the programme no longer offers."""


class AlreadyOpen(RuleBroken):
    """A company has one open opportunity a mode."""


class AlreadyEnded(RuleBroken):
    """What is won or lost stands nowhere on the board."""


class ForeignStage(RuleBroken):
    """A stage of another mode, or one the programme has retired."""


class UnfitDay(RuleBroken):
    """A day on which this cannot have happened."""


class UnderWay(RuleBroken):
    """What has a contact, a task, a move or a contribution cannot be taken back."""


@dataclass(frozen=True, kw_only=True)
class OpportunityDraft:
    """What of an opportunity is edited on its page, beside its stage."""

    owner_id: int | None
    tier_id: int | None
    value: Money | None
    expected_on: date | None
    source: str | None
    note: str | None


def open_opportunity(
    session: Session,
    *,
    company_id: int,
    mode_id: int,
    owner_id: int | None,
    inquiry_id: int | None = None,
    source: str | None = None,
    tier_id: int | None = None,
    value: Money | None = None,
    expected_on: date | None = None,
    note: str | None = None,
    by: Actor,
    on: date,
    now: datetime,
) -> Opportunity:
    """A company enters a mode's pipeline at its first stage.

    Without a value, a tier says one: its fee for all its years.
    """
    company = companies.refuse_archived(session, company_id)
    mode = session.get(Mode, mode_id)
    if mode is None:
        raise NotFound("There is no such mode.")
    stage = session.scalars(
        select(Stage)
        .where(Stage.mode_id == mode.id, Stage.retired_on.is_(None))
        .order_by(Stage.position, Stage.id)
        .limit(1)
    ).first()
    if mode.retired_on is not None or stage is None:
        raise ModeRetired(f"The programme no longer offers “{mode.name}”.", field="mode")
    refuse_open(session, company.id, [mode.id], field="mode")
    if tier_id is not None and value is None:
        tier = session.get_one(Tier, tier_id)
        value = tier.fee * tier.years
    opportunity = Opportunity(
        company_id=company.id,
        mode_id=mode.id,
        stage_id=stage.id,
        stage_since=on,
        owner_id=owner_id,
        inquiry_id=inquiry_id,
        tier_id=tier_id,
        value_minor=value.minor if value is not None else None,
        currency=value.currency if value is not None else _currency(session),
        expected_on=expected_on,
        source=source,
        note=note,
        opened_on=on,
        created_at=now,
    )
    session.add(opportunity)
    session.flush()
    dated(session, opportunity, Move.OPENED, from_stage_id=None, on=on, by=by, now=now)
    return opportunity


def refuse_open(
    session: Session, company_id: int, mode_ids: Collection[int], *, field: str | None = None
) -> None:
    """Refuse a second open opportunity in one of these modes.

    The company is kept until this transaction ends: of two at once, the second sees what the
    first opened.
    """
    session.execute(
        select(Company.id).where(Company.id == company_id).with_for_update(key_share=True)
    )
    there = session.execute(
        select(Company.name, Mode.name, UserAccount.name)
        .select_from(Opportunity)
        .join(Opportunity.company)
        .join(Opportunity.mode)
        .outerjoin(Opportunity.owner)
        .where(
            Opportunity.company_id == company_id,
            Opportunity.mode_id.in_(mode_ids),
            queries.IS_OPEN,
        )
        .order_by(Opportunity.id)
        .limit(1)
    ).first()
    if there is not None:
        company, mode, owner = there
        raise AlreadyOpen(
            f"{company} already has an open opportunity in “{mode}”, with {owner or 'nobody yet'}. "
            "Go on with that one, or choose another way to engage.",
            field=field,
        )


def take_back(session: Session, opportunity: Opportunity) -> None:
    """Undo the opening, as long as nothing happened since. Raises `UnderWay`."""
    if opportunity.partnership_id is not None:
        raise UnderWay("This opportunity has a workspace by now. Lose it with a reason instead.")
    if not queries.untouched(session, opportunity.id):
        raise UnderWay(
            "This opportunity has a contact, a task, a stage change or a contribution by now. "
            "Lose it with a reason instead."
        )
    session.execute(delete(StageChange).where(StageChange.opportunity_id == opportunity.id))
    session.delete(opportunity)
    session.flush()


def amend(
    session: Session,
    opportunity: Opportunity,
    draft: OpportunityDraft,
    *,
    version: int | None = None,
) -> None:
    """Owner, tier, value, expected start, source and note, as they are to be."""
    claim(session, opportunity, version)
    value = draft.value
    opportunity.owner_id = draft.owner_id
    opportunity.tier_id = draft.tier_id
    opportunity.value_minor = value.minor if value is not None else None
    opportunity.currency = value.currency if value is not None else opportunity.currency
    opportunity.expected_on = draft.expected_on
    opportunity.source = draft.source
    opportunity.note = draft.note
    session.flush()


def move(
    session: Session,
    opportunity: Opportunity,
    stage_id: int,
    *,
    on: date,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> Stage:
    """To any live stage of its mode, which is returned. What was parked is back.

    Raises `NotScreened` where the stage is for companies that are screened and clear.
    """
    stage = session.get(Stage, stage_id)
    if stage is not None and stage.screened:
        screening.keep(session, opportunity.company_id)
    claim(session, opportunity, version)
    refuse_ended(opportunity)
    check_day(opportunity, on, today)
    if stage is None or stage.mode_id != opportunity.mode_id or stage.retired_on is not None:
        raise ForeignStage("Choose a stage of this opportunity's own pipeline.", field="stage")
    if stage.id == opportunity.stage_id:
        raise ForeignStage(f"It stands at “{stage.name}” already.", field="stage")
    if stage.screened:
        screening.require(session, opportunity.company_id, today)
    before, opportunity.stage_id = opportunity.stage_id, stage.id
    opportunity.stage_since = on
    opportunity.parked_until = None
    dated(session, opportunity, Move.MOVED, from_stage_id=before, on=on, by=by, now=now)
    return stage


def park(
    session: Session,
    opportunity: Opportunity,
    until: date,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """Out of the weighted totals and never stalled, until a day."""
    claim(session, opportunity, version)
    refuse_ended(opportunity)
    if until <= today:
        raise UnfitDay("Choose a day after today.", field="parked_until")
    opportunity.parked_until = until
    _stands(session, opportunity, Move.PARKED, on=today, by=by, now=now)


def unpark(
    session: Session,
    opportunity: Opportunity,
    *,
    version: int | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    claim(session, opportunity, version)
    refuse_ended(opportunity)
    if opportunity.parked_until is None:
        raise AlreadyEnded("It is not parked.")
    opportunity.parked_until = None
    _stands(session, opportunity, Move.UNPARKED, on=today, by=by, now=now)


def note_intent(
    session: Session,
    opportunity: Opportunity,
    on: date | None,
    *,
    version: int | None = None,
    today: date,
) -> None:
    """The day of a letter of intent; None takes a mistaken one back."""
    claim(session, opportunity, version)
    refuse_ended(opportunity)
    if on is not None and on > today:
        raise UnfitDay("A letter of intent cannot lie in the future.", field="intent_on")
    opportunity.intent_on = on
    session.flush()


def claim(session: Session, opportunity: Opportunity, version: int | None = None) -> None:
    """Read it anew and keep others off it until this transaction ends.

    Of two who win, lose or move it at once, the second sees what the first did. Raises `Stale`
    if it is not the version that was seen, where one is given.
    """
    session.flush()
    session.refresh(opportunity, with_for_update={"of": Opportunity})
    if version is not None and opportunity.version != version:
        raise Stale("this opportunity", theirs={}, yours={})


def refuse_ended(opportunity: Opportunity) -> None:
    if opportunity.won_on is not None or opportunity.lost_on is not None:
        word = "won" if opportunity.won_on is not None else "lost"
        raise AlreadyEnded(f"This opportunity is {word} already. Reopen it first.")


def check_day(opportunity: Opportunity, on: date, today: date) -> None:
    """An act lies neither in the future nor before the one that went before it."""
    if on > today:
        raise UnfitDay("Choose today or a day before it.", field="on")
    if on < opportunity.stage_since:
        raise UnfitDay(
            f"It came to its present stage on {opportunity.stage_since.isoformat()}. Choose that "
            "day or a later one.",
            field="on",
        )


def dated(
    session: Session,
    opportunity: Opportunity,
    did: Move,
    *,
    from_stage_id: int | None,
    on: date,
    by: Actor,
    now: datetime,
) -> None:
    """Append the act to the opportunity's history."""
    session.add(
        StageChange(
            opportunity_id=opportunity.id,
            move=did,
            from_stage_id=from_stage_id,
            to_stage_id=opportunity.stage_id,
            on=on,
            at=now,
            by_id=by.id,
            by_name=by.name,
        )
    )
    session.flush()


def _stands(
    session: Session, opportunity: Opportunity, did: Move, *, on: date, by: Actor, now: datetime
) -> None:
    stage_id = opportunity.stage_id
    dated(session, opportunity, did, from_stage_id=stage_id, on=on, by=by, now=now)


def _currency(session: Session) -> str:
    """The programme's own."""
    facts = session.scalars(select(Programme.facts)).one()
    return str(facts["currency"])
