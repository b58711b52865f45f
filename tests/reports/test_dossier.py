"""Dossier and engagement summary, held against a count of our own and the other reports."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.reports import (
    attendance,
    benefits_used,
    contributions_ledger,
    dues_by_year,
    engagement_summary,
)
from crm.reports.columns import Section
from crm.reports.dossier import dossier as dossiers
from crm.reports.dossier.dossier import Dossier
from crm.reports.engagement.lines import Sort
from tests.conftest import TODAY
from tests.factories import books, chronicle
from tests.factories.chronicle import BEGAN, DAYS, FIRST
from tests.factories.companies import CompanyFactory
from tests.factories.council import SeatFactory
from tests.factories.meetings import MeetingFactory, member
from tests.factories.memberships import MembershipFactory

NOW = datetime(2026, 6, 15, 14, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def viewer(role: Role) -> Viewer:
    return Viewer(id=1, name="Rea", email="rea@office.example", roles=frozenset({role}))


REA, FAY = viewer(Role.READER), viewer(Role.FACULTY)


def read(
    session: Any, company_id: int, days: Period, who: Viewer = REA, *, money: bool = True
) -> Dossier:
    session.flush()
    return dossiers.read(
        session,
        company_id,
        days,
        viewer=who,
        today=TODAY,
        zone="America/New_York",
        money=money,
    )


def summary(session: Any, days: Period, company_id: int | None = None) -> list[dict[str, Any]]:
    headings = [column.heading for column in engagement_summary.columns(REA)]
    rows = engagement_summary.rows(
        session,
        day=days.last_day or TODAY,
        viewer=REA,
        now=NOW,
        since=days.starts_on,
        company_id=company_id,
    )
    return [dict(zip(headings, row, strict=True)) for row in rows]


def spans(dice: random.Random) -> list[Period]:
    """Some days, a day, all of it, and what happened nowhere."""
    found = [
        Period(BEGAN, FIRST + timedelta(days=DAYS)),
        Period(date(2020, 1, 1), date(2021, 1, 1)),
    ]
    for _ in range(6):
        first = FIRST + timedelta(days=dice.randrange(DAYS))
        found.append(Period(first, first + timedelta(days=dice.choice([1, 30, 365]))))
    return found


def told(found: Dossier) -> dict[Sort, int]:
    totals: Counter[Sort] = Counter()
    for chapter in found.chapters:
        totals.update(dict(chapter.totals))
    return dict(totals)


@pytest.mark.parametrize("seed", range(2))
def test_a_dossier_the_summary_and_what_happened_have_the_same_totals(session, seed):
    dice = random.Random(seed)
    made = chronicle.write(dice)
    chronicle.others(dice)
    for days in spans(dice):
        expected = made.totals(days)
        assert told(read(session, made.company.id, days)) == expected
        by_kind: Counter[str] = Counter()
        for row in summary(session, days, made.company.id):
            assert row["Company id"] == made.company.id
            by_kind[row["Kind"]] += row["Counts for"]
        assert by_kind == expected


@pytest.mark.parametrize("seed", range(2))
def test_the_summary_of_all_companies_is_that_of_each(session, seed):
    dice = random.Random(seed)
    all_of_them = [chronicle.write(dice), *chronicle.others(dice)]
    session.flush()
    for days in spans(dice)[:4]:
        together = summary(session, days)
        of_each = [row for one in all_of_them for row in summary(session, days, one.company.id)]
        assert sorted(map(str, together)) == sorted(map(str, of_each))


@pytest.mark.parametrize("seed", range(2))
def test_attendance_is_that_of_its_report(session, seed):
    dice = random.Random(seed)
    made = chronicle.write(dice)
    session.flush()
    last = FIRST + timedelta(days=dice.randrange(DAYS))
    (row,) = [
        row for row in attendance.rows(session, day=last, viewer=REA) if row[7] == made.company.id
    ] or [None]
    found = read(session, made.company.id, Period(BEGAN, last + DAY))
    if row is None:
        assert found.presence == []
        assert not any(day <= last for day in made.attended)
        return
    held, attended, unmarked = row[2], row[3], row[8]
    (present,) = found.presence or [None]
    assert attended == sum(day <= last for day in made.attended)
    assert (present.there, present.of) if present else (attended, held - unmarked) == (0, 0)


def summed(part: Section, heading: str) -> int:
    place = [column.heading for column in part.columns].index(heading)
    cells = [row[place] for row in part.rows]
    return sum(cell.minor for cell in cells if isinstance(cell, Money))


@pytest.mark.parametrize("seed", range(2))
def test_what_was_given_sums_up_as_the_ledger_does(session, seed):
    dice = random.Random(seed)
    made = chronicle.write(dice)
    chronicle.others(dice)
    for days in spans(dice)[:5]:
        money = read(session, made.company.id, days).money
        assert money is not None
        given = [part for part in money if part.title.startswith("Contributions")]
        assert sum(summed(part, "Value") for part in given) == sum(
            value for day, value in made.accepted if day in days
        )
        rows = contributions_ledger.rows(
            session, day=days.last_day, viewer=REA, company_id=made.company.id
        )
        of_ledger = [row[6].minor for row in rows if row[7] is not None and row[7] in days]
        assert sum(summed(part, "Value") for part in given) == sum(of_ledger)


def test_dues_are_those_of_the_report_by_year(session):
    kept = books.make(session)
    session.flush()
    everyones = dues_by_year.rows(session, day=TODAY, viewer=REA)
    assert everyones, "the books hold dues"
    for company_id in {row[-2] for row in everyones}:
        money = read(session, company_id, Period(date(2000, 1, 1), TODAY + DAY)).money
        dues = money[0]
        begun = [row for row in everyones if row[-2] == company_id and row[3] <= TODAY]
        for heading in dues_by_year.SUMS:
            place = [column.heading for column in dues_by_year.COLUMNS].index(heading)
            assert summed(dues, heading) == sum(row[place].minor for row in begun)
    assert kept is not None


@pytest.mark.parametrize("seed", range(2))
def test_benefits_are_those_of_their_report(session, seed):
    made = chronicle.write(random.Random(seed))
    session.flush()
    rows = benefits_used.rows(session, day=TODAY, viewer=REA)
    of_report = [row[2:12] for row in rows if row[-3] == made.company.id]
    found = read(session, made.company.id, Period(TODAY, TODAY + DAY)).benefits
    assert found.rows == of_report
    used = sum(
        number
        for day, sort, number in made.happened
        if sort is Sort.BENEFIT and date(2025, 7, 1) <= day <= TODAY
    )
    assert sum(row[6] for row in found.rows if row[3] == "Symposium places") == used


def test_a_day_at_the_edge_is_in_it_and_the_next_is_not(session):
    made = chronicle.write(random.Random(1))
    day, _, _ = made.happened[-1]
    assert told(read(session, made.company.id, Period(day, day + DAY)))
    for days in (Period(day, day + DAY), Period(day + DAY, day + 2 * DAY)):
        assert told(read(session, made.company.id, days)) == made.totals(days)


def test_the_first_page_counts_this_year_and_the_one_before(session):
    made = chronicle.write(random.Random(2))
    last = date(2026, 6, 1)
    found = read(session, made.company.id, Period(date(2026, 5, 1), last + DAY))
    this_year = made.totals(Period(date(2025, 6, 2), last + DAY))
    before = made.totals(Period(date(2024, 6, 2), date(2025, 6, 2)))
    assert (found.this_year.starts_on, found.year_before.starts_on) == (
        date(2025, 6, 2),
        date(2024, 6, 2),
    )
    assert found.counts
    for count in found.counts:
        assert count.this_year == this_year.get(count.sort, 0)
        assert count.year_before == before.get(count.sort, 0)


def test_without_money_or_for_whoever_may_not_see_it_there_is_none(session):
    made = chronicle.write(random.Random(3))
    days = Period(BEGAN, TODAY)
    assert read(session, made.company.id, days, money=False).money is None
    assert read(session, made.company.id, days, FAY).money is None


def test_a_company_of_which_nothing_is_known_has_an_empty_dossier(session):
    found = read(session, CompanyFactory().id, Period(date(2025, 6, 16), TODAY + DAY))
    assert (found.chapters, found.outcomes, found.counts, found.coming) == ([], [], [], [])


def test_what_is_ahead_of_a_body_is_told_while_the_membership_runs(session):
    company, _, _ = member("Northlake")
    gone = MembershipFactory(lapsed=True).company
    SeatFactory(company=gone)
    MeetingFactory()
    days = Period(date(2025, 6, 16), TODAY + DAY)
    ahead = [one.what for one in read(session, company.id, days).coming]
    assert any("Summer meeting" in what for what in ahead)
    assert read(session, gone.id, days).coming == []
