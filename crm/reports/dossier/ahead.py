"""What lies ahead of a company: meetings, publications, milestones, ends; no sums."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.meeting_models import Meeting
from crm.council.models import Body, Place, Seat
from crm.kit.days import runs_on
from crm.kit.periods import Period
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.partnerships.models import Contribution
from crm.partnerships.queries import stage_on
from crm.partnerships.rules import HELD
from crm.projects.models import Project, ProjectMilestone
from crm.projects.people_models import ProjectCompany
from crm.projects.rules import OVER
from crm.retention.models import Goal
from crm.retention.rules import GoalState
from crm.working_groups.models import Deliverable
from crm.working_groups.rules import OVER as DONE

DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Coming:
    on: date
    what: str
    url: str


def coming(session: Session, company_id: int, days: Period, *, viewer: Viewer) -> Sequence[Coming]:
    """Within some days, the soonest first; what they are known to hold today. Of bodies it has a
    seat or a place in on the day before."""
    eve = days.starts_on - DAY
    found = [*_terms(session, company_id, eve), *_goals(session, company_id)]
    if viewer.may(P.COUNCIL_READ):
        found += [
            *_meetings(session, company_id, eve, days),
            *_deliverables(session, company_id, eve),
        ]
    if viewer.may(P.PROJECTS_READ):
        found += _projects(session, company_id)
    if viewer.may(P.ENGAGEMENTS_READ):
        found += _loans(session, company_id, eve)
    return sorted((one for one in found if one.on in days), key=lambda one: (one.on, one.what))


def _terms(session: Session, company_id: int, day: date) -> Iterable[Coming]:
    found = select(Membership.id, memberships.RUNS_BEFORE).where(
        Membership.company_id == company_id, memberships.in_force_on(day)
    )
    for id_, ends_before in session.execute(found):
        yield Coming(
            on=ends_before - DAY,
            what="Last day of the membership term",
            url=f"/office/memberships/{id_}",
        )


def _goals(session: Session, company_id: int) -> Iterable[Coming]:
    found = select(Goal).where(Goal.company_id == company_id, Goal.state == GoalState.OPEN)
    for goal in session.scalars(found):
        if goal.by_on is not None:
            yield Coming(
                on=goal.by_on, what=f"Goal: {goal.text}", url=f"/office/companies/{company_id}"
            )


def _meetings(session: Session, company_id: int, eve: date, days: Period) -> Iterable[Coming]:
    member = exists().where(Membership.company_id == company_id, memberships.in_force_on(eve))
    seat = member & exists().where(Seat.body_id == Meeting.body_id, Seat.company_id == company_id)
    place = exists().where(
        Place.body_id == Meeting.body_id, Place.company_id == company_id, runs_on(Place, eve)
    )
    found = (
        select(Meeting.id, Meeting.title, Meeting.starts_local, Body.name)
        .join(Meeting.body)
        .where(
            Meeting.cancelled_on.is_(None),
            Meeting.starts_local >= datetime.combine(days.starts_on, time.min),
            seat | place,
        )
    )
    for id_, title, starts, body in session.execute(found):
        yield Coming(on=starts.date(), what=f"{body}: {title}", url=f"/office/meetings/{id_}")


def _deliverables(session: Session, company_id: int, eve: date) -> Iterable[Coming]:
    place = exists().where(
        Place.body_id == Deliverable.group_id,
        Place.company_id == company_id,
        runs_on(Place, eve),
    )
    found = (
        select(Deliverable.id, Deliverable.title, Deliverable.due_on, Body.name)
        .join(Body, Body.id == Deliverable.group_id)
        .where(Deliverable.stage.not_in(DONE), place)
    )
    for id_, title, due_on, group in session.execute(found):
        if due_on is not None:
            yield Coming(
                on=due_on,
                what=f"{group}: {title} is due",
                url=f"/office/working-groups/deliverables/{id_}",
            )


def _projects(session: Session, company_id: int) -> Iterable[Coming]:
    theirs = Project.stage.not_in(OVER) & exists().where(
        ProjectCompany.project_id == Project.id, ProjectCompany.company_id == company_id
    )
    milestones = (
        select(ProjectMilestone.title, ProjectMilestone.due_on, Project.id, Project.title)
        .join(ProjectMilestone.project)
        .where(theirs, ProjectMilestone.done_on.is_(None))
    )
    for title, due_on, id_, project in session.execute(milestones):
        yield Coming(on=due_on, what=f"{project}: {title}", url=f"/office/projects/{id_}")
    days = select(Project.id, Project.title, Project.starts_on, Project.ends_before).where(theirs)
    for id_, title, starts_on, ends_before in session.execute(days):
        url = f"/office/projects/{id_}"
        if starts_on is not None:
            yield Coming(on=starts_on, what=f"{title} begins", url=url)
        if ends_before is not None:
            yield Coming(on=ends_before - DAY, what=f"{title} ends", url=url)


def _loans(session: Session, company_id: int, eve: date) -> Iterable[Coming]:
    found = select(
        Contribution.id,
        Contribution.title,
        Contribution.loan_ends_on,
        Contribution.licence_ends_on,
    ).where(Contribution.company_id == company_id, stage_on(eve).in_(HELD))
    for id_, title, loan, licence in session.execute(found):
        url = f"/office/engagements/contributions/{id_}"
        if loan is not None:
            yield Coming(on=loan, what=f"Loan of {title} ends", url=url)
        if licence is not None:
            yield Coming(on=licence, what=f"Licence of {title} ends", url=url)
