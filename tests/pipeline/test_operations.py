from __future__ import annotations

import pytest
from sqlalchemy import select

from crm.kit.errors import NotFound
from crm.kit.money import Money
from crm.memberships.models import Tier
from crm.pipeline import operations
from crm.pipeline.models import Mode, StageChange
from crm.pipeline.operations import CompanyArchived, ModeRetired
from crm.pipeline.rules import Move
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.pipeline import stage_of


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
