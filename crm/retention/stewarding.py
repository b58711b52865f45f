"""Looking after a member: its first ninety days, its goals, its reviews, its budget month.

Whatever is to be done is a task, with its day and its owner; what is kept here says what it is for.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.activities import operations as activities
from crm.activities.operations import NewTask
from crm.companies.models import Company
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.memberships.models import Membership
from crm.memberships.rules import IN_FORCE, OVER, Status, years_of
from crm.programme.models import Programme
from crm.retention.models import CompanyBudget, Goal, OnboardingItem, Review
from crm.retention.rules import GoalState, ReviewKind, is_new


class NotNow(RuleBroken):
    """This is not done at this point of a membership."""


class AlreadyPlanned(RuleBroken):
    """One of a kind: of a year, or of a membership."""


def begin_onboarding(
    session: Session,
    membership: Membership,
    *,
    owner_id: int | None,
    by: Actor,
    now: datetime,
    today: date,
) -> list[OnboardingItem]:
    """A task for each item of the programme's list that is not there yet.

    Days count from the start of the term; what would be late at once is due today. Raises `NotNow`
    for a term nobody has signed, or not new any more, and where there is nothing to add.
    """
    lock(session, membership)
    if membership.status_on(today) not in IN_FORCE | {Status.UPCOMING}:
        raise NotNow("Onboarding begins when both sides have signed.")
    if not is_new(membership.starts_on, today):
        raise NotNow("Onboarding is for the first year of a term.")
    facts = session.scalar(select(Programme.facts)) or {}
    there = set(
        session.scalars(
            select(OnboardingItem.key).where(OnboardingItem.membership_id == membership.id)
        )
    )
    added = []
    for item in facts.get("onboarding") or ():
        if item["key"] in there:
            continue
        draft = NewTask(
            title=item["name"],
            due_on=max(membership.starts_on + timedelta(days=item["days"]), today),
            owner_id=owner_id or membership.company.owner_id,
            company_id=membership.company_id,
        )
        task = activities.add_task(session, draft, by=by, now=now)
        added.append(OnboardingItem(membership_id=membership.id, key=item["key"], task_id=task.id))
    if not added:
        raise NotNow("Everything on the programme's list is there already.")
    session.add_all(added)
    session.flush()
    return added


def set_goal(
    session: Session,
    company_id: int,
    text: str,
    *,
    by_on: date | None,
    owner_id: int | None,
    today: date,
) -> Goal:
    """Write down what a company wants, and by when. Without an owner it is the manager's."""
    company = session.get(Company, company_id)
    if company is None:
        raise NotFound("There is no such company.")
    goal = Goal(
        company_id=company_id,
        text=text,
        set_on=today,
        by_on=by_on,
        owner_id=owner_id or company.owner_id,
    )
    session.add(goal)
    session.flush()
    return goal


def close_goal(session: Session, goal: Goal, state: GoalState, *, today: date) -> None:
    """Reached, given up, or open again after all."""
    goal.state = state
    goal.closed_on = None if state is GoalState.OPEN else today
    session.flush()


def plan_review(
    session: Session,
    membership: Membership,
    kind: ReviewKind,
    *,
    year: int,
    due_on: date,
    owner_id: int | None,
    by: Actor,
    now: datetime,
    today: date,
) -> Review:
    """A day and an owner for the annual review of a membership year, or for the exit interview.

    Raises `NotNow` or `AlreadyPlanned`.
    """
    lock(session, membership)
    status = membership.status_on(today)
    if kind is ReviewKind.EXIT:
        year = 0
        if status not in OVER - {Status.WITHDRAWN} and membership.terminated_on is None:
            raise NotNow("An exit interview is for one that left.")
    elif membership.executed_on is None or not 1 <= year <= years_of(membership.term):
        raise NotNow("The term has no such year.", field="year")
    known = select(Review.id).where(
        Review.membership_id == membership.id, Review.kind == kind, Review.year == year
    )
    if session.scalar(known) is not None:
        raise AlreadyPlanned("It is planned, or was held, already.", field="year")
    title = "Exit interview" if kind is ReviewKind.EXIT else f"Annual review of year {year}"
    draft = NewTask(
        title=title,
        due_on=due_on,
        owner_id=owner_id or membership.company.owner_id,
        company_id=membership.company_id,
    )
    task = activities.add_task(session, draft, by=by, now=now)
    review = Review(membership_id=membership.id, kind=kind, year=year, task_id=task.id)
    session.add(review)
    session.flush()
    return review


def record_review(
    session: Session,
    review: Review,
    *,
    held_on: date,
    said: str,
    outcome: str | None,
    version: int,
    by: Actor,
    today: date,
) -> None:
    """What was said and what came of it; its task is done. Raises `NotNow` or `Stale`."""
    if held_on > today:
        raise NotNow("It is recorded when it was held: choose today or earlier.", field="held_on")
    if review.version != version:
        raise Stale("this review", theirs={"Said": review.said or ""}, yours={"Said": said})
    review.held_on, review.said, review.outcome = held_on, said, outcome
    review.by_name = by.name
    if review.task.dropped_on is None:
        activities.complete(session, review.task, on=held_on)
    session.flush()


def set_budget_month(session: Session, company_id: int, month: int, note: str | None) -> None:
    """When the company decides on next year's money."""
    if session.get(Company, company_id) is None:
        raise NotFound("There is no such company.")
    known = session.get(CompanyBudget, company_id)
    if known is None:
        known = CompanyBudget(id=company_id, month=month, note=note)
        try:
            with session.begin_nested():
                session.add(known)
                session.flush()
        except IntegrityError:  # somebody else said so just now
            known = session.get_one(CompanyBudget, company_id)
    known.month, known.note = month, note
    session.flush()
