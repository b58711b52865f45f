"""The page on which a member is looked after."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from crm.activities.models import Task
from crm.retention.models import Goal, Review
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory


@pytest.fixture
def member(session, sam):
    company = CompanyFactory(name="Verano", owner_id=sam.user_id)
    made = MembershipFactory(company=company, starts_on=date(2026, 6, 1))
    gone = MembershipFactory(company=CompanyFactory(name="Gone"), starts_on=date(2022, 1, 1))
    draft = MembershipFactory(company=CompanyFactory(name="Draft"), drafted=True)
    known = SimpleNamespace(id=made.id, gone=gone.id, draft=draft.id)
    session.commit()
    known.page = f"/office/memberships/{known.id}/stewardship"
    return known


def test_onboarding_is_begun_shown_and_done_by_its_owner(member, session, sam):
    page = sam.get(member.page)
    assert "Onboarding has not begun" in page.words
    sam.post(f"{member.page}/onboarding")
    assert "0 of 8 done" in sam.get(member.page).words
    assert "Welcome call with the champion" in sam.get("/office/tasks").words
    first = session.scalars(select(Task.id).order_by(Task.id)).first()
    session.rollback()
    sam.post(f"/office/tasks/{first}/complete")
    assert "1 of 8 done" in sam.get(member.page).words
    sam.post(f"{member.page}/onboarding", status=422)


def test_goals_reviews_and_the_budget_month(member, session, sam):
    sam.post(f"{member.page}/goals", {"text": ""}, status=422)
    sam.post(f"{member.page}/goals", {"text": "Two hires a year", "by_on": "2027-06-01"})
    sam.post(f"{member.page}/budget", {"month": "9", "note": "The CFO decides"})
    sam.post(f"{member.page}/budget", {"month": "13"}, status=422)
    sam.post(f"{member.page}/reviews", {"year": "1", "due_on": "2027-04-01"})
    sam.post(f"{member.page}/reviews", {"year": "1", "due_on": "2027-04-01"}, status=422)
    words = sam.get(member.page).words
    for told in (
        "Two hires a year",
        "by Jun 1, 2027",
        "decided in September",
        "The CFO decides",
        "Annual review of year 1",
        "planned for Apr 1, 2027",
    ):
        assert told in words
    goal, review = session.scalar(select(Goal.id)), session.scalar(select(Review.id))
    session.rollback()
    sam.post(f"{member.page}/goals/{goal}", {"state": "reached"})
    assert "Reached Jun 15, 2026" in sam.get(member.page).words
    sam.post(f"{member.page}/goals/{goal}", {"state": "forgotten"}, status=404)
    sam.post(f"/office/memberships/{member.gone}/stewardship/goals/{goal}", {"state": "open"}, 404)
    held = {"held_on": "2026-06-15", "said": "Likes the lean group", "version": "1"}
    sam.post(f"/office/memberships/reviews/{review}", {**held, "held_on": "2026-06-16"}, 422)
    sam.post(f"/office/memberships/reviews/{review}", held)
    assert "Likes the lean group" in sam.get(member.page).words
    sam.post(f"/office/memberships/reviews/{review}", held, status=409)


def test_one_that_left_is_asked_why(member, sam):
    assert "exit interview" not in sam.get(member.page).words
    page = f"/office/memberships/{member.gone}/stewardship"
    assert "Plan the exit interview" in sam.get(page).words
    sam.post(f"{page}/exit", {"due_on": "2026-07-01"})
    words = sam.get(page).words
    assert "Exit interview" in words
    assert "Plan the exit interview" not in words
    sam.post(f"{member.page}/exit", {"due_on": "2026-07-01"}, status=422)


def test_who_may_see_it_and_who_may_change_it(member, session, rea, fay, sam):
    words = rea.get(member.page).words
    assert "Set a goal" not in words
    assert "Begin onboarding" not in words
    rea.post(f"{member.page}/goals", {"text": "x"}, status=403)
    fay.get(member.page, status=403)
    assert "Looked after" not in fay.get(f"/office/memberships/{member.id}").words
    assert "Looked after" in rea.get(f"/office/memberships/{member.id}").words
    sam.get(f"/office/memberships/{member.draft}/stewardship", status=404)
    assert "Looked after" not in sam.get(f"/office/memberships/{member.draft}").words
    assert session.scalar(select(Goal.id)) is None
