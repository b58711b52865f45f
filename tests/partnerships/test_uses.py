"""Which projects use a contribution, from its delivery to its return."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import Period
from crm.partnerships import contribution_stages, queries, rules, use_queries, uses
from crm.partnerships.rules import Stage
from crm.partnerships.use_models import ContributionUse
from crm.partnerships.uses import NewUse
from crm.projects import queries as projects
from crm.projects.rules import Stage as ProjectStage
from tests.conftest import NOW, TODAY
from tests.factories.partnerships import ContributionFactory, UseFactory, step
from tests.factories.projects import ProjectFactory
from tests.racing import race

BY = Actor(1, "Sam Okafor")
EDGE = {"by": BY, "now": NOW}
DELIVERED = date(2026, 1, 19)
PATH = (Stage.ACCEPTED, Stage.DELIVERED)
DAYS = st.dates(date(2026, 1, 1), date(2026, 3, 1))


def a_loan(session, stages=PATH):
    return queries.get(session, ContributionFactory(lent=True, stages=stages).id)


def a_course(session, **more):
    return projects.get(session, ProjectFactory(**{"running": True, **more}).id)


def begin(session, mill, course, starts_on=DELIVERED, ends_before=None):
    wanted = NewUse(starts_on=starts_on, ends_before=ends_before)
    return uses.begin(session, mill, course, wanted, **EDGE)


@given(DAYS, st.none() | DAYS, st.none() | DAYS, st.none() | DAYS)
def test_it_is_used_while_it_is_here(starts_on, ends_before, delivered_on, over_on):
    if ends_before is not None and ends_before <= starts_on:
        return
    here = Period(delivered_on, None) if delivered_on else None
    fits = here is not None and starts_on in here
    fits = fits and (over_on is None or (ends_before is not None and ends_before <= over_on))
    used = Period(starts_on, ends_before)
    if fits:
        rules.refuse_use(used, delivered_on=delivered_on, over_on=over_on)
    else:
        with pytest.raises(rules.NotHere):
            rules.refuse_use(used, delivered_on=delivered_on, over_on=over_on)
    until = rules.used_until(ends_before, over_on)
    assert until in (ends_before, over_on)
    assert all(until is not None and until <= day for day in (ends_before, over_on) if day)


@pytest.mark.parametrize("stages", [(), (Stage.ACCEPTED,), (*PATH, Stage.RETURNED)])
def test_what_is_not_here_is_refused_by_both(session, stages):
    mill, course = a_loan(session, stages), a_course(session)
    with pytest.raises(rules.NotHere):
        begin(session, mill, course)
    with pytest.raises(IntegrityError, match="while_here"), session.begin_nested():
        UseFactory(contribution_id=mill.id, project_id=course.id, starts_on=DELIVERED)
    assert session.scalar(select(func.count()).select_from(ContributionUse)) == 0


def test_a_day_too_early_and_what_was_never_selected(session):
    mill, course = a_loan(session), a_course(session)
    day_before = DELIVERED - timedelta(days=1)
    with pytest.raises(rules.NotHere, match="delivered on January 19, 2026"):
        begin(session, mill, course, day_before)
    with pytest.raises(IntegrityError, match="while_here"), session.begin_nested():
        UseFactory(contribution_id=mill.id, project_id=course.id, starts_on=day_before)
    with pytest.raises(RuleBroken, match="end before it begins"):
        begin(session, mill, course, ends_before=DELIVERED)
    proposed = a_course(session, running=False, stage=ProjectStage.PROPOSED)
    with pytest.raises(uses.NoSuchProject):
        begin(session, mill, proposed)


def test_one_project_uses_it_once_at_a_time(session):
    mill, course = a_loan(session), a_course(session)
    begin(session, mill, course, ends_before=date(2026, 3, 1))
    with pytest.raises(uses.UsedAlready, match="since January 19, 2026"):
        begin(session, mill, course, date(2026, 2, 1))
    again = begin(session, mill, course, date(2026, 3, 1))
    begin(session, mill, a_course(session))
    with pytest.raises(IntegrityError, match="once"), session.begin_nested():
        UseFactory(contribution_id=mill.id, project_id=course.id)
    with pytest.raises(uses.UsedAlready):
        uses.correct(session, again, NewUse(starts_on=DELIVERED), version=1, **EDGE)


def test_many_at_once_record_it_once(app, session):
    mill_id, course_id = a_loan(session).id, a_course(session).id
    session.commit()

    def record(racer):
        begin(racer, queries.get(racer, mill_id), projects.get(racer, course_id))

    assert race(app, [record] * 5).count(None) == 1


def test_a_return_and_a_use_at_once_never_contradict(app, session):
    for _ in range(3):
        mill_id, course_id = a_loan(session).id, a_course(session).id
        session.commit()

        def give_back(racer, id_=mill_id):
            mill = queries.get(racer, id_)
            edge = {**EDGE, "today": TODAY}
            contribution_stages.move(racer, mill, Stage.RETURNED, on=TODAY, reason=None, **edge)

        def record(racer, id_=mill_id, course=course_id):
            begin(racer, queries.get(racer, id_), projects.get(racer, course))

        race(app, [give_back, record])
        for use in use_queries.of_contribution(session, mill_id):
            assert use.until == TODAY
        session.rollback()


def test_what_goes_back_is_used_no_more_until_that_is_taken_back(session):
    mill, course = a_loan(session), a_course(session)
    begin(session, mill, course)
    soon = begin(session, mill, a_course(session), ends_before=date(2026, 3, 1))
    step(mill, Stage.RETURNED, TODAY)
    told = {row.id: row.until for row in use_queries.of_contribution(session, mill.id)}
    assert set(told.values()) == {TODAY, date(2026, 3, 1)}
    for use in session.scalars(select(ContributionUse)):
        assert told[use.id] == rules.used_until(use.ends_before, TODAY)
    longer = NewUse(starts_on=DELIVERED, ends_before=TODAY + timedelta(days=1))
    with pytest.raises(rules.NotHere, match="given back or ended"):
        uses.correct(session, use_queries.get(session, soon.id), longer, version=1, **EDGE)
    contribution_stages.take_back(session, mill, reason="The other mill", **EDGE)
    (row,) = use_queries.in_project(session, course.id)
    assert row.until is None


def test_what_is_used_was_delivered(session):
    mill = a_loan(session)
    use = begin(session, mill, a_course(session))
    with pytest.raises(contribution_stages.StillUsed):
        contribution_stages.take_back(session, mill, reason="Oops", **EDGE)
    struck = (
        "UPDATE contribution_step SET struck_at = '2026-06-15 00:00:00', struck_reason = 'x',"
        " struck_by = 'x' WHERE stage = 'delivered'"
    )
    with pytest.raises(IntegrityError, match="last_first"), session.begin_nested():
        session.execute(text(struck))
    uses.take_back(session, use, **EDGE)
    contribution_stages.take_back(session, mill, reason="Oops", **EDGE)


def test_who_corrects_what_somebody_else_has_changed_is_told(session):
    use = begin(session, a_loan(session), a_course(session))
    change = partial(uses.correct, session, use_queries.get(session, use.id), **EDGE)
    change(NewUse(starts_on=DELIVERED, note="Run-off"), version=1)
    with pytest.raises(Stale) as stale:
        change(NewUse(starts_on=DELIVERED, note="Labs"), version=1)
    assert (stale.value.theirs["What for"], stale.value.yours["What for"]) == ("Run-off", "Labs")
