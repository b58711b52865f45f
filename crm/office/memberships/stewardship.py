"""How a member is looked after: a page beside its membership, and its acts."""

from __future__ import annotations

from calendar import month_name
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.activities.models import Task
from crm.kit.errors import NotFound
from crm.kit.periods import anniversary
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.memberships.rules import IN_FORCE, OVER, Status, years_of
from crm.office.acts import Act, carry_out
from crm.office.memberships.acts import act_on, edge
from crm.office.memberships.care_forms import (
    BudgetForm,
    ExitForm,
    GoalForm,
    HeldForm,
    OwnedForm,
    ReviewForm,
)
from crm.office.memberships.views import pages
from crm.reports.companies import options
from crm.retention import queries, stewarding
from crm.retention.models import Review
from crm.retention.rules import GoalState, ReviewKind, is_new
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer

REVIEW_BEFORE = timedelta(days=60)
"""So long before the end of its year a review is proposed."""


@pages.get("/memberships/<id:membership_id>/stewardship", needs=P.PIPELINE_READ)
def stewardship(membership_id: int) -> str:
    today = programme.today()
    membership = _signed(membership_id)
    status = memberships.statuses_on(db.session(), [membership], today)[membership_id]
    items = queries.onboarding_of(db.session(), membership_id)
    reviews = queries.reviews_of(db.session(), membership_id)
    budget = queries.budget_of(db.session(), membership.company_id)
    may_edit = the_viewer().may(P.MEMBERSHIPS_EDIT)
    return render_template(
        "office/memberships/stewardship.html",
        membership=membership,
        status=status,
        today=today,
        items=[_task(item.task, today) for item in items],
        done=sum(item.task.done_on is not None for item in items),
        may_begin=may_edit
        and status in IN_FORCE | {Status.UPCOMING}
        and is_new(membership.starts_on, today),
        goals=queries.goals_of(db.session(), membership.company_id),
        reviews=[(review, _title(review), _task(review.task, today)) for review in reviews],
        may_review=may_edit and bool(_open_years(membership, reviews)),
        may_exit=may_edit
        and _has_left(membership, status)
        and all(review.kind is not ReviewKind.EXIT for review in reviews),
        budget=budget,
        budget_month=month_name[budget.month] if budget else "",
        may_edit=may_edit,
    )


@pages.form("/memberships/<id:membership_id>/stewardship/onboarding", needs=P.MEMBERSHIPS_EDIT)
def begin_onboarding(membership_id: int) -> ResponseReturnValue:
    membership = _signed(membership_id)
    form = OwnedForm.of_request()
    form.offer(options(db.session()).owners)
    act = act_on(
        membership,
        "begin_onboarding",
        back=_page_of(membership),
        title="Begin onboarding",
        says=("Each item of the programme's list becomes a task, with its day.",),
        submit="Begin onboarding",
        done="The tasks are on the list.",
    )
    return carry_out(
        act,
        form,
        lambda: stewarding.begin_onboarding(
            db.session(), membership, owner_id=form.owner_id, **edge()
        ),
    )


@pages.form("/memberships/<id:membership_id>/stewardship/goals", needs=P.MEMBERSHIPS_EDIT)
def set_goal(membership_id: int) -> ResponseReturnValue:
    membership = _signed(membership_id)
    form = GoalForm.of_request()
    form.offer(options(db.session()).owners)
    act = act_on(
        membership,
        "set_goal",
        back=_page_of(membership),
        title="Set a goal",
        says=("What the company itself wants of its membership, in its own words.",),
        submit="Set goal",
        done="The goal is set.",
    )
    return carry_out(
        act,
        form,
        lambda: stewarding.set_goal(
            db.session(),
            membership.company_id,
            form.text.data,
            by_on=form.by_on.data,
            owner_id=form.owner_id,
            today=programme.today(),
        ),
    )


@pages.post(
    "/memberships/<id:membership_id>/stewardship/goals/<id:goal_id>", needs=P.MEMBERSHIPS_EDIT
)
def close_goal(membership_id: int, goal_id: int) -> ResponseReturnValue:
    """Reached, given up, or open again."""
    membership = _signed(membership_id)
    goal = queries.get_goal(db.session(), goal_id)
    word = request.form.get("state", "")
    if goal.company_id != membership.company_id or word not in set(GoalState):
        raise NotFound("There is no such goal, or it cannot be that.")
    stewarding.close_goal(db.session(), goal, GoalState(word), today=programme.today())
    flash(f"The goal is {word}.", "success")
    return redirect(_page_of(membership))


@pages.form("/memberships/<id:membership_id>/stewardship/reviews", needs=P.MEMBERSHIPS_EDIT)
def plan_review(membership_id: int) -> ResponseReturnValue:
    membership = _signed(membership_id)
    years = _open_years(membership, queries.reviews_of(db.session(), membership_id))
    form = ReviewForm.of_request(due_on=_proposed_day(membership, years))
    form.offer(options(db.session()).owners)
    form.year.choices = {str(year): f"Year {year}" for year in years}
    act = act_on(
        membership,
        "plan_review",
        back=_page_of(membership),
        title="Plan an annual review",
        says=("Once a year: what the membership has brought, and what comes next.",),
        submit="Plan review",
        done="The review is planned, and on the list of tasks.",
    )
    return carry_out(act, form, lambda: _plan(membership, ReviewKind.ANNUAL, form))


@pages.form("/memberships/<id:membership_id>/stewardship/exit", needs=P.MEMBERSHIPS_EDIT)
def plan_exit(membership_id: int) -> ResponseReturnValue:
    membership = _signed(membership_id)
    form = ExitForm.of_request()
    form.offer(options(db.session()).owners)
    act = act_on(
        membership,
        "plan_exit",
        back=_page_of(membership),
        title="Plan the exit interview",
        says=("Why the company left, what it would have needed, and whether it may come back.",),
        submit="Plan interview",
        done="The interview is planned, and on the list of tasks.",
    )
    return carry_out(act, form, lambda: _plan(membership, ReviewKind.EXIT, form))


@pages.form("/memberships/reviews/<id:review_id>", needs=P.MEMBERSHIPS_EDIT)
def record_review(review_id: int) -> ResponseReturnValue:
    review = queries.get_review(db.session(), review_id)
    form = HeldForm.of_request(
        held_on=review.held_on or programme.today(),
        said=review.said,
        outcome=review.outcome,
        version=review.version,
    )
    back = _page_of(review.membership)
    act = Act(
        title=f"Record: {_title(review)}",
        says=("Its task is done with it. It can be put right later.",),
        submit="Record",
        done="It is recorded.",
        url=url_for("memberships.record_review", review_id=review_id),
        back=back,
        trail=((review.membership.company.name, back),),
    )
    return carry_out(
        act,
        form,
        lambda: stewarding.record_review(
            db.session(),
            review,
            held_on=form.held_on.data,
            said=form.said.data,
            outcome=form.outcome.data or None,
            version=form.version.data or 0,
            by=the_viewer().actor,
            today=programme.today(),
        ),
    )


@pages.form("/memberships/<id:membership_id>/stewardship/budget", needs=P.MEMBERSHIPS_EDIT)
def set_budget(membership_id: int) -> ResponseReturnValue:
    membership = _signed(membership_id)
    known = queries.budget_of(db.session(), membership.company_id)
    form = BudgetForm.of_request(
        month=str(known.month) if known else "10", note=known.note if known else None
    )
    act = act_on(
        membership,
        "set_budget",
        back=_page_of(membership),
        title="Budget month",
        says=("When the company decides on next year's money: a renewal has to be there before.",),
        submit="Save",
        done="The budget month is noted.",
    )
    return carry_out(
        act,
        form,
        lambda: stewarding.set_budget_month(
            db.session(), membership.company_id, int(form.month.data), form.note.data or None
        ),
    )


def _plan(membership: Membership, kind: ReviewKind, form: Any) -> Review:
    return stewarding.plan_review(
        db.session(),
        membership,
        kind,
        year=int(form.year.data or 0) if kind is ReviewKind.ANNUAL else 0,
        due_on=form.due_on.data,
        owner_id=form.owner_id,
        **edge(),
    )


def _open_years(membership: Membership, reviews: Any) -> list[int]:
    """The membership years that have no review yet."""
    taken = {review.year for review in reviews}
    return [year for year in range(1, years_of(membership.term) + 1) if year not in taken]


def _proposed_day(membership: Membership, years: list[int]) -> date | None:
    if not years:
        return None
    end = anniversary(membership.starts_on, years[0])
    return max(end - REVIEW_BEFORE, programme.today())


def _has_left(membership: Membership, status: Status) -> bool:
    return membership.terminated_on is not None or status in OVER - {Status.WITHDRAWN}


def _title(review: Review) -> str:
    if review.kind is ReviewKind.EXIT:
        return "Exit interview"
    return f"Annual review of year {review.year}"


def _task(task: Task, today: date) -> dict[str, Any]:
    """As `macros/timeline.html` draws it."""
    over = task.done_on or task.dropped_on
    state = "late" if task.due_on < today else "today" if task.due_on == today else "ahead"
    return {
        "id": task.id,
        "title": task.title,
        "due": over or task.due_on,
        "owner": task.owner.name,
        "state": "done" if over else state,
        "over": "done" if task.done_on else "dropped" if task.dropped_on else "",
    }


def _signed(membership_id: int) -> Membership:
    membership = memberships.get(db.session(), membership_id)
    if membership.executed_on is None or membership.withdrawn_on is not None:
        raise NotFound("Only a member is looked after: nobody has signed this term yet.")
    return membership


def _page_of(membership: Membership) -> str:
    return url_for("memberships.stewardship", membership_id=membership.id)
