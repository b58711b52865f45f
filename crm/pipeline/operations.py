"""An opportunity's way through its mode's pipeline: each act dated, none edited away."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.money import Money
from crm.memberships.models import Tier
from crm.pipeline.models import Mode, Opportunity, Stage, StageChange
from crm.pipeline.rules import Move
from crm.programme.models import Programme


class ModeRetired(RuleBroken):
    """Nothing new begins in a mode the programme no longer offers."""


class CompanyArchived(RuleBroken):
    """An archived company has no new opportunities."""


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
    company = session.get(Company, company_id)
    mode = session.get(Mode, mode_id)
    if company is None or mode is None:
        raise NotFound("There is no such company or mode.")
    if company.archived_on is not None:
        raise CompanyArchived(
            f"{company.name} is archived. Restore it before you open an opportunity.",
            field="company",
        )
    stage = session.scalars(
        select(Stage)
        .where(Stage.mode_id == mode.id, Stage.retired_on.is_(None))
        .order_by(Stage.position, Stage.id)
        .limit(1)
    ).first()
    if mode.retired_on is not None or stage is None:
        raise ModeRetired(f"The programme no longer offers “{mode.name}”.", field="mode")
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
    _dated(session, opportunity, Move.OPENED, from_stage_id=None, on=on, by=by, now=now)
    return opportunity


def _dated(
    session: Session,
    opportunity: Opportunity,
    move: Move,
    *,
    from_stage_id: int | None,
    on: date,
    by: Actor,
    now: datetime,
) -> None:
    session.add(
        StageChange(
            opportunity_id=opportunity.id,
            move=move,
            from_stage_id=from_stage_id,
            to_stage_id=opportunity.stage_id,
            on=on,
            at=now,
            by_id=by.id,
            by_name=by.name,
        )
    )
    session.flush()


def _currency(session: Session) -> str:
    """The programme's own."""
    facts = session.scalars(select(Programme.facts)).one()
    return str(facts["currency"])
