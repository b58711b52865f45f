"""The page of one opportunity: where it stands, how it came there, what is next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.activities import interests
from crm.journal.queries import history_of
from crm.kit.money import Money
from crm.kit.periods import runs
from crm.office.history import Told, told
from crm.office.pipeline import asking
from crm.partnerships import screening
from crm.pipeline import about, giving_queries, queries
from crm.pipeline.models import Opportunity
from crm.pipeline.queries import Change
from crm.pipeline.rules import Move, days_in_stage, parked_on, weighted
from crm.web import programme
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("opportunities", __name__, url_prefix="/office/opportunities")

ICONS = {"call": "call", "meeting": "meeting", "visit": "visit", "mail": "mail", "note": "note"}


@dataclass(frozen=True)
class Step:
    """A stage of the track; `on` is the day it last came there."""

    name: str
    probability: int
    on: date | None
    state: str
    """been, now, or nothing."""


@pages.get("/<id:opportunity_id>", needs=P.PIPELINE_READ)
def show(opportunity_id: int) -> str:
    session, viewer, today = db.session(), the_viewer(), programme.today()
    opportunity = queries.get(session, opportunity_id)
    changes = queries.history(session, opportunity.id)
    stages = _stages(session, opportunity)
    parked = parked_on(today, opportunity.parked_until)
    ended = opportunity.won_on is not None or opportunity.lost_on is not None
    confidential = viewer.may(P.CONFIDENTIAL_READ)
    tasks = about.tasks(session, opportunity.id)
    value = _value(opportunity)
    screens = any(stage.screened for stage in stages)
    gives = opportunity.mode.key == giving_queries.FACTORIES
    return render_template(
        "office/pipeline/opportunity.html",
        opportunity=opportunity,
        value=value,
        weighted=None
        if value is None or ended
        else Money(
            weighted(value.minor, opportunity.stage.probability, parked=parked), value.currency
        ),
        parked=parked,
        ended=ended,
        confidential=confidential,
        may_edit=viewer.may(P.PIPELINE_EDIT),
        may_log=viewer.may(P.TOUCHES_LOG),
        days=days_in_stage(today, opportunity.stage_since),
        stalled=queries.is_stalled(session, opportunity.id, today, asking.stalled_after()),
        track=track(stages, changes, opportunity),
        targets=[(s.id, s.name) for s in stages if s.id != opportunity.stage_id],
        onwards=_onwards(stages, opportunity.stage_id),
        changes=list(reversed(changes)),
        tasks=[task for task in tasks if task.done_on is None and task.dropped_on is None],
        done=[task for task in tasks if task.done_on is not None or task.dropped_on is not None],
        contacts=about.contacts(session, opportunity.id, viewer),
        icons=ICONS,
        others=[
            other
            for other in queries.of_company(session, opportunity.company_id)
            if other.id != opportunity.id
        ],
        clearances=[
            (clearance, runs(clearance.starts_on, clearance.ends_before, on=today))
            for clearance in about.clearances(session, opportunity.company_id)
        ],
        interests=interests.in_companies(session, [opportunity.company_id], today).get(
            opportunity.company_id, ()
        ),
        journal=_journal(session, opportunity, confidential) if viewer.may(P.HISTORY_READ) else (),
        gives=gives,
        contributions=giving_queries.contributions_of(session, opportunity.id, today)
        if gives
        else (),
        verdict=screening.verdict_of(session, opportunity.company_id, today) if screens else None,
        today=today,
    )


def track(
    stages: Sequence[queries.StageChoice], changes: Sequence[Change], opportunity: Opportunity
) -> list[Step]:
    """The stages in their order, with the day it last came to each."""
    entered: dict[int, date] = {}
    for change in changes:
        if change.move in (Move.OPENED, Move.MOVED):
            entered[change.to_stage_id] = change.on
    found = []
    for stage in stages:
        here = stage.id == opportunity.stage_id
        on = entered.get(stage.id, opportunity.stage_since if here else None)
        state = "now" if here else "been" if on is not None else ""
        found.append(Step(stage.name, stage.probability, on, state))
    return found


def _onwards(stages: Sequence[queries.StageChoice], stage_id: int) -> int | None:
    """The stage after this one: where it usually goes next."""
    ids = [stage.id for stage in stages]
    return next(iter(ids[ids.index(stage_id) + 1 :]), None)


def _stages(session: Session, opportunity: Opportunity) -> list[queries.StageChoice]:
    """The live stages of its mode, and the one it stands in should that be retired."""
    modes = queries.modes(session)
    stages = [stage for mode in modes if mode.id == opportunity.mode_id for stage in mode.stages]
    if opportunity.stage_id not in {stage.id for stage in stages}:
        own = opportunity.stage
        stages.insert(0, queries.StageChoice(own.id, own.name, own.probability, own.screened))
    return stages


def _value(opportunity: Opportunity) -> Money | None:
    if opportunity.value_minor is None:
        return None
    return Money(opportunity.value_minor, opportunity.currency)


def _journal(session: Session, opportunity: Opportunity, confidential: bool) -> Sequence[Told]:
    lines = history_of(session, [("opportunity", opportunity.id)], confidential=confidential)
    users = {
        value
        for line in lines
        for value in line.changes.get("owner_id", ())
        if isinstance(value, int)
    }
    names = about.names(session, opportunity.mode_id, users)
    names["mode_id"] = {opportunity.mode_id: opportunity.mode.name}
    return told(lines, names, opportunity.currency)
