from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select

from crm.council.models import Seat
from crm.enrolment.operations import NewMembership
from crm.invoices.instalment_models import Instalment
from crm.kit.actors import Actor
from crm.kit.money import Money
from crm.memberships.models import Membership
from crm.memberships.rules import Status
from crm.pipeline import ending, queries
from crm.pipeline.ending import NoTerms, StaysEnded, UnfitReason
from crm.pipeline.models import LostReason, Opportunity, StageChange
from crm.pipeline.operations import AlreadyEnded, UnfitDay
from crm.pipeline.rules import Move
from tests.conftest import NOW, TODAY
from tests.factories.memberships import MembershipFactory, tier
from tests.factories.pipeline import OpportunityFactory
from tests.factories.workspaces import ScreeningFactory
from tests.racing import race

BY = {"by": Actor(1, "Dana Whitfield"), "now": NOW, "today": TODAY}
ROUNDS, RACERS = 4, 6


def terms(key="founding", starts_on=date(2026, 9, 1), fee=500_000_00):
    found = tier(key)
    return NewMembership(0, found.id, starts_on, found.years, Money(fee, "USD"))


def test_a_win_starts_membership_dues_and_seat_in_one_act(session):
    opportunity = OpportunityFactory(at="out-for-signature", parked_until=date(2027, 1, 1))
    membership = ending.win(session, opportunity, terms(), on=TODAY, **BY)
    assert (opportunity.won_on, opportunity.membership_id) == (TODAY, membership.id)
    assert opportunity.parked_until is None
    assert membership.company_id == opportunity.company_id
    assert (membership.starts_on, membership.ends_before) == (date(2026, 9, 1), date(2029, 9, 1))
    assert membership.status_on(TODAY) is Status.AWAITING_SIGNATURE
    dues = session.scalars(select(Instalment.amount_minor)).all()
    assert dues == [500_000_00] * 3
    seats = session.scalars(select(Seat.company_id).where(Seat.title.is_(None))).all()
    assert seats == [opportunity.company_id]
    assert [c.move for c in queries.history(session, opportunity.id)] == ["won"]


def test_other_modes_are_won_with_a_day_alone(session):
    factories = OpportunityFactory(mode_key="factories")
    with pytest.raises(NoTerms):
        ending.win(session, factories, terms(), on=TODAY, **BY)
    assert ending.win(session, factories, on=TODAY, **BY) is None
    assert factories.won_on == TODAY
    with pytest.raises(NoTerms):
        ending.win(session, OpportunityFactory(), on=TODAY, **BY)


def test_nothing_is_won_twice_or_ahead_of_time(session):
    opportunity = OpportunityFactory(mode_key="partnership")
    ScreeningFactory(company=opportunity.company)
    with pytest.raises(UnfitDay):
        ending.win(session, opportunity, on=TODAY + timedelta(days=1), **BY)
    ending.win(session, opportunity, on=TODAY, **BY)
    with pytest.raises(AlreadyEnded):
        ending.win(session, opportunity, on=TODAY, **BY)
    with pytest.raises(AlreadyEnded):
        ending.lose(session, opportunity, reason(session, "no-reply"), on=TODAY, **BY)


def test_of_two_wins_at_once_one_becomes_a_membership(app, session):
    for _ in range(ROUNDS):
        opportunity_id = OpportunityFactory().id
        wanted = terms()
        session.commit()
        ends = race(app, [partial(win, opportunity_id, wanted) for _ in range(RACERS)])
        assert ends.count(None) == 1, ends
        assert all(end is None or isinstance(end, AlreadyEnded) for end in ends)
        won = session.scalars(select(Opportunity).where(Opportunity.id == opportunity_id)).one()
        of_company = select(func.count()).where(Membership.company_id == won.company_id)
        assert session.scalar(of_company) == 1
        wins = select(func.count()).where(
            StageChange.opportunity_id == opportunity_id, StageChange.move == Move.WON
        )
        assert session.scalar(wins) == 1
        session.commit()


def win(opportunity_id, wanted, session):
    opportunity = queries.get(session, opportunity_id)
    ending.win(session, opportunity, wanted, on=TODAY, **BY)


def test_lost_for_a_reason_of_its_mode_or_of_all(session):
    opportunity = OpportunityFactory()
    with pytest.raises(UnfitReason):
        ending.lose(session, opportunity, reason(session, "factories.upkeep"), on=TODAY, **BY)
    session.get_one(LostReason, reason(session, "no-budget")).retired_on = TODAY
    with pytest.raises(UnfitReason):
        ending.lose(session, opportunity, reason(session, "no-budget"), on=TODAY, **BY)
    ending.lose(
        session, opportunity, reason(session, "alliance.fee"), note="Half would do", on=TODAY, **BY
    )
    assert (opportunity.lost_on, opportunity.lost_note) == (TODAY, "Half would do")
    other = OpportunityFactory()
    ending.lose(session, other, reason(session, "no-reply"), on=TODAY, **BY)
    assert other.lost_on == TODAY


def test_a_lost_one_comes_back_to_its_stage(session):
    opportunity = OpportunityFactory(at="qualified")
    stage = opportunity.stage_id
    ending.lose(session, opportunity, reason(session, "no-reply"), note="Thrice", on=TODAY, **BY)
    ending.reopen(session, opportunity, **BY)
    assert (opportunity.lost_on, opportunity.lost_reason_id, opportunity.lost_note) == (None,) * 3
    assert opportunity.stage_id == stage
    assert [c.move for c in queries.history(session, opportunity.id)] == ["lost", "reopened"]
    with pytest.raises(StaysEnded):
        ending.reopen(session, opportunity, **BY)


def test_a_won_one_comes_back_only_when_its_membership_was_withdrawn(session):
    opportunity = OpportunityFactory()
    membership = ending.win(session, opportunity, terms(), on=TODAY, **BY)
    with pytest.raises(StaysEnded):
        ending.reopen(session, opportunity, **BY)
    membership.withdrawn_on = TODAY
    session.flush()
    ending.reopen(session, opportunity, **BY)
    assert (opportunity.won_on, opportunity.membership_id) == (None, None)
    again = ending.win(session, opportunity, terms(), on=TODAY, **BY)
    assert again.id != membership.id


def test_a_refused_term_leaves_the_opportunity_open(app, session):
    opportunity_id = OpportunityFactory(company=MembershipFactory().company).id
    session.commit()
    wanted = terms()
    with pytest.raises(Exception, match="has a membership from"):
        win(opportunity_id, wanted, session)
    session.rollback()
    assert queries.get(session, opportunity_id).won_on is None


def reason(session, key):
    return session.scalars(select(LostReason.id).where(LostReason.key == key)).one()
