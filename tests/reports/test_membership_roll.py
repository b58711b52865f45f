from __future__ import annotations

import random
from datetime import date, timedelta

from crm.accounts.policy import Viewer
from crm.accounts.rules import Role
from crm.enrolment import operations as enrolment
from crm.kit.money import Money
from crm.memberships.models import Membership, YearFee
from crm.memberships.rules import DuesFrequency
from crm.reports import membership_roll
from crm.reports.columns import Asked
from tests.conftest import NOW, TODAY
from tests.factories import books as registers
from tests.factories.books import Books
from tests.factories.companies import AffiliationFactory, CompanyFactory, UserFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory, history, tier

A_DAY = timedelta(days=1)
STAFF = Viewer(1, "Sam", "", frozenset({Role.STAFF}))
FACULTY = Viewer(1, "Fay", "", frozenset({Role.FACULTY}))


def roll(session, day=TODAY, viewer=STAFF):
    headings = [column.heading for column in membership_roll.columns(viewer)]
    rows = membership_roll.rows(session, day=day, viewer=viewer)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def test_its_columns_in_their_order():
    assert [column.heading for column in membership_roll.columns(STAFF)] == [
        "Company", "Tier", "Founding", "Status", "Starts on", "Last day", "Fee a year", "Currency",
        "Relationship manager", "Council representative", "Member since", "Company id",
        "Membership id", "Legal name", "Country", "Agreement number", "Executed on",
        "Fee this year", "Received this year", "Good standing", "Notice by",
    ]  # fmt: skip


def test_faculty_see_neither_fee_nor_currency(session):
    MembershipFactory()
    (line,) = roll(session, viewer=FACULTY)
    assert {"Fee a year", "Fee this year", "Received this year", "Good standing"}.isdisjoint(line)
    assert "Currency" not in line
    assert line["Tier"] == "Member"


def test_a_member_with_all_that_is_said_of_one(session):
    company = CompanyFactory(
        name="Northlake Turbine Works",
        owner=UserFactory(name="Sam Okafor"),
        legal_name="Northlake Turbine Works, Inc.",
        country="NO",
    )
    membership = MembershipFactory(
        company=company,
        tier="founding",
        fee_minor=500_000_00,
        agreement_number="IA-2025-07",
        notice_days=90,
    )
    seat = SeatFactory(company=company)
    works_there = AffiliationFactory(company=company)
    HoldingFactory(seat=seat, person=works_there.person, starts_on=date(2025, 11, 1))
    (line,) = roll(session)
    assert line == {
        "Company": "Northlake Turbine Works",
        "Tier": "Founding",
        "Founding": True,
        "Status": "active",
        "Starts on": date(2025, 10, 1),
        "Last day": date(2028, 9, 30),
        "Fee a year": membership.fee,
        "Currency": "USD",
        "Relationship manager": "Sam Okafor",
        "Council representative": works_there.person.name,
        "Member since": date(2025, 10, 1),
        "Company id": company.id,
        "Membership id": membership.id,
        "Legal name": "Northlake Turbine Works, Inc.",
        "Country": "Norway",
        "Agreement number": "IA-2025-07",
        "Executed on": date(2020, 1, 21),
        "Fee this year": membership.fee,
        "Received this year": Money(0, "USD"),
        "Good standing": True,
        "Notice by": date(2028, 7, 3),
    }


def test_the_seat_is_vacant_before_its_holding_and_after_its_holder_left(session):
    company = CompanyFactory()
    MembershipFactory(company=company)
    left = AffiliationFactory(company=company, ends_before=date(2026, 6, 1))
    seat = SeatFactory(company=company)
    HoldingFactory(seat=seat, person=left.person, starts_on=date(2025, 12, 1))
    spoken_for = {
        date(2025, 11, 30): "vacant",
        date(2025, 12, 1): left.person.name,
        date(2026, 5, 31): left.person.name,
        date(2026, 6, 1): "vacant",
    }
    for day, name in spoken_for.items():
        (line,) = roll(session, day)
        assert line["Council representative"] == name, day


def test_a_tier_without_a_seat_has_none_to_be_vacant(session):
    MembershipFactory(tier="start-up")
    (line,) = roll(session)
    assert line["Council representative"] is None


def test_on_the_day_before_on_and_after_every_edge(session):
    term = MembershipFactory(starts_on=date(2024, 2, 29))  # ends before March 1, 2027
    for day, status in (
        (date(2024, 2, 28), None),
        (date(2024, 2, 29), "active"),
        (date(2027, 2, 28), "active"),
        (date(2027, 3, 1), "grace"),
        (date(2027, 4, 29), "grace"),
        (date(2027, 4, 30), None),
    ):
        assert [line["Status"] for line in roll(session, day)] == ([status] if status else []), day
    assert roll(session, date(2025, 1, 1))[0]["Last day"] == date(2027, 2, 28)
    term.terminated_on, term.termination_reason = date(2026, 1, 1), "Sold"
    session.flush()
    assert len(roll(session, date(2025, 12, 31))) == 1
    assert roll(session, date(2026, 1, 1)) == []


def test_what_is_not_signed_by_both_is_not_listed(session):
    MembershipFactory(unsigned=True)
    MembershipFactory(programme_signed_on=None)
    MembershipFactory(drafted=True)
    MembershipFactory(unsigned=True, withdrawn_on=date(2026, 1, 1))
    late = MembershipFactory(programme_signed_on=date(2026, 6, 15))
    assert [line["Membership id"] for line in roll(session)] == [late.id]
    assert roll(session, TODAY - A_DAY) == []


def test_a_renewal_takes_over_from_grace_and_keeps_the_first_day(session):
    company = CompanyFactory()
    first = MembershipFactory(company=company, starts_on=date(2023, 5, 20))
    second = MembershipFactory(
        company=company, starts_on=date(2026, 5, 20), predecessor_id=first.id
    )
    (line,) = roll(session)
    assert line["Membership id"] == second.id
    assert line["Member since"] == date(2023, 5, 20)


def test_the_fee_a_year_is_that_of_the_year_that_runs(session):
    term = MembershipFactory(starts_on=date(2024, 2, 29), unsigned=True)
    session.add_all(YearFee(membership_id=term.id, year=n, fee_minor=n) for n in (1, 2, 3))
    session.flush()
    term.company_signed_on = term.programme_signed_on = date(2020, 1, 20)
    session.flush()
    for day, fee in ((date(2025, 2, 27), 1), (date(2025, 2, 28), 2), (date(2027, 3, 9), 3)):
        (line,) = roll(session, day)
        assert line["Fee a year"] == line["Fee this year"] == Money(fee, "USD"), day


def test_the_fee_and_what_came_in_of_the_membership_year(session):
    """Of the year the day falls in, amended as it was; paid late, it is no good standing."""
    books = Books(session)
    term = books.start("Northlake", frequency=DuesFrequency.HALF_YEARLY)
    invoice = books.bill("Northlake", 1, 2, issued_on=date(2025, 10, 1))
    books.pay("Northlake", 150_000_00, {invoice: 150_000_00}, on=date(2026, 2, 1))
    enrolment.amend(
        session, term, from_on=date(2026, 10, 1), tier=tier("founding"),
        fee=Money(300_000_00, "USD"), reason="More", by=registers.DANA, now=NOW, today=TODAY,
    )  # fmt: skip
    for day, name, fee, received, good in (
        (date(2026, 1, 31), "Member", 250_000_00, 0, False),
        (date(2025, 10, 30), "Member", 250_000_00, 0, True),
        (TODAY, "Member", 250_000_00, 150_000_00, False),
        (date(2027, 1, 1), "Founding", 300_000_00, 0, False),
    ):
        (line,) = roll(session, day)
        told = (line["Tier"], line["Fee this year"].minor, line["Received this year"].minor)
        assert told == (name, fee, received), day
        assert line["Good standing"] is good, day


def test_what_waits_for_a_signature_stands_below_and_counts_nowhere(session):
    MembershipFactory(company=CompanyFactory(name="Waiting"), programme_signed_on=None)
    MembershipFactory(company=CompanyFactory(name="Drafted"), drafted=True)
    (section,) = sections(session)
    assert [row[0] for row in section.rows] == ["Waiting"]
    assert "Fee a year" in [column.heading for column in section.columns]
    assert "Fee a year" not in [c.heading for c in sections(session, viewer=FACULTY)[0].columns]
    assert roll(session) == []


def test_changes_since_a_day(session):
    joined = MembershipFactory(company=CompanyFactory(name="Joined"), starts_on=date(2026, 5, 1))
    MembershipFactory(company=CompanyFactory(name="Stayed"))
    MembershipFactory(company=CompanyFactory(name="Left"), starts_on=date(2023, 1, 1))
    books = Books(session)
    for name, to, fee in (("Moved", "founding", 250_000_00), ("Raised", "member", 260_000_00)):
        enrolment.amend(
            session, books.start(name), from_on=date(2026, 6, 1), tier=tier(to),
            fee=Money(fee, "USD"), reason="Agreed", by=registers.DANA, now=NOW, today=TODAY,
        )  # fmt: skip
    changes = sections(session, since=date(2026, 1, 31))[1]
    assert changes.sheet == "Changes since 2026-01-31"
    usd = [Money(minor, "USD") for minor in (250_000_00, 260_000_00)]
    assert [row[:6] for row in changes.rows] == [
        ("changed fee", "Raised", "Member", "Member", usd[0], usd[1]),
        ("changed tier", "Moved", "Member", "Founding", usd[0], usd[0]),
        ("joined", "Joined", None, "Member", None, joined.fee),
        ("left", "Left", "Member", None, usd[0], None),
    ]
    of_faculty = sections(session, since=date(2026, 1, 31), viewer=FACULTY)[1]
    assert [row[:4] for row in of_faculty.rows] == [row[:4] for row in changes.rows[1:]]
    assert [len(row) for row in of_faculty.rows] == [5, 5, 5]


def sections(session, *, since=None, viewer=STAFF):
    asked = Asked(day=TODAY, viewer=viewer, since=since)
    return membership_roll.REPORT.sections(session, asked, ())


def test_as_many_selects_however_many(session, statements):
    for _ in range(5):
        MembershipFactory()
    session.commit()
    statements.clear()
    assert len(roll(session)) == 5
    assert len(statements) == 6
    statements.clear()
    assert len(roll(session, viewer=FACULTY)) == 5
    assert len(statements) == 2


def test_the_roll_of_random_terms_is_what_a_replay_day_by_day_says(session):
    """Written anew, as one would tell it, and asked every eleven days over four years."""
    chance = random.Random(20260615)
    terms = [term for _ in range(14) for term in history(chance)]
    session.flush()
    first, days = date(2023, 1, 1), 1500
    for day in (first + timedelta(days=n) for n in range(0, days, 11)):
        listed = {(line["Membership id"], line["Status"]) for line in roll(session, day)}
        assert listed == _replayed(terms, day), day


def _replayed(terms: list[Membership], day: date) -> set[tuple[int, str]]:
    found = set()
    for term in terms:
        if max(term.company_signed_on, term.programme_signed_on) > day or term.starts_on > day:
            continue
        if term.terminated_on is not None and term.terminated_on <= day:
            continue
        if day < term.ends_before:
            found.add((term.id, "active"))
            continue
        later = any(
            other.company_id == term.company_id
            and other.starts_on >= term.ends_before
            and other.starts_on <= day
            and max(other.company_signed_on, other.programme_signed_on) <= day
            for other in terms
        )
        if not later and (day - term.ends_before).days < term.grace_days:
            found.add((term.id, "grace"))
    return found
