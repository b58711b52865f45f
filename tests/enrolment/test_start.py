"""Starting a term: membership, dues and seat in one act, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council.models import Seat
from crm.council.rules import SeatKind
from crm.enrolment import operations as enrolment
from crm.enrolment.operations import NewMembership
from crm.invoices.instalment_models import Instalment
from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.memberships import drafting, operations, places
from crm.memberships.models import Membership
from crm.memberships.operations import Side
from crm.memberships.rules import DuesFrequency, Status
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, tier

BY = Actor(1, "Sam Okafor")
START = date(2026, 9, 1)


def wanted(company: Company, key: str = "founding", **more: Any) -> NewMembership:
    offered = tier(key)
    draft = NewMembership(company.id, offered.id, START, offered.years, offered.fee)
    return replace(draft, **more)


def start(session: Session, draft: NewMembership, **more: Any) -> Membership:
    return enrolment.start(session, draft, by=BY, now=NOW, today=TODAY, **more)


def test_a_win_brings_the_term_its_dues_and_the_seat(session: Session):
    company = CompanyFactory()
    membership = start(session, wanted(company), released_on=TODAY)
    assert membership.status_on(TODAY) is Status.AWAITING_SIGNATURE
    assert (membership.starts_on, membership.ends_before) == (START, date(2029, 9, 1))
    assert membership.founding
    assert (membership.grace_days, membership.drafted_on) == (60, TODAY)
    dues = session.execute(
        select(Instalment.number, Instalment.due_on, Instalment.amount_minor).order_by(
            Instalment.number
        )
    ).all()
    assert [tuple(row) for row in dues] == [
        (1, date(2026, 9, 1), 50_000_000),
        (2, date(2027, 9, 1), 50_000_000),
        (3, date(2028, 9, 1), 50_000_000),
    ]
    seat = session.scalars(select(Seat).where(Seat.title.is_(None))).one()
    assert (seat.company_id, seat.kind) == (company.id, SeatKind.OWN)
    acts = session.scalars(select(JournalEntry.act).where(JournalEntry.kind == "membership"))
    assert "started" in set(acts)


def test_by_hand_it_is_a_draft_until_the_director_releases_it(session: Session):
    membership = start(session, wanted(CompanyFactory()))
    assert membership.status_on(TODAY) is Status.DRAFT
    operations.release(session, membership, by=BY, now=NOW, today=TODAY)
    assert membership.status_on(TODAY) is Status.AWAITING_SIGNATURE


def test_a_member_from_before_counts_at_once(session: Session):
    draft = wanted(
        CompanyFactory(),
        starts_on=date(2024, 1, 1),
        company_signed_on=date(2023, 11, 20),
        programme_signed_on=date(2023, 12, 4),
    )
    membership = start(session, draft)
    assert membership.status_on(TODAY) is Status.ACTIVE
    assert membership.status_on(date(2023, 12, 3)) is Status.AWAITING_SIGNATURE


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("member", "own"),
        ("associate", None),
        ("public-partner", "observer"),
        ("start-up", None),
    ],
)
def test_the_tier_decides_the_seat(session: Session, key: str, kind: str | None):
    start(session, wanted(CompanyFactory(), key))
    assert session.scalar(select(Seat.kind).where(Seat.title.is_(None))) == kind


def test_a_waived_fee_leaves_nothing_due(session: Session):
    start(session, wanted(CompanyFactory(), "start-up", fee=Money(0, "USD")))
    assert session.scalar(select(func.count()).select_from(Instalment)) == 0


def test_quarterly_dues_sum_to_the_fee_of_each_year(session: Session):
    draft = wanted(CompanyFactory(), fee=Money(10_003, "USD"), frequency=DuesFrequency.QUARTERLY)
    start(session, draft)
    by_year = session.execute(
        select(Instalment.membership_year, func.sum(Instalment.amount_minor)).group_by(
            Instalment.membership_year
        )
    ).all()
    assert sorted(map(tuple, by_year)) == [(1, 10_003), (2, 10_003), (3, 10_003)]


def test_overlap_is_refused_in_words_that_say_when_it_is_free(session: Session):
    company = CompanyFactory(name="Northlake Turbine Works")
    MembershipFactory(company=company)
    with pytest.raises(drafting.Overlap, match="October 1, 2025 to September 30, 2028") as refused:
        start(session, wanted(company))
    assert refused.value.field == "starts_on"
    assert "October 1, 2028 or later" in str(refused.value)
    assert session.scalar(select(func.count()).select_from(Instalment)) == 0


def test_the_database_refuses_what_two_see_free_at_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    company = CompanyFactory()
    MembershipFactory(company=company)
    monkeypatch.setattr(drafting, "refuse_overlap", lambda *_, **__: None)
    with pytest.raises(drafting.Overlap, match="just now"):
        start(session, wanted(company))
    assert session.scalar(select(func.count()).select_from(Membership)) == 1


def test_a_renewal_names_its_predecessor_and_keeps_founding(session: Session):
    company = CompanyFactory()
    first = MembershipFactory(company=company, tier="founding", grace=True)
    second = start(session, wanted(company, "member", starts_on=first.ends_before))
    assert second.predecessor_id == first.id
    assert second.founding


def test_a_start_after_the_grace_is_no_renewal(session: Session):
    company = CompanyFactory()
    MembershipFactory(company=company, lapsed=True)
    assert start(session, wanted(company)).predecessor_id is None


def test_a_withdrawn_draft_frees_the_time_and_the_predecessor(session: Session):
    company = CompanyFactory()
    first = MembershipFactory(company=company, grace=True)
    draft = wanted(company, starts_on=first.ends_before)
    second = start(session, draft)
    operations.withdraw(session, second, reason="Board said no", by=BY, now=NOW, today=TODAY)
    assert second.status_on(TODAY) is Status.WITHDRAWN
    assert start(session, draft).predecessor_id == first.id


def test_the_founding_tier_closes(session: Session):
    for _ in range(10):
        MembershipFactory(tier="founding")
    with pytest.raises(places.TierClosed, match="closes at 10"):
        start(session, wanted(CompanyFactory()))
    past = wanted(CompanyFactory(), starts_on=date(2019, 1, 1))
    assert start(session, past).founding  # in that time there was room


def test_only_signed_terms_take_the_places_of_a_tier(session: Session):
    for _ in range(9):
        MembershipFactory(tier="founding")
    first, second = (start(session, wanted(CompanyFactory()), released_on=TODAY) for _ in range(2))
    for side in Side:
        operations.sign(session, first, side, on=TODAY, by=BY, now=NOW, today=TODAY)
    operations.sign(session, second, Side.COMPANY, on=TODAY, by=BY, now=NOW, today=TODAY)
    with pytest.raises(places.TierClosed, match="Edit the draft, or withdraw it"):
        operations.sign(session, second, Side.PROGRAMME, on=TODAY, by=BY, now=NOW, today=TODAY)
    assert second.status_on(TODAY) is Status.AWAITING_SIGNATURE


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"years": 0}, "years"),
        ({"years": 11}, "years"),
        ({"starts_on": date(1901, 1, 1)}, "starts_on"),
        ({"fee": Money(-1, "USD")}, "fee"),
        ({"company_signed_on": date(2026, 6, 16)}, "company_signed_on"),
        ({"programme_signed_on": date(1950, 1, 1)}, "programme_signed_on"),
        ({"tier_id": 999_999}, "tier"),
        ({"company_id": 999_999}, "company"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(
    session: Session, more: dict[str, Any], field: str
):
    draft = replace(wanted(CompanyFactory()), **more)
    with pytest.raises(drafting.UnfitTerm) as refused:
        start(session, draft)
    assert refused.value.field == field
    assert session.scalar(select(func.count()).select_from(Membership)) == 0


def test_an_agreement_number_is_used_once(session: Session):
    MembershipFactory(agreement_number="MFG-7")
    with pytest.raises(drafting.UnfitTerm, match="agreement number"):
        start(session, wanted(CompanyFactory(), agreement_number="MFG-7"))


def test_a_retired_tier_is_for_history_only(session: Session):
    tier("member").retired_on = date(2026, 1, 1)
    with pytest.raises(places.TierClosed, match="no longer offered"):
        start(session, wanted(CompanyFactory(), "member"))
    signed = {"company_signed_on": date(2023, 1, 1), "programme_signed_on": date(2023, 1, 1)}
    start(session, wanted(CompanyFactory(), "member", starts_on=date(2023, 1, 1), **signed))
