"""Proposing a project, changing it, what it costs, and taking it from stage to stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit import db, ties
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.money import Money, told
from crm.kit.periods import in_words
from crm.projects import queries, rules
from crm.projects.models import Project, ProjectCall, ProjectChallenge, ProjectStage
from crm.projects.people_models import ProjectCompany, ProjectSeats
from crm.projects.rules import CallStatus, CompanyRole, ProjectKind, Source, Stage


class CallNotOpen(RuleBroken):
    """Proposals come in between the first day of a call and its deadline."""


class TitleTaken(RuleBroken):
    """By its title a proposal is told from the others of its call, and ranked."""


@dataclass(frozen=True, kw_only=True)
class NewProject:
    """What is written about a project, its budget aside. `about` is Markdown."""

    title: str
    kind: ProjectKind
    about: str
    starts_on: date | None = None
    ends_before: date | None = None
    seats_offered: int | None = None
    challenge_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Who pays, and how much; the sum may not be known yet."""

    source: Source | None
    amount: Money | None = None


LABELS: Mapping[str, str] = {
    "title": "Title",
    "kind": "Kind",
    "about": "About",
    "starts_on": "Starts on",
    "ends_before": "First day after it",
    "seats_offered": "Seats offered",
}
"""No sums: whoever leads a project is shown these when somebody else has changed them."""


def propose(
    session: Session,
    draft: NewProject,
    *,
    call: ProjectCall | None = None,
    by: Actor,
    now: datetime,
    today: date,
) -> Project:
    """A new project, proposed on the day, to a call or for itself. Raises `CallNotOpen`
    or `TitleTaken`."""
    if call is not None:
        db.lock(session, call)
    if call is not None and call.status_on(today) is not CallStatus.OPEN:
        raise CallNotOpen(
            f"“{call.title}” takes proposals from {in_words(call.opens_on)} to "
            f"{in_words(call.closes_on)}. If this one is still to count, move the deadline first."
        )
    _check(draft, call, taken=0)
    _refuse_title(session, draft.title, call)
    project = Project(
        **{name: getattr(draft, name) for name in LABELS},
        stage=Stage.PROPOSED,
        call_id=None if call is None else call.id,
        created_at=now,
    )
    session.add(project)
    session.flush()
    step(session, project, Stage.PROPOSED, on=today, reason=None, by=by)
    _set_challenges(session, project, draft.challenge_ids)
    session.flush()
    note(session, project, "proposed", by=by, now=now)
    return project


def edit(session: Session, project: Project, draft: NewProject, *, version: int) -> None:
    """Make it say what the draft says. Raises `Stale`, `TitleTaken`, or `NoSeatsLeft` for too few
    seats."""
    if project.call is not None:
        db.lock(session, project.call)
    db.lock(session, project)
    mine = {name: getattr(draft, name) for name in LABELS}
    if project.version != version:
        theirs = {name: getattr(project, name) for name in LABELS}
        shown = [name for name in LABELS if (mine[name] or None) != (theirs[name] or None)]
        raise Stale(
            project.title,
            theirs={LABELS[name]: str(theirs[name] or "") for name in shown},
            yours={LABELS[name]: str(mine[name] or "") for name in shown},
        )
    _check(draft, project.call, taken=_taken(session, project))
    ranked = project.call is not None and project.call.ballot_id is not None
    if ranked and project.title != draft.title:
        raise RuleBroken("The council ranks it under this title: it stays.", field="title")
    _refuse_title(session, draft.title, project.call, but=project)
    for name, value in mine.items():
        if getattr(project, name) != value:
            setattr(project, name, value)
    if _set_challenges(session, project, draft.challenge_ids):
        db.renew(session, project, seen=version)
    session.flush()


def set_budget(
    session: Session, project: Project, budget: Budget, *, version: int, by: Actor, now: datetime
) -> None:
    """Who pays and how much. Raises `Stale`, or `OneCompanysOwn` (see `rules`)."""
    db.lock(session, project)
    if project.version != version:
        raise Stale(
            project.title,
            theirs=_in_words(Budget(source=project.source, amount=project.budget)),
            yours=_in_words(budget),
        )
    if budget.amount is not None and budget.source is None:
        raise RuleBroken("Say who pays it.", field="source")
    rules.check_owners(budget.source, ties_of(session, project), field="source")
    project.source = budget.source
    project.budget_minor = None if budget.amount is None else budget.amount.minor
    project.currency = None if budget.amount is None else budget.amount.currency
    session.flush()
    note(session, project, "given a budget", by=by, now=now)


def move(
    session: Session,
    project: Project,
    stage: Stage,
    *,
    on: date,
    reason: str | None,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """To the next stage by hand, on a day that is past or today and not before the last change.

    Raises `NoSuchStep`, `TooEarly` (see `rules`), or `RuleBroken` for a missing reason.
    """
    if project.call is not None:
        db.lock(session, project.call)
    db.lock(session, project)
    rules.check_step(project.stage, stage, reason=reason)
    if stage is Stage.SELECTED and project.call is not None:
        rules.check_deadline(on, closes_on=project.call.closes_on)
    last = queries.stages_of(session, project.id)[-1].on
    if on > today or on < last:
        raise RuleBroken(
            f"The day lies between the last change, {in_words(last)}, and today.", field="on"
        )
    step(session, project, stage, on=on, reason=reason, by=by)
    session.flush()
    note(session, project, "moved", by=by, now=now)


def step(
    session: Session,
    project: Project,
    stage: Stage,
    *,
    on: date,
    reason: str | None,
    by: Actor,
    ballot_id: int | None = None,
) -> None:
    """Append a stage that may follow."""
    project.stage = stage
    session.add(
        ProjectStage(
            project_id=project.id, stage=stage, on=on, reason=reason, ballot_id=ballot_id,
            by_name=by.name,
        )
    )  # fmt: skip


def ties_of(session: Session, project: Project) -> set[tuple[int, CompanyRole]]:
    """(company, role) of the companies in it, as they stand in the database."""
    found = select(ProjectCompany.company_id, ProjectCompany.role)
    rows = session.execute(found.where(ProjectCompany.project_id == project.id))
    return {(company_id, role) for company_id, role in rows}


def note(session: Session, project: Project, act: str, *, by: Actor, now: datetime) -> None:
    journal.note(
        session, act, kind="project", record_id=project.id, label=project.title, by=by, now=now
    )


def _check(draft: NewProject, call: ProjectCall | None, *, taken: int) -> None:
    if call is not None and draft.kind is not call.kind:
        raise RuleBroken(f"The call is for a {call.kind}: this is to be one.", field="kind")
    if draft.ends_before is not None and (
        draft.starts_on is None or draft.ends_before <= draft.starts_on
    ):
        raise RuleBroken("It has to start before it ends.", field="last_day")
    rules.check_offer(draft.kind, offered=draft.seats_offered, taken=taken)


def _refuse_title(
    session: Session, title: str, call: ProjectCall | None, *, but: Project | None = None
) -> None:
    if call is None:
        return
    for other in queries.proposals_of(session, call.id):
        if other is not but and other.title.casefold() == title.casefold():
            raise TitleTaken("A proposal to this call has this title already.", field="title")


def _in_words(budget: Budget) -> dict[str, str]:
    return {
        "Who pays": budget.source or "",
        "Budget": told(budget.amount) if budget.amount else "",
    }


def _taken(session: Session, project: Project) -> int:
    found = select(func.coalesce(func.sum(ProjectSeats.seats), 0))
    return session.scalar(found.where(ProjectSeats.project_id == project.id)) or 0


def _set_challenges(session: Session, project: Project, ids: tuple[int, ...]) -> bool:
    tie = ProjectChallenge
    return ties.keep(session, tie.project_id, project.id, tie.challenge_id, ids)
