"""How a member is looked after: what it wants, what the reviews said, what its renewal waits for.

In a company's story: `budget` (month, note); `goals` (text, set, and by, reached or given_up);
`outcomes` of its dossier (on, text, and told: when somebody chose it);
`reviews` of its newest term (year, on, by, and once it is held said and outcome); `renewal` (on,
by, likelihood, note, next as a task). Days are told from today.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from crm.activities.operations import NewTask
from crm.memberships.models import Membership
from crm.retention import highlighting, queries, stewarding
from crm.retention import operations as renewals
from crm.retention.highlighting import NewHighlight
from crm.retention.models import Goal
from crm.retention.operations import Plan
from crm.retention.rules import GoalState, ReviewKind
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

PLANNED_BEFORE = timedelta(days=28)
"""A review has its day so long before."""
ENDS = {"reached": GoalState.REACHED, "given_up": GoalState.GIVEN_UP}
"""How a goal of the stories ends."""
NOTED, SET, PLANNED, HELD, EXPECTED = 310, 320, 330, 340, 350


def gather(chronicle: Chronicle, membership: Membership, story: Facts) -> None:
    """Tell of it from the day on which both sides have signed the term."""
    care = _Care(chronicle, membership.id, membership.company_id, story["owner"])
    if "budget" in story:
        care.note_budget(story["budget"])
    for goal in story.get("goals", ()):
        care.set_goal(goal)
    for outcome in story.get("outcomes", ()):
        care.choose(outcome)
    for review in story.get("reviews", ()):
        care.review(review)
    if "renewal" in story:
        care.expect(story["renewal"])


class _Care:
    def __init__(
        self, chronicle: Chronicle, membership_id: int, company_id: int, owner: str
    ) -> None:
        self._chronicle, self._session = chronicle, chronicle.session
        self._calendar = chronicle.calendar
        self._membership_id, self._company_id, self._owner = membership_id, company_id, owner

    def note_budget(self, told: Facts) -> None:
        def note(_: Moment) -> None:
            stewarding.set_budget_month(
                self._session, self._company_id, told["month"], told.get("note")
            )

        self._chronicle.add(self._calendar.workday(told["on"]), NOTED, self._owner, note)

    def set_goal(self, told: Facts) -> None:
        calendar = self._calendar

        def begin(moment: Moment) -> None:
            goal = stewarding.set_goal(
                self._session,
                self._company_id,
                told["text"],
                by_on=calendar.day(told["by"]) if "by" in told else None,
                owner_id=self._chronicle.actor(self._owner).id,
                today=moment.today,
            )
            for key, state in ENDS.items():
                if key in told:
                    end = partial(self._end, goal, state)
                    self._chronicle.add(calendar.workday(told[key]), SET, self._owner, end)

        self._chronicle.add(calendar.workday(told["set"]), SET, self._owner, begin)

    def _end(self, goal: Goal, state: GoalState, moment: Moment) -> None:
        stewarding.close_goal(self._session, goal, state, today=moment.today)

    def choose(self, told: Facts) -> None:
        def choose(moment: Moment) -> None:
            wanted = NewHighlight(text=told["text"], on=self._calendar.workday(told["on"]))
            highlighting.choose(
                self._session, self._company_id, wanted, by=moment.by, today=moment.today
            )

        chosen = self._calendar.workday(told.get("told", told["on"]))
        self._chronicle.add(chosen, HELD, self._owner, choose)

    def review(self, told: Facts) -> None:
        calendar, by = self._calendar, told.get("by", self._owner)
        on = calendar.workday(told["on"])

        def plan(moment: Moment) -> None:
            review = stewarding.plan_review(
                self._session, self._membership(), ReviewKind.ANNUAL, year=told["year"],
                due_on=on, owner_id=self._chronicle.actor(by).id,
                by=moment.by, now=moment.now, today=moment.today,
            )  # fmt: skip
            if "said" in told:
                self._chronicle.add(on, HELD, by, partial(self._hold, review.id, told))

        planned = min(on - PLANNED_BEFORE, calendar.workday(-1))
        self._chronicle.add(planned, PLANNED, by, plan)

    def _hold(self, review_id: int, told: Facts, moment: Moment) -> None:
        review = queries.get_review(self._session, review_id)
        stewarding.record_review(
            self._session, review, held_on=moment.today, said=told["said"],
            outcome=told.get("outcome"), version=review.version, by=moment.by, today=moment.today,
        )  # fmt: skip

    def expect(self, told: Facts) -> None:
        def expect(moment: Moment) -> None:
            membership = self._membership()
            wanted = Plan(likelihood=told["likelihood"], note=told.get("note"))
            renewals.plan(self._session, membership, wanted, version=0)
            step = told["next"]
            draft = NewTask(
                title=step["title"],
                due_on=self._calendar.workday(step["due"]),
                owner_id=self._chronicle.actor(step["owner"]).id,
            )
            renewals.take_step(self._session, membership, draft, by=moment.by, now=moment.now)

        by = told.get("by", self._owner)
        self._chronicle.add(self._calendar.workday(told["on"]), EXPECTED, by, expect)

    def _membership(self) -> Membership:
        return self._session.get_one(Membership, self._membership_id)
