"""Looking after a member: what is to be done is a task; what was said is kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from crm.activities import operations as activities
from crm.activities.models import Task
from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, Stale
from crm.memberships import queries as memberships
from crm.retention import queries, stewarding
from crm.retention.rules import GoalState, ReviewKind
from crm.retention.stewarding import AlreadyPlanned, NotNow
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory, UserFactory
from tests.factories.memberships import MembershipFactory

SAM = Actor(1, "Sam Okafor")
EDGE = {"by": SAM, "now": NOW, "today": TODAY}


def a_term(session, **more):
    company = CompanyFactory(owner_id=UserFactory().id)
    facts = {"starts_on": date(2026, 6, 1), **more}
    return memberships.get(session, MembershipFactory(company=company, **facts).id)


def begin(session, term):
    return stewarding.begin_onboarding(session, term, owner_id=None, **EDGE)


def test_onboarding_is_the_programmes_list_as_tasks(session):
    term = a_term(session)
    begin(session, term)
    items = queries.onboarding_of(session, term.id)
    assert (items[0].task.title, items[-1].task.title) == (
        "Welcome call with the champion",
        "First review with champion and faculty",
    )
    assert items[0].task.due_on == TODAY  # day 3 has passed
    assert items[-1].task.due_on == date(2026, 8, 30)
    assert {item.task.owner_id for item in items} == {term.company.owner_id}
    assert {item.task.company_id for item in items} == {term.company_id}
    with pytest.raises(NotNow, match="there already"):
        begin(session, term)
    assert session.scalar(select(func.count()).select_from(Task)) == len(items)


@pytest.mark.parametrize(
    "facts",
    [
        {"drafted": True},
        {"starts_on": date(2022, 1, 1)},
        {"starts_on": date(2025, 6, 15)},  # its first year is over today
    ],
)
def test_onboarding_waits_for_signatures_and_is_over_with_the_term(session, facts):
    with pytest.raises(NotNow):
        begin(session, a_term(session, **facts))


def test_a_goal_is_set_reached_and_opened_again(session):
    term = a_term(session)
    goal = stewarding.set_goal(
        session, term.company_id, "Two hires a year", by_on=None, owner_id=None, today=TODAY
    )
    assert (goal.owner_id, goal.state) == (term.company.owner_id, GoalState.OPEN)
    stewarding.close_goal(session, goal, GoalState.REACHED, today=TODAY)
    assert goal.closed_on == TODAY
    stewarding.close_goal(session, goal, GoalState.OPEN, today=TODAY)
    assert goal.closed_on is None
    assert [one.id for one in queries.goals_of(session, term.company_id)] == [goal.id]
    with pytest.raises(NotFound):
        stewarding.set_goal(session, 4711, "?", by_on=None, owner_id=None, today=TODAY)


def plan(session, term, kind=ReviewKind.ANNUAL, year=1):
    return stewarding.plan_review(
        session, term, kind, year=year, due_on=TODAY + timedelta(days=9), owner_id=None, **EDGE
    )


def record(session, review, said="Likes the lean group", version=None, held_on=TODAY):
    stewarding.record_review(
        session, review, held_on=held_on, said=said, outcome="Renews", by=SAM, today=TODAY,
        version=review.version if version is None else version,
    )  # fmt: skip


def test_a_review_a_year_is_planned_held_and_kept(session):
    term = a_term(session)
    review = queries.get_review(session, plan(session, term).id)
    assert review.task.title == "Annual review of year 1"
    with pytest.raises(AlreadyPlanned):
        plan(session, term)
    for year in (0, 4):
        with pytest.raises(NotNow):
            plan(session, term, year=year)
    with pytest.raises(NotNow, match="was held"):
        record(session, review, held_on=TODAY + timedelta(days=1))
    record(session, review)
    assert (review.task.done_on, review.said, review.by_name) == (
        TODAY, "Likes the lean group", "Sam Okafor",
    )  # fmt: skip
    with pytest.raises(Stale):
        record(session, review, said="Older", version=1)
    record(session, review, said="Likes it, put right")
    told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "review")).all()
    assert {(e.parent_kind, e.parent_id) for e in told} == {("membership", term.id)}
    assert "lean" not in str([entry.changes for entry in told])  # what people said is personal


def test_a_review_whose_task_was_dropped_can_be_recorded(session):
    review = queries.get_review(session, plan(session, a_term(session)).id)
    activities.drop(session, review.task, on=TODAY)
    record(session, review)
    assert (review.held_on, review.task.done_on) == (TODAY, None)


def test_an_exit_interview_is_for_one_that_left_and_once(session):
    with pytest.raises(NotNow):
        plan(session, a_term(session), ReviewKind.EXIT)
    gone = a_term(session, starts_on=date(2022, 1, 1))
    review = plan(session, gone, ReviewKind.EXIT)
    assert (review.year, session.get_one(Task, review.task_id).title) == (0, "Exit interview")
    with pytest.raises(AlreadyPlanned):
        plan(session, gone, ReviewKind.EXIT)


def test_the_budget_month_is_noted_and_changed(session):
    company_id = a_term(session).company_id
    stewarding.set_budget_month(session, company_id, 9, "The CFO")
    stewarding.set_budget_month(session, company_id, 10, None)
    budget = queries.budget_of(session, company_id)
    assert (budget.month, budget.note) == (10, None)
    with pytest.raises(NotFound):
        stewarding.set_budget_month(session, 4711, 1, None)
