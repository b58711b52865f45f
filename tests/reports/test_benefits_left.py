"""Who has left benefits unused, on the home page of the director, before the year is over."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.reports import benefits_left as report
from crm.reports.benefits_left import benefits_left
from tests.conftest import TODAY
from tests.factories.benefits import BenefitUseFactory, promised
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory


def told(session, day=TODAY):
    session.flush()
    return {line.company: (line.year, line.ends_before) for line in benefits_left(session, day)}


@pytest.mark.parametrize(
    ("starts_on", "day", "is_told"),
    [
        (date(2025, 10, 1), date(2026, 3, 31), False),
        (date(2025, 10, 1), date(2026, 4, 1), True),
        (date(2025, 10, 1), date(2026, 9, 30), True),
        (date(2025, 10, 1), date(2026, 10, 1), False),
        (date(2025, 3, 1), date(2025, 11, 15), True),
        (date(2025, 3, 1), date(2025, 8, 31), False),
        (date(2024, 2, 29), date(2025, 2, 27), True),
        (date(2024, 2, 29), date(2025, 2, 28), False),
        (date(2024, 2, 29), date(2027, 2, 28), True),
        (date(2024, 2, 29), date(2027, 3, 1), False),
    ],
)
def test_from_half_a_year_before_the_end_to_the_last_day(session, starts_on, day, is_told):
    promised(starts_on=starts_on)
    assert bool(told(session, day)) is is_told


def test_what_was_used_or_kept_ahead_is_not_left(session):
    company = promised(tier="start-up", years=1, company=CompanyFactory(name="Loom")).company
    BenefitUseFactory(company=company)
    BenefitUseFactory(company=company, key="introductions", on=TODAY + timedelta(days=9))
    [line] = benefits_left(session, TODAY)
    assert list(line.unused) == ["Speaker series places", "Recruiting events"]
    BenefitUseFactory(company=company, key="speaker-series")
    [line] = benefits_left(session, TODAY)
    assert list(line.unused) == ["Recruiting events"]


def test_an_extended_year_ends_later_and_no_member_is_told_of(session):
    MembershipFactory(lapsed=True)
    promised(unsigned=True)
    promised(starts_on=date(2023, 10, 1), extended=90, company=CompanyFactory(name="Longer"))
    assert told(session) == {}
    assert told(session, date(2026, 7, 1)) == {"Longer": (3, date(2026, 12, 30))}


def test_the_soonest_end_comes_first_and_no_more_are_read_than_need_be(session, monkeypatch):
    for month in (11, 7, 9):
        promised(
            starts_on=date(2025, month, 1) if month > 8 else date(2024, month, 1),
            company=CompanyFactory(name=f"Month {month}"),
        )
    assert list(told(session)) == ["Month 7", "Month 9", "Month 11"]
    monkeypatch.setattr(report, "MOST_LOOKED_AT", 2)
    report._terms.cache_clear()
    assert list(told(session)) == ["Month 7", "Month 9"]
    report._terms.cache_clear()


def test_the_director_is_told_at_home(dana, sam, session):
    promised(company=CompanyFactory(name="Aldous Mills"))
    session.commit()
    words = dana.get("/office/").words
    assert "Benefits left at the end of the year" in words
    assert "Nothing used of: Symposium places, Speaker series places" in words
    assert "and 5 more" in words
    assert "Benefits left" not in sam.get("/office/").words
