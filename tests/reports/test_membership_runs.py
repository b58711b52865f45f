"""Who joined, left and stayed: what the roll of each day says, told at once."""

from __future__ import annotations

import random
from datetime import date, timedelta

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.kit.periods import anniversary
from crm.memberships import changing
from crm.memberships.models import Membership
from crm.reports import cohort_retention, joiners_leavers
from crm.reports.columns import Asked
from crm.reports.roll_terms import of_day
from tests.conftest import NOW, TODAY
from tests.factories.books import DANA
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, history

A_DAY = timedelta(days=1)
STAFF = Viewer(1, "Sam", "", frozenset({Role.STAFF}))
FACULTY = Viewer(1, "Fay", "", frozenset({Role.FACULTY}))
FIRST, UNTIL, LAST = date(2021, 11, 1), date(2024, 6, 30), date(2026, 6, 15)


def members(session, day: date) -> set[int]:
    return {term.company_id for term in session.execute(of_day(day))}


def test_joiners_and_leavers_are_those_whom_the_rolls_of_two_days_tell_apart(session):
    chance = random.Random(7)
    for _ in range(14):
        history(chance)
    session.flush()
    told, before, ever = [], members(session, FIRST - A_DAY), set()
    for n in range((UNTIL - FIRST).days + 1):
        day = FIRST + timedelta(days=n)
        now = members(session, day)
        told += [
            (day, id_, "rejoined" if id_ in ever else "joined") for id_ in sorted(now - before)
        ]
        told += [(day, id_, "left") for id_ in sorted(before - now)]
        ever |= now
        before = now
    rows = joiners_leavers.rows(session, day=UNTIL, viewer=STAFF)
    assert sorted((row[2], row[8], row[1]) for row in rows) == sorted(told)
    assert {change for _, _, change in told} == {"joined", "rejoined", "left"}
    (by_year,) = joiners_leavers.sections(session, Asked(day=UNTIL, viewer=STAFF), rows)
    assert by_year.rows[0][4] == len(members(session, UNTIL))


def test_a_cohort_is_counted_on_its_anniversaries(session):
    chance = random.Random(11)
    for _ in range(14):
        history(chance)
    session.flush()
    joined = {
        row[8]: row[2]
        for row in joiners_leavers.rows(session, day=LAST, viewer=STAFF)
        if row[1] == "joined"
    }
    counts: dict[tuple[str, int], list[int]] = {}
    for company_id, first in joined.items():
        for years in range(11):
            on = anniversary(first, years)
            if on <= LAST:
                its = counts.setdefault((str(first.year), years), [0, 0])
                its[0] += 1
                its[1] += company_id in members(session, on)
    rows = cohort_retention.rows(session, day=LAST, viewer=STAFF)
    assert {(row[0], row[1]): [row[2], row[3]] for row in rows} == counts
    assert all(row[4] == 100 for row in rows if row[1] == 0)
    (triangle,) = cohort_retention.sections(session, Asked(day=LAST, viewer=STAFF), rows)
    assert [row[0] for row in triangle.rows] == sorted({row[0] for row in rows})


def test_a_termination_taken_back_leaves_a_gap_with_its_reason(session):
    company = CompanyFactory(name="Back")
    term = MembershipFactory(
        company=company, terminated_on=date(2026, 2, 1), termination_reason="Sold",
        occupied_before=date(2026, 2, 1),
    )  # fmt: skip
    session.commit()
    changing.reinstate(
        session, session.get_one(Membership, term.id), on=date(2026, 4, 1), reason="Bought back",
        by=DANA, now=NOW, today=TODAY,
    )  # fmt: skip
    rows = joiners_leavers.rows(session, day=TODAY, viewer=STAFF)
    assert [row[1:6] for row in rows] == [
        ("rejoined", date(2026, 4, 1), "2026", "Member", None),
        ("left", date(2026, 2, 1), "2026", "Member", "Sold"),
        ("joined", date(2025, 10, 1), "2025", "Member", None),
    ]
    of_faculty = joiners_leavers.rows(session, day=TODAY, viewer=FACULTY)
    assert len(of_faculty[0]) == len(joiners_leavers.columns(FACULTY)) == len(rows[0]) - 1
    assert [row[5] for row in of_faculty] == [None, "terminated", None]
