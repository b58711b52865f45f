"""Which projects use a contribution: from a day on, until a day, or by mistake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import Period, in_words
from crm.partnerships import queries, rules
from crm.partnerships.models import Contribution
from crm.partnerships.rules import OVER, Stage
from crm.partnerships.use_models import ContributionUse
from crm.projects.models import Project
from crm.projects.rules import CHOSEN


class UsedAlready(RuleBroken):
    """One project uses one contribution once at a time."""


class NoSuchProject(RuleBroken):
    """What uses something was selected at least."""


@dataclass(frozen=True, kw_only=True)
class NewUse:
    """Half-open: `ends_before` is the first day without it; None: as long as it is here."""

    starts_on: date
    ends_before: date | None = None
    note: str | None = None


def begin(
    session: Session,
    contribution: Contribution,
    project: Project,
    wanted: NewUse,
    *,
    by: Actor,
    now: datetime,
) -> ContributionUse:
    """Raises `NoSuchProject`, `NotHere` or `UsedAlready`."""
    if project.stage not in CHOSEN:
        raise NoSuchProject(
            f"“{project.title}” is {project.stage}: what uses something was selected.",
            field="project",
        )
    use = ContributionUse(contribution_id=contribution.id, project_id=project.id, by_name=by.name)
    _write(session, contribution, use, wanted)
    _note(session, use, project, "begun", by=by, now=now)
    return use


def correct(
    session: Session,
    use: ContributionUse,
    wanted: NewUse,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """Put it right, or say when it ended; it comes with both its ends. Raises `Stale`, or what
    `begin` raises."""
    if use.version != version:
        raise Stale("this use", theirs=_told(use), yours=_told(wanted))
    _write(session, use.contribution, use, wanted)
    _note(session, use, use.project, "put right", by=by, now=now)


def take_back(session: Session, use: ContributionUse, *, by: Actor, now: datetime) -> None:
    """It was recorded by mistake: no trace is left but the journal's."""
    _note(session, use, use.project, "taken back", by=by, now=now)
    session.delete(use)
    session.flush()


def _write(
    session: Session, contribution: Contribution, use: ContributionUse, wanted: NewUse
) -> None:
    """Whoever moves the contribution waits, and is waited for."""
    if wanted.ends_before is not None and wanted.ends_before <= wanted.starts_on:
        raise RuleBroken("It would end before it begins.", field="last_day")
    db.lock(session, contribution)
    period = Period(wanted.starts_on, wanted.ends_before)
    came = {s.stage: s.on for s in queries.standing(queries.steps_of(session, contribution.id))}
    over_on = next((came[stage] for stage in OVER if stage in came), None)
    rules.refuse_use(period, delivered_on=came.get(Stage.DELIVERED), over_on=over_on)
    others = select(ContributionUse).where(
        ContributionUse.contribution_id == contribution.id,
        ContributionUse.project_id == use.project_id,
    )
    for other in session.scalars(others):
        if other is not use and period.overlaps(Period(other.starts_on, other.ends_before)):
            raise UsedAlready(
                f"The project uses it since {in_words(other.starts_on)}: correct that one, or "
                "choose days beside it.",
                field="starts_on",
            )
    use.starts_on, use.ends_before, use.note = wanted.starts_on, wanted.ends_before, wanted.note
    session.add(use)
    session.flush()


def _told(of: ContributionUse | NewUse) -> dict[str, str]:
    return {
        "From": in_words(of.starts_on),
        "Until before": in_words(of.ends_before) if of.ends_before else "",
        "What for": of.note or "",
    }


def _note(
    session: Session,
    use: ContributionUse,
    project: Project,
    act: str,
    *,
    by: Actor,
    now: datetime,
) -> None:
    journal.note(
        session,
        act,
        kind="contribution_use",
        record_id=use.id,
        label=project.title,
        parent=("contribution", use.contribution_id),
        by=by,
        now=now,
    )
