"""A term renewed, extended, amended, terminated and reinstated: its dues and its days follow."""

from __future__ import annotations

from calendar import isleap
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.enrolment import operations as enrolment
from crm.enrolment import quotes
from crm.enrolment.operations import NewMembership
from crm.invoices import billing
from crm.invoices import queries as dues
from crm.invoices.rules import BilledTooMuch
from crm.kit.actors import Actor
from crm.kit.errors import Stale
from crm.kit.money import Money
from crm.memberships import changing, operations, queries, rules
from crm.memberships.drafting import Overlap, UnfitTerm
from crm.memberships.models import Extension, Membership, Tier
from crm.memberships.operations import WrongMoment
from crm.memberships.places import TierClosed
from crm.memberships.rules import DuesFrequency, Status
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, tier

BY = Actor(1, "Dana Whitfield")
SIGNED = date(2023, 1, 10)


def signed(session: Session, starts_on: date = date(2025, 10, 1), **more: Any) -> Membership:
    """A term that both sides have signed, with its dues."""
    company = more.pop("company", None) or CompanyFactory()
    offered = tier(more.pop("tier", "member"))
    draft = NewMembership(
        company.id,
        offered.id,
        starts_on,
        more.pop("years", 3),
        more.pop("fee", Money(25_000_000, "USD")),
        company_signed_on=SIGNED,
        programme_signed_on=SIGNED,
        **more,
    )
    return enrolment.start(session, draft, by=BY, now=NOW, today=TODAY)


def edge(today: date = TODAY) -> dict[str, Any]:
    return {"by": BY, "now": NOW, "today": today}


def next_draft(term: Membership) -> NewMembership:
    return NewMembership(term.company_id, term.tier_id, TODAY, 3, Money(27_500_000, "USD"))


def owed_by_year(session: Session, term: Membership) -> dict[int, int]:
    found: dict[int, int] = {}
    for due in dues.schedule_of(session, term.id):
        if due.reversed_on is None:
            assert due.amount.minor == sum(due.shares.values())
            for year, minor in due.shares.items():
                found[year] = found.get(year, 0) + minor
    return found


def ties_out(session: Session, term: Membership) -> bool:
    fees = [fee.minor for fee in queries.fees_of(session, term)]
    return owed_by_year(session, term) == {y: m for y, m in enumerate(fees, 1) if m}


@pytest.mark.parametrize(
    ("starts_on", "begins", "gap"),
    [
        (date(2025, 10, 1), date(2028, 10, 1), False),  # long before its end
        (date(2023, 5, 20), date(2026, 5, 20), False),  # in grace
        (date(2022, 1, 1), TODAY, True),  # lapsed
    ],
)
def test_a_renewal_loses_no_day_and_hides_no_gap(
    session: Session, starts_on: date, begins: date, gap: bool
):
    old = signed(session, starts_on)
    new = enrolment.renew(session, old, next_draft(old), **edge())
    assert new.starts_on == begins
    assert (new.predecessor_id == old.id) is not gap
    assert (new.starts_on > old.runs_before) is gap
    assert ties_out(session, new)
    assert new.status_on(TODAY) is Status.DRAFT


def test_a_renewal_begins_after_the_extension(session: Session):
    old = signed(session)
    changing.extend(session, old, days=31, reason="Budget moved", **edge())
    new = enrolment.renew(session, old, next_draft(old), **edge())
    assert new.starts_on == date(2028, 11, 1)


def test_what_is_not_signed_or_is_terminated_is_not_renewed(session: Session):
    company = CompanyFactory()
    offered = tier("member")
    draft = NewMembership(company.id, offered.id, TODAY, 3, offered.fee)
    unsigned = enrolment.start(session, draft, **edge())
    with pytest.raises(WrongMoment, match="both sides have signed"):
        enrolment.renew(session, unsigned, next_draft(unsigned), **edge())
    term = signed(session)
    enrolment.terminate(session, term, on=TODAY, reason="Sold", **edge())
    with pytest.raises(WrongMoment, match="start a new membership"):
        enrolment.renew(session, term, next_draft(term), **edge())


def test_an_extension_is_a_row_and_nothing_is_edited_away(session: Session):
    term = signed(session)
    changing.extend(session, term, days=10, reason="Late start of the facility", **edge())
    changing.extend(session, term, days=21, reason="Again", **edge())
    assert term.ends_before == date(2028, 10, 1)
    assert term.runs_before == term.occupied_before == date(2028, 11, 1)
    assert [row.days for row in queries.extensions_of(session, term.id)] == [10, 21]
    assert term.status_on(date(2028, 10, 31)) is Status.ACTIVE
    assert ties_out(session, term)
    session.commit()
    row = session.scalars(select(Extension)).first()
    assert row is not None
    row.days = 400
    with pytest.raises(IntegrityError, match="extension_is_for_good"):
        session.flush()
    session.rollback()


def test_an_extension_does_not_run_into_the_next_term(session: Session):
    company = CompanyFactory()
    first = signed(session, date(2023, 7, 1), company=company)
    signed(session, date(2026, 7, 1), company=company)
    with pytest.raises(Overlap):
        changing.extend(session, first, days=1, reason="No", **edge())


@pytest.mark.parametrize("days", [0, -5, 731])
def test_an_extension_has_a_sensible_length(session: Session, days: int):
    with pytest.raises(UnfitTerm, match="1 to 730"):
        changing.extend(session, signed(session), days=days, reason="No", **edge())


def test_an_amendment_reverses_and_reposts_what_is_not_billed(session: Session):
    term = signed(session, frequency=DuesFrequency.QUARTERLY)
    fee = Money(50_000_000, "USD")
    from_on = date(2026, 10, 1)
    enrolment.amend(
        session, term, from_on=from_on, tier=tier("founding"), fee=fee, reason="Grew", **edge()
    )
    schedule = dues.schedule_of(session, term.id)
    assert [due.number for due in schedule if due.reversed_on] == list(range(5, 13))
    assert owed_by_year(session, term) == {1: 25_000_000, 2: 50_000_000, 3: 50_000_000}
    assert ties_out(session, term)
    assert (term.fee_minor, term.tier_id) == (25_000_000, tier("member").id)
    assert session.scalar(select(queries.tier_id_on(from_on)).select_from(Membership)) == (
        tier("founding").id
    )


def amend(
    session: Session, term: Membership, to: Tier, fee: Money | None, from_on: date = TODAY
) -> None:
    enrolment.amend(session, term, from_on=from_on, tier=to, fee=fee, reason="Grew", **edge())


def test_a_fee_that_rises_as_agreed_may_be_held_where_it_began(session: Session):
    fees = tuple(Money(minor, "USD") for minor in (10_000, 20_000, 30_000))
    term = signed(session, fee=fees[0], year_fees=fees)
    amend(session, term, term.tier, fees[0], date(2026, 10, 1))
    assert queries.fees_of(session, term) == [fees[0]] * 3
    with pytest.raises(UnfitTerm, match="Nothing changes"):
        amend(session, term, term.tier, fees[0], date(2026, 10, 1))


def test_another_tier_alone_leaves_fees_that_rise_rising(session: Session):
    fees = tuple(Money(minor, "USD") for minor in (10_000, 20_000, 30_000))
    term = signed(session, fee=fees[0], year_fees=fees)
    agreed = standing_dues(session, term)
    told = quotes.amended(
        session, term, from_on=TODAY, tier=tier("associate"), fee=None, today=TODAY
    )
    assert (told.goes, told.comes, told.before) == ((), (), told.after)
    amend(session, term, tier("associate"), None)
    assert queries.fees_of(session, term) == list(fees)
    assert standing_dues(session, term) == agreed
    assert ties_out(session, term)
    assert queries.at_end(session, term) == (tier("associate").id, fees[2])
    with pytest.raises(UnfitTerm, match="choose another tier"):
        amend(session, term, tier("associate"), None)
    amend(session, term, tier("member"), Money(5_000, "USD"), date(2027, 10, 1))
    amend(session, term, tier("associate"), None, date(2027, 10, 1))
    with pytest.raises(UnfitTerm, match="Nothing changes"):
        amend(session, term, tier("associate"), Money(5_000, "USD"), date(2027, 10, 1))
    assert [fee.minor for fee in queries.fees_of(session, term)] == [10_000, 20_000, 5_000]


def test_nobody_is_amended_into_a_tier_that_is_no_longer_offered(session: Session):
    term, gone = signed(session), tier("associate")
    gone.retired_on = TODAY
    with pytest.raises(TierClosed, match="no longer offered"):
        amend(session, term, gone, gone.fee)


def founders(session: Session, day: date = TODAY) -> set[int]:
    return set(session.scalars(select(Membership.id).where(queries.founding_on(day))))


def test_who_was_amended_into_the_founding_tier_is_founding_for_good(session: Session):
    old = signed(session)
    drafted_before = enrolment.renew(session, old, next_draft(old), **edge())
    amend(session, old, tier("founding"), None)
    amend(session, old, tier("member"), None, date(2027, 1, 1))
    assert founders(session, TODAY - timedelta(days=1)) == set()
    assert founders(session, date(2028, 1, 1)) == {old.id, drafted_before.id}
    operations.withdraw(session, drafted_before, reason="Board", **edge())
    assert enrolment.renew(session, old, next_draft(old), **edge()).founding
    assert not signed(session).founding


def test_who_ended_before_the_amendment_into_the_founding_tier_never_was(session: Session):
    company = CompanyFactory()
    old = signed(session, company=company)
    amend(session, old, tier("founding"), None, date(2026, 9, 1))
    enrolment.terminate(session, old, on=date(2026, 9, 1), reason="Sold", **edge())
    assert founders(session, date(2027, 1, 1)) == set()
    assert not signed(session, date(2026, 10, 1), company=company).founding


def test_who_was_amended_into_a_tier_takes_one_of_its_places(session: Session):
    term, small = signed(session), tier("associate")
    small.closes_at = 1
    amend(session, term, small, term.fee, term.starts_on)
    with pytest.raises(TierClosed, match="closes at 1"):
        signed(session, tier="associate")
    amend(session, term, tier("member"), term.fee)
    signed(session, TODAY, tier="associate")


def test_a_tier_counts_its_members_at_one_time_not_all_who_come_and_go(session: Session):
    """One after another they hold a single place of two: the other is free all the time."""
    small = tier("associate")
    small.closes_at = 2
    for year in (2025, 2026, 2027):
        signed(session, date(year, 10, 1), years=1, tier="associate")
    signed(session, tier="associate")
    with pytest.raises(TierClosed, match="closes at 2"):
        signed(session, date(2028, 9, 30), years=1, tier="associate")
    never = signed(session, date(2028, 10, 1), tier="associate")
    enrolment.terminate(session, never, on=TODAY, reason="Sold", **edge())
    for _ in range(2):  # who left before the start holds no place
        signed(session, date(2028, 10, 1), tier="associate")


def test_who_is_away_leaves_the_place_of_those_days(session: Session):
    small = tier("associate")
    small.closes_at = 1
    away = MembershipFactory(tier="associate", interrupted=(date(2026, 1, 10), date(2026, 3, 1)))
    assert away.runs_before == away.occupied_before
    guest = MembershipFactory(
        tier="associate", starts_on=date(2026, 2, 1), terminated_on=date(2026, 2, 10),
        termination_reason="Sold", occupied_before=date(2026, 2, 10),
    )  # fmt: skip
    enrolment.terminate(
        session, guest, on=date(2026, 3, 1), reason="Sold later", **edge(date(2026, 2, 9))
    )
    with pytest.raises(TierClosed, match="others have its places"):
        enrolment.terminate(
            session, guest, on=date(2026, 3, 2), reason="No", **edge(date(2026, 2, 9))
        )


def test_days_are_given_back_only_where_the_tier_has_a_place(session: Session):
    small = tier("associate")
    small.closes_at = 1
    term = signed(session, tier="associate")
    enrolment.terminate(session, term, on=date(2026, 9, 1), reason="Sold", **edge())
    signed(session, date(2026, 10, 1), tier="associate", years=1)
    enrolment.terminate(session, term, on=date(2026, 10, 1), reason="Sold later", **edge())
    with pytest.raises(TierClosed, match="others have its places"):
        enrolment.terminate(session, term, on=date(2026, 10, 2), reason="No", **edge())
    with pytest.raises(TierClosed, match="others have its places"):
        enrolment.reinstate(session, term, on=TODAY, reason="No", **edge())
    small.closes_at = 2
    enrolment.reinstate(session, term, on=TODAY, reason="Stays", **edge())


def test_a_term_is_extended_only_where_the_tier_it_ends_at_has_a_place(session: Session):
    small = tier("associate")
    small.closes_at = 1
    term = signed(session)
    amend(session, term, small, term.fee)
    signed(session, date(2028, 10, 8), tier="associate")
    changing.extend(session, term, days=7, reason="Budget moved", **edge())
    with pytest.raises(TierClosed, match="others have its places"):
        changing.extend(session, term, days=1, reason="Again", **edge())
    amend(session, term, tier("member"), term.fee)
    changing.extend(session, term, days=1, reason="Again", **edge())


def test_a_reinstatement_in_grace_gives_no_days_back(session: Session):
    company, small = CompanyFactory(), tier("associate")
    small.closes_at = 1
    term = signed(session, date(2023, 5, 20), company=company, tier="associate")
    enrolment.terminate(
        session, term, on=date(2026, 5, 10), reason="Sold", **edge(date(2026, 5, 1))
    )
    signed(session, date(2026, 5, 15), tier="associate")
    enrolment.reinstate(session, term, on=TODAY, reason="In grace", **edge())
    statuses = [term.status_on(day) for day in (date(2026, 5, 9), date(2026, 5, 10), TODAY)]
    assert statuses == [Status.ACTIVE, Status.TERMINATED, Status.GRACE]


def test_an_amendment_in_the_middle_of_a_billed_year_is_owed_from_its_day(session: Session):
    term = signed(session)
    first = dues.schedule_of(session, term.id)[0]
    invoice = billing.bill(session, [first.id], **edge())
    billing.issue(session, invoice, **edge())
    enrolment.amend(
        session, term, from_on=date(2026, 7, 1), tier=term.tier, fee=Money(30_000_000, "USD"),
        reason="Second plant", **edge(),
    )  # fmt: skip
    assert ties_out(session, term)
    more = [due for due in dues.schedule_of(session, term.id) if due.number > 3]
    assert more[0].due_on == date(2026, 7, 1)
    assert more[0].shares[1] == 25_000_000 * 273 // 365 + 30_000_000 * 92 // 365 + 1 - 25_000_000


def test_a_billed_year_does_not_become_cheaper_by_itself(session: Session):
    term = signed(session)
    first = dues.schedule_of(session, term.id)[0]
    billing.issue(session, billing.bill(session, [first.id], **edge()), **edge())
    with pytest.raises(BilledTooMuch, match="Void the invoice first"):
        enrolment.amend(
            session, term, from_on=date(2026, 7, 1), tier=term.tier, fee=Money(1, "USD"),
            reason="Shrank", **edge(),
        )  # fmt: skip


def test_a_termination_takes_the_dues_after_it_and_a_reinstatement_brings_them_back(
    session: Session,
):
    term = signed(session, frequency=DuesFrequency.HALF_YEARLY)
    enrolment.terminate(session, term, on=date(2026, 6, 1), reason="Sold", **edge())
    assert sum(owed_by_year(session, term).values()) == 25_000_000
    enrolment.reinstate(session, term, on=TODAY, reason="Bought back", **edge())
    assert ties_out(session, term)
    statuses = [term.status_on(date(2026, 5, 31) + timedelta(days=n)) for n in (0, 1, 14, 15)]
    assert statuses == [Status.ACTIVE, Status.TERMINATED, Status.TERMINATED, Status.ACTIVE]
    assert term.occupied_before == term.runs_before


def test_a_reinstatement_waits_for_nobody_who_came_between(session: Session):
    company = CompanyFactory()
    term = signed(session, company=company)
    enrolment.terminate(session, term, on=date(2026, 6, 1), reason="Sold", **edge())
    signed(session, date(2026, 6, 10), company=company, years=1)
    with pytest.raises(Overlap):
        enrolment.reinstate(session, term, on=date(2026, 6, 12), reason="Back", **edge())


LEAP_STARTS = [date(year, 2, 29) for year in range(1992, 2100) if isleap(year)]


@given(
    st.one_of(st.sampled_from(LEAP_STARTS), st.dates(date(1990, 1, 1), date(2100, 12, 31))),
    st.integers(1, 10),
    st.sampled_from([DuesFrequency.YEARLY, DuesFrequency.HALF_YEARLY, DuesFrequency.QUARTERLY]),
)
def test_each_instalment_is_due_within_its_year(
    start: date, years: int, frequency: DuesFrequency
) -> None:
    asked = quotes.quote(
        starts_on=start, years=years, fee=Money(10_003, "USD"), frequency=frequency, grace_days=0
    )
    for part in asked.instalments:
        assert part.due_on in rules.membership_year(asked.term, part.membership_year)
        assert rules.membership_year_on(part.due_on, asked.term) == part.membership_year
    firsts = {part.membership_year: part.due_on for part in reversed(asked.instalments)}
    for year, first in firsts.items():
        assert rules.membership_year(asked.term, year).starts_on == first


def test_acts_on_the_first_day_of_a_year_from_a_leap_day_reach_all_of_its_dues(session: Session):
    start, second = date(2024, 2, 29), date(2025, 2, 28)
    assert rules.membership_year(rules.term_of(start, 3), 2).starts_on == second
    dearer = signed(session, start)
    amend(session, dearer, dearer.tier, Money(30_000_000, "USD"), second)
    assert standing_dues(session, dearer) == [
        (start, 25_000_000), (second, 30_000_000), (date(2026, 2, 28), 30_000_000),
    ]  # fmt: skip
    assert ties_out(session, dearer)
    ended = signed(session, start)
    enrolment.terminate(session, ended, on=second, reason="Sold", **edge())
    assert standing_dues(session, ended) == [(start, 25_000_000)]


@pytest.mark.parametrize("days", [0, 9])
def test_a_termination_in_grace_is_taken_back_too(session: Session, days: int):
    term = signed(session, date(2023, 6, 1))  # it has run its three years, and is in grace
    on = TODAY - timedelta(days=days)
    enrolment.terminate(session, term, on=on, reason="Sold", **edge())
    enrolment.reinstate(session, term, on=TODAY, reason="Stays", **edge())
    statuses = [term.status_on(day) for day in (on - timedelta(days=1), on, TODAY)]
    assert statuses[::2] == [Status.GRACE, Status.GRACE]
    assert (statuses[1] is Status.TERMINATED) is (days > 0)
    assert term.occupied_before == term.runs_before


def standing_dues(session: Session, term: Membership) -> list[tuple[date, int]]:
    return [
        (due.due_on, due.amount.minor)
        for due in dues.schedule_of(session, term.id)
        if due.reversed_on is None
    ]


@pytest.mark.parametrize("frequency", [DuesFrequency.QUARTERLY, DuesFrequency.IN_ADVANCE])
def test_a_termination_taken_back_or_moved_leaves_each_instalment_its_day(
    session: Session, frequency: DuesFrequency
):
    term = signed(session, date(2026, 8, 1), frequency=frequency, fee=Money(10_003, "USD"))
    agreed = standing_dues(session, term)
    for on in (date(2026, 12, 1), date(2027, 3, 1), date(2026, 7, 1)):
        enrolment.terminate(session, term, on=on, reason="Sold", **edge())
        assert standing_dues(session, term) == [due for due in agreed if due[0] < on]
    enrolment.reinstate(session, term, on=TODAY, reason="Stays", **edge())
    assert standing_dues(session, term) == agreed


def test_what_fell_due_while_it_was_terminated_is_due_when_it_is_reinstated(session: Session):
    term = signed(session, frequency=DuesFrequency.QUARTERLY)
    agreed = standing_dues(session, term)
    enrolment.terminate(session, term, on=date(2026, 3, 1), reason="Sold", **edge())
    enrolment.reinstate(session, term, on=TODAY, reason="Back", **edge())
    late = date(2026, 4, 1)
    assert standing_dues(session, term) == [
        (TODAY if day == late else day, minor) for day, minor in agreed
    ]
    assert ties_out(session, term)


def test_a_termination_taken_back_before_its_day_leaves_no_gap(session: Session):
    term = signed(session)
    enrolment.terminate(session, term, on=date(2026, 12, 1), reason="Will leave", **edge())
    enrolment.reinstate(session, term, on=TODAY, reason="Stays", **edge())
    assert list(term.interruptions) == []
    assert term.status_on(date(2026, 12, 1)) is Status.ACTIVE
    assert ties_out(session, term)


def test_year_fees_that_rise_and_dues_by_hand(session: Session):
    fees = tuple(Money(minor, "USD") for minor in (10_000, 20_000, 30_000))
    by_hand = ((date(2025, 10, 1), Money(15_000, "USD")), (date(2027, 1, 1), Money(45_000, "USD")))
    term = signed(
        session, fee=fees[0], year_fees=fees, frequency=DuesFrequency.BY_HAND, by_hand=by_hand
    )
    assert [d.shares for d in dues.schedule_of(session, term.id)] == [
        {1: 10_000, 2: 5_000},
        {2: 15_000, 3: 30_000},
    ]
    assert ties_out(session, term)


def test_a_draft_of_which_only_later_fees_change_is_another_version(session: Session):
    """A director releases what they read: the fees of the years and the dues are part of it."""
    offered = tier("member")
    fees = tuple(Money(minor, "USD") for minor in (10_000, 20_000, 30_000))
    draft = NewMembership(CompanyFactory().id, offered.id, TODAY, 3, fees[0], year_fees=fees)
    term = enrolment.start(session, draft, **edge())
    seen = term.version
    dearer = replace(draft, year_fees=(*fees[:2], Money(40_000, "USD")))
    enrolment.revise(session, term, dearer, version=seen, **edge())
    assert term.version == seen + 1
    with pytest.raises(Stale):
        enrolment.revise(session, term, draft, version=seen, **edge())


def test_a_draft_is_replanned_with_its_shares(session: Session):
    company = CompanyFactory()
    offered = tier("member")
    draft = NewMembership(company.id, offered.id, date(2026, 9, 1), 3, offered.fee)
    term = enrolment.start(session, draft, **edge())
    quarterly = replace(draft, years=2, frequency=DuesFrequency.QUARTERLY)
    enrolment.revise(session, term, quarterly, version=term.version, **edge())
    assert len(dues.schedule_of(session, term.id)) == 8
    assert ties_out(session, term)
    in_advance = replace(draft, frequency=DuesFrequency.IN_ADVANCE)
    enrolment.revise(session, term, in_advance, version=term.version, **edge())
    (only,) = dues.schedule_of(session, term.id)
    assert only.years == [1, 2, 3]
    assert ties_out(session, term)
