"""The acts of a membership's life, and when each is refused."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.memberships import drafting, operations, queries
from crm.memberships.drafting import NewMembership
from crm.memberships.models import Membership, YearFee
from crm.memberships.operations import Side, WrongMoment
from crm.memberships.rules import Status
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import MembershipFactory, tier

EDGE: dict[str, Any] = {"by": Actor(1, "Dana Whitfield"), "now": NOW, "today": TODAY}
YESTERDAY = TODAY - timedelta(days=1)


def test_with_both_signatures_it_is_executed_on_the_later_day(session: Session):
    membership = MembershipFactory(unsigned=True, starts_on=date(2026, 6, 1), grace_days=7)
    operations.sign(session, membership, Side.PROGRAMME, on=YESTERDAY, **EDGE)
    assert membership.status_on(TODAY) is Status.AWAITING_SIGNATURE
    operations.sign(session, membership, Side.COMPANY, on=date(2026, 6, 3), **EDGE)
    assert membership.executed_on == YESTERDAY
    assert membership.status_on(TODAY) is Status.ACTIVE
    assert membership.grace_days == 60  # copied from the programme when signed


def test_a_day_recorded_by_mistake_is_corrected_until_both_have_signed(session: Session):
    membership = MembershipFactory(unsigned=True)
    operations.sign(session, membership, Side.COMPANY, on=date(2026, 5, 1), **EDGE)
    operations.sign(session, membership, Side.COMPANY, on=date(2026, 6, 1), **EDGE)
    assert membership.company_signed_on == date(2026, 6, 1)
    operations.sign(session, membership, Side.PROGRAMME, on=TODAY, **EDGE)
    with pytest.raises(WrongMoment, match="fully executed"):
        operations.sign(session, membership, Side.COMPANY, on=TODAY, **EDGE)


def test_nobody_signs_tomorrow_nor_a_draft_nor_what_is_withdrawn(session: Session):
    with pytest.raises(drafting.UnfitTerm, match="future"):
        operations.sign(
            session,
            MembershipFactory(unsigned=True),
            Side.COMPANY,
            on=TODAY + timedelta(days=1),
            **EDGE,
        )
    with pytest.raises(WrongMoment, match="releases"):
        operations.sign(session, MembershipFactory(drafted=True), Side.COMPANY, on=TODAY, **EDGE)
    with pytest.raises(WrongMoment, match="withdrawn"):
        operations.sign(
            session,
            MembershipFactory(unsigned=True, withdrawn_on=YESTERDAY),
            Side.COMPANY,
            on=TODAY,
            **EDGE,
        )


@pytest.mark.parametrize(
    ("column", "changed"),
    [
        ("starts_on", date(2025, 10, 2)),
        ("ends_before", date(2029, 1, 1)),
        ("fee_minor", 1),
        ("company_signed_on", None),
        ("released_on", None),
        ("drafted_on", date(2020, 1, 6)),
        ("grace_days", 61),
        ("grace_votes", True),
        ("agreement_number", "AG-2"),
        ("notice_days", 30),
        ("logo_permission", True),
        ("covered_affiliates", "All of them"),
        ("renewal_terms", "By itself"),
        ("own_seat", True),
        ("benefits_version", "2027"),
    ],
)
def test_what_is_signed_is_immutable_in_the_database(
    session: Session, column: str, changed: object
):
    membership = MembershipFactory()
    setattr(membership, column, changed)
    with pytest.raises(IntegrityError, match="membership_is_signed"):
        session.flush()
    session.rollback()


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        ("INSERT INTO year_fee VALUES ({id}, 1, 5)", "year_fee_of_signed_added"),
        ("UPDATE year_fee SET fee_minor = 5", "year_fee_of_signed_changed"),
        ("DELETE FROM year_fee", "year_fee_of_signed_gone"),
    ],
)
def test_the_fees_of_the_years_stay_once_both_have_signed(
    session: Session, statement: str, refused: str
):
    signed, ramp = MembershipFactory(), MembershipFactory(unsigned=True)
    session.add(YearFee(membership_id=ramp.id, year=1, fee_minor=100))
    session.flush()
    for side in Side:
        operations.sign(session, ramp, side, on=YESTERDAY, **EDGE)
    with pytest.raises(IntegrityError, match=refused):
        session.execute(text(statement.format(id=signed.id)))
    session.rollback()


def test_a_term_that_was_signed_before_comes_with_the_fees_of_its_years(session: Session):
    fees = tuple(Money(minor, "USD") for minor in (100, 200, 300))
    wanted = NewMembership(
        CompanyFactory().id,
        tier("member").id,
        date(2025, 10, 1),
        3,
        fees[0],
        company_signed_on=YESTERDAY,
        programme_signed_on=YESTERDAY,
        year_fees=fees,
    )
    term = drafting.draft(session, wanted, released_on=None, now=NOW, today=TODAY)
    session.commit()
    assert term.executed_on == YESTERDAY
    assert list(queries.agreed_fees(session, term)) == list(fees)


def test_only_a_draft_is_released(session: Session):
    with pytest.raises(WrongMoment):
        operations.release(session, MembershipFactory(), **EDGE)


def test_withdrawing_ends_with_the_second_signature(session: Session):
    for made in (MembershipFactory(drafted=True), MembershipFactory(unsigned=True)):
        operations.withdraw(session, made, reason="Budget cut", **EDGE)
        assert made.status_on(TODAY) is Status.WITHDRAWN
        assert made.status_on(YESTERDAY) is not Status.WITHDRAWN
    with pytest.raises(WrongMoment, match="not signed yet"):
        operations.withdraw(session, MembershipFactory(), reason="Too late", **EDGE)


def terminate(session: Session, membership: Membership, on: date) -> None:
    operations.terminate(session, membership, on=on, reason="Merged", **EDGE)


def test_terminating_frees_the_company_from_that_day(session: Session):
    membership = MembershipFactory()
    terminate(session, membership, TODAY)
    assert membership.status_on(TODAY) is Status.TERMINATED
    assert membership.status_on(YESTERDAY) is Status.ACTIVE
    assert membership.occupied_before == TODAY
    MembershipFactory(company=membership.company, starts_on=TODAY)
    with pytest.raises(WrongMoment, match="terminated already"):
        terminate(session, membership, TODAY)


def test_a_termination_ahead_can_be_moved_unless_the_time_is_taken(session: Session):
    membership = MembershipFactory()
    terminate(session, membership, date(2026, 12, 1))
    assert membership.status_on(TODAY) is Status.ACTIVE
    terminate(session, membership, date(2027, 2, 1))
    assert membership.occupied_before == date(2027, 2, 1)
    MembershipFactory(company=membership.company, starts_on=date(2027, 3, 1), drafted=True)
    with pytest.raises(drafting.Overlap):
        terminate(session, membership, date(2027, 4, 1))


def test_a_termination_lies_between_signature_and_natural_end(session: Session):
    membership = MembershipFactory(upcoming=True)
    with pytest.raises(drafting.UnfitTerm, match="before it was signed"):
        terminate(session, membership, date(2020, 1, 1))
    with pytest.raises(drafting.UnfitTerm, match="ends by itself"):
        terminate(session, membership, date(2030, 1, 1))
    terminate(session, membership, TODAY)
    assert membership.occupied_before == membership.starts_on
    assert membership.status_on(date(2027, 1, 1)) is Status.TERMINATED


def test_what_is_not_signed_is_withdrawn_not_terminated(session: Session):
    with pytest.raises(WrongMoment, match="withdraw it"):
        terminate(session, MembershipFactory(unsigned=True), TODAY)
    with pytest.raises(WrongMoment, match="lapsed already"):
        terminate(session, MembershipFactory(lapsed=True), TODAY)


def test_a_term_replaced_in_its_grace_is_over(session: Session):
    company = CompanyFactory()
    old = MembershipFactory(company=company, grace=True)
    MembershipFactory(company=company, starts_on=old.ends_before)
    with pytest.raises(WrongMoment, match="lapsed already"):
        terminate(session, old, TODAY)
