"""How a contribution goes from stage to stage, and what of that is put right."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import in_words
from crm.partnerships import queries, rules, thanks
from crm.partnerships.contributions import note
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import Stage
from crm.partnerships.use_models import ContributionUse


class NoSuchStep(RuleBroken):
    """A contribution goes forward, one stage after the other."""


class StillUsed(RuleBroken):
    """What projects use was delivered."""


def move(
    session: Session,
    contribution: Contribution,
    stage: Stage,
    *,
    on: date,
    reason: str | None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """To a stage that may follow, on a day from the last change to today. Drafts the thanks."""
    db.lock(session, contribution)
    last = queries.standing(queries.steps_of(session, contribution.id))[-1]
    following = rules.may_become(last.stage, given=contribution.given)
    if stage not in following:
        ways = " or ".join(following)
        raise NoSuchStep(
            f"It is {last.stage}: " + (f"next is {ways}." if ways else "nothing follows."),
            field="stage",
        )
    rules.refuse_between(on, last.on, today)
    if reason is None and rules.needs_reason(stage):
        raise RuleBroken("Say why, for whoever reads this later.", field="reason")
    session.add(
        ContributionStep(
            contribution_id=contribution.id, stage=stage, on=on, reason=reason, by_name=by.name
        )
    )
    session.flush()
    if stage in rules.THANKED:
        thanks.draft(session, contribution, rules.THANKED[stage], on=on, now=now)
    note(session, contribution, "moved", by=by, now=now)


def correct_day(
    session: Session,
    contribution: Contribution,
    step: ContributionStep,
    on: date,
    *,
    seen: date,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """It came to this stage on another day, between those of the stages beside it.

    `seen`: the day that was read; raises `Stale` where it is another by now, `NoSuchStep` for a
    stage that was taken back, `WrongDay`, or `StillUsed`. A letter that is out keeps what it said.
    """
    db.lock(session, contribution)
    steps = queries.standing(queries.steps_of(session, contribution.id))
    if step not in steps:
        raise NoSuchStep("This stage was taken back: its day stays as it was.")
    if step.on != seen:
        theirs, yours = {"On": in_words(step.on)}, {"On": in_words(on)}
        raise Stale(f"“{contribution.title}”", theirs=theirs, yours=yours)
    place = steps.index(step)
    following = [later.on for later in steps[place + 1 : place + 2]]
    rules.refuse_between(on, steps[place - 1].on if place else None, min([*following, today]))
    if step.stage is Stage.OFFERED:
        rules.refuse_ends(contribution.days, offered_on=on, field="on")
    if step.stage is Stage.DELIVERED:
        uses = select(func.min(ContributionUse.starts_on))
        used_on = session.scalar(uses.where(ContributionUse.contribution_id == contribution.id))
        if used_on is not None and used_on < on:
            raise StillUsed(
                f"A project uses it since {in_words(used_on)}: put that day right first.",
                field="on",
            )
    step.on = on
    session.flush()
    note(session, contribution, "put right", by=by, now=now)


def take_back(
    session: Session, contribution: Contribution, *, reason: str, by: Actor, now: datetime
) -> bool:
    """The last stage was recorded by mistake: it is struck, and its letter stopped. Whether that
    had gone out already. The offer itself stays: what came to nothing has ended."""
    db.lock(session, contribution)
    steps = queries.standing(queries.steps_of(session, contribution.id))
    if len(steps) == 1:
        raise NoSuchStep("It is only offered: an offer that comes to nothing is ended instead.")
    last = steps[-1]
    used = select(ContributionUse.id).where(ContributionUse.contribution_id == contribution.id)
    if last.stage is Stage.DELIVERED and session.scalar(used.limit(1)) is not None:
        raise StillUsed("Projects use it from its delivery on: take their uses back first.")
    last.struck_at, last.struck_reason, last.struck_by = now, reason, by.name
    session.flush()
    kind = rules.THANKED.get(last.stage)
    went_out = kind is not None and thanks.take_back(session, contribution, kind, by=by, now=now)
    note(session, contribution, "stage taken back", by=by, now=now)
    return went_out
