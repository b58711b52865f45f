"""Which terms stand on the board of a day, and the rates of those that ended."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.activities.operations import NewTask
from crm.kit.actors import Actor
from crm.memberships import queries as memberships
from crm.reports import membership_runs, renewals
from crm.retention import operations
from crm.retention.operations import Plan
from crm.retention.rules import Lane
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory, UserFactory
from tests.factories.memberships import MembershipFactory

SAM = Actor(1, "Sam Okafor")


def ending(days, name, **more):
    """One year, with so many days left."""
    end = TODAY + timedelta(days=days)
    start = date(end.year - 1, end.month, end.day)
    return MembershipFactory(
        company=CompanyFactory(name=name), starts_on=start, ends_before=end, years=1, **more
    )


def dropped_renewal(term):
    """A renewal that both signed, and that was terminated before it began."""
    return MembershipFactory(
        company=term.company, starts_on=term.ends_before, terminated_on=term.ends_before,
        termination_reason="Sold", occupied_before=term.ends_before, predecessor_id=term.id,
    )  # fmt: skip


def board(session, **more):
    return {one.company: one for one in renewals.endings(session, TODAY, **more)}


def test_terms_stand_under_their_days_until_a_successor_is_signed(session):
    ending(100, "Soon")
    ending(-10, "Grace")
    ending(-200, "Lapsed")
    followed = ending(20, "Followed")
    MembershipFactory(company=followed.company, starts_on=followed.ends_before)
    back = ending(-300, "Came back")
    MembershipFactory(company=back.company, starts_on=TODAY - timedelta(days=30))
    waiting = ending(25, "Waits")
    draft = MembershipFactory(company=waiting.company, starts_on=waiting.ends_before, unsigned=True)
    withdrawn = ending(26, "Withdrawn")
    MembershipFactory(
        company=withdrawn.company, starts_on=withdrawn.ends_before, unsigned=True,
        withdrawn_on=TODAY, withdrawal_reason="No", occupied_before=withdrawn.ends_before,
    )  # fmt: skip
    ending(40, "Unsigned", unsigned=True)
    ending(40, "Terminated", terminated_on=TODAY, termination_reason="Sold", occupied_before=TODAY)
    ending(100, "Extended", extended=500)
    found = board(session)
    assert {name: one.lane for name, one in found.items()} == {
        "Lapsed": Lane.LAPSED, "Grace": Lane.GRACE, "Waits": Lane.D30, "Withdrawn": Lane.D30,
        "Soon": Lane.D180,
    }  # fmt: skip
    assert list(found) == ["Lapsed", "Grace", "Waits", "Withdrawn", "Soon"]
    assert (found["Waits"].drafted_id, found["Withdrawn"].drafted_id) == (draft.id, None)


def test_a_term_brings_its_plan_and_its_open_step(session):
    owner = UserFactory(name="Una Berg")
    made = ending(100, "Soon")
    made.company.owner = owner
    other = ending(100, "Other")
    term = memberships.get(session, made.id)
    operations.plan(session, term, Plan(likelihood=70), version=0)
    operations.take_step(
        session, term, NewTask(title="Send the dossier", due_on=TODAY), by=SAM, now=NOW
    )
    one = board(session)["Soon"]
    assert (one.owner, one.likelihood, one.step, one.step_on) == (
        "Una Berg", 70, "Send the dossier", TODAY,
    )  # fmt: skip
    assert list(board(session, owner_id=owner.id)) == ["Soon"]
    assert list(board(session, membership_id=other.id)) == ["Other"]


@pytest.mark.parametrize(
    ("gap", "name"), [(0, "in_time"), (1, "after_gap"), (400, "after_gap"), (None, "left")]
)
def test_what_came_of_a_term_is_counted_once(session, gap, name):
    first = ending(-500, "One", fee_minor=700)
    if gap is not None:
        MembershipFactory(
            company=first.company, starts_on=first.ends_before + timedelta(days=gap), years=5
        )
    (row,) = renewals.rates(session, TODAY)
    assert (row.year, row.terms.ended, getattr(row.terms, name)) == (first.starts_on.year, 1, 1)
    assert getattr(row.fees, name) == 700


def test_a_termination_ends_a_term_on_its_day(session):
    ending(
        300, "Sold", terminated_on=TODAY - timedelta(days=5), termination_reason="Sold",
        occupied_before=TODAY - timedelta(days=5),
    )  # fmt: skip
    (row,) = renewals.rates(session, TODAY)
    assert (row.terms.left, row.terms.attrition_rate) == (1, 100)
    assert renewals.rates(session, TODAY - timedelta(days=6)) == []


def test_a_renewal_that_never_began_renews_nothing(session):
    """Grace is not cut short by it, and nobody counts it as a success."""
    grace, over = ending(-10, "Grace"), ending(-100, "Over")
    for term in (grace, over):
        dropped_renewal(term)
    found = board(session)
    assert {name: one.lane for name, one in found.items()} == {
        "Grace": Lane.GRACE, "Over": Lane.LAPSED,
    }  # fmt: skip
    assert {one.drafted_id for one in found.values()} == {None}
    statuses = memberships.statuses_on(session, [grace, over], TODAY)
    assert [statuses[term.id].value for term in (grace, over)] == ["grace", "lapsed"]
    runs = membership_runs.of_all(session, TODAY)[grace.company_id]
    assert [run.ends_before for run in runs] == [grace.ends_before + timedelta(days=60)]
    counted = [row.terms for row in renewals.rates(session, TODAY)]
    assert [(of.ended, of.in_time, of.left, of.open) for of in counted] == [(2, 0, 1, 1)]
