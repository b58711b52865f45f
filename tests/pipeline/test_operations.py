from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.companies.queries import CompanyArchived
from crm.kit.errors import NotFound, Stale
from crm.kit.money import Money
from crm.memberships.models import Tier
from crm.pipeline import operations, queries
from crm.pipeline.models import Mode, OpportunityTouch, StageChange
from crm.pipeline.operations import (
    AlreadyEnded,
    ForeignStage,
    ModeRetired,
    UnderWay,
    UnfitDay,
)
from crm.pipeline.rules import Move
from tests.conftest import NOW, TODAY
from tests.factories.activities import TouchFactory
from tests.factories.companies import CompanyFactory
from tests.factories.pipeline import OpportunityFactory, stage_of

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def mode(session, key="alliance"):
    return session.scalars(select(Mode).where(Mode.key == key)).one()


def opened(session, sam, *, company=None, key="alliance", **more):
    company = company or CompanyFactory()
    return operations.open_opportunity(
        session,
        company_id=company.id,
        mode_id=mode(session, key).id,
        owner_id=sam.user_id,
        by=sam.actor,
        on=TODAY,
        now=NOW,
        **more,
    )


def test_it_enters_at_the_first_live_stage_and_the_day_is_kept(session, sam):
    stage_of("alliance").retired_on = TODAY
    session.flush()
    opportunity = opened(session, sam)
    second = stage_of("alliance", "introductory-call")
    change = session.scalars(select(StageChange)).one()
    assert opportunity.stage_id == second.id
    assert (change.move, change.from_stage_id, change.to_stage_id) == (Move.OPENED, None, second.id)
    assert (change.on, change.by_name) == (TODAY, "Sam Okafor")
    assert (opportunity.value_minor, opportunity.currency) == (None, "USD")


def test_a_tier_says_the_value_unless_one_is_given(session, sam):
    tier = session.scalars(select(Tier).where(Tier.key == "member")).one()
    assert opened(session, sam, tier_id=tier.id).value_minor == 750_000_00
    given = opened(session, sam, tier_id=tier.id, value=Money(900, "EUR"))
    assert (given.value_minor, given.currency) == (900, "EUR")


def test_nothing_opens_with_an_archived_company_or_in_a_retired_mode(session, sam):
    with pytest.raises(CompanyArchived):
        opened(session, sam, company=CompanyFactory(archived_on=TODAY))
    mode(session, "factories").retired_on = TODAY
    with pytest.raises(ModeRetired):
        opened(session, sam, key="factories")
    with pytest.raises(NotFound):
        operations.open_opportunity(
            session, company_id=99, mode_id=1, owner_id=None, by=sam.actor, on=TODAY, now=NOW
        )


def test_a_move_is_dated_and_ends_a_pause(session, sam):
    opportunity = OpportunityFactory(parked_until=TODAY + WEEK)
    first, target = opportunity.stage_id, stage_of("alliance", "negotiation")
    move(session, opportunity, sam, target, on=TODAY - DAY)
    assert (opportunity.stage_id, opportunity.stage_since) == (target.id, TODAY - DAY)
    assert opportunity.parked_until is None
    (change,) = queries.history(session, opportunity.id)
    assert (change.move, change.to_stage, change.on) == ("moved", "Negotiation", TODAY - DAY)
    assert first != target.id


def test_a_move_needs_a_live_stage_of_its_own_mode(session, sam):
    opportunity = OpportunityFactory()
    retired = stage_of("alliance", "qualified")
    retired.retired_on = TODAY
    session.flush()
    for stage in (stage_of("factories", "need-and-fit"), retired, stage_of("alliance")):
        with pytest.raises(ForeignStage):
            move(session, opportunity, sam, stage)
    with pytest.raises(ForeignStage):
        operations.move(session, opportunity, 999_999, on=TODAY, by=sam.actor, now=NOW, today=TODAY)


def test_a_move_lies_between_the_last_one_and_today(session, sam):
    opportunity = OpportunityFactory(stage_since=TODAY - WEEK)
    target = stage_of("alliance", "negotiation")
    for on in (TODAY + DAY, TODAY - WEEK - DAY):
        with pytest.raises(UnfitDay):
            move(session, opportunity, sam, target, on=on)
    move(session, opportunity, sam, target, on=TODAY - WEEK)


def test_what_ended_or_changed_meanwhile_is_refused(session, sam):
    lost = OpportunityFactory(lost_on=TODAY, lost_reason_id=queries.lost_reasons(session, 1)[0][0])
    with pytest.raises(AlreadyEnded):
        move(session, lost, sam, stage_of("alliance", "qualified"))
    opportunity = OpportunityFactory()
    with pytest.raises(Stale):
        operations.park(
            session, opportunity, TODAY + DAY, version=7, by=sam.actor, now=NOW, today=TODAY
        )


def test_parked_until_a_later_day_and_back(session, sam):
    opportunity = OpportunityFactory()
    by = {"by": sam.actor, "now": NOW, "today": TODAY}
    with pytest.raises(UnfitDay):
        operations.park(session, opportunity, TODAY, **by)
    operations.park(session, opportunity, TODAY + WEEK, **by)
    assert opportunity.parked_until == TODAY + WEEK
    operations.unpark(session, opportunity, **by)
    with pytest.raises(AlreadyEnded):
        operations.unpark(session, opportunity, **by)
    moves = [change.move for change in queries.history(session, opportunity.id)]
    assert moves == ["parked", "unparked"]


def test_a_letter_of_intent_has_a_day_that_has_been(session):
    opportunity = OpportunityFactory()
    with pytest.raises(UnfitDay):
        operations.note_intent(session, opportunity, TODAY + DAY, today=TODAY)
    operations.note_intent(session, opportunity, TODAY, today=TODAY)
    assert opportunity.intent_on == TODAY
    operations.note_intent(session, opportunity, None, today=TODAY)
    assert opportunity.intent_on is None


def test_what_was_just_opened_can_be_taken_back_and_nothing_else(session, sam):
    opportunity = opened(session, sam)
    operations.take_back(session, opportunity)
    assert session.scalars(select(StageChange)).all() == []
    moved = opened(session, sam)
    move(session, moved, sam, stage_of("alliance", "qualified"))
    with pytest.raises(UnderWay):
        operations.take_back(session, moved)
    touched = opened(session, sam)
    touch = TouchFactory(company=CompanyFactory())
    session.add(OpportunityTouch(opportunity_id=touched.id, touch_id=touch.id))
    session.flush()
    with pytest.raises(UnderWay):
        operations.take_back(session, touched)


def move(session, opportunity, who, stage, *, on=TODAY):
    operations.move(session, opportunity, stage.id, on=on, by=who.actor, now=NOW, today=TODAY)
