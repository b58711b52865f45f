"""What SQL says of places, held to the rules it repeats."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from crm.council import company_places, place_queries, place_rules
from crm.council.models import Body, Place
from crm.council.place_rules import Gap, Taken
from crm.council.university import works_at_a_company
from crm.memberships.models import Amendment
from tests.conftest import TODAY
from tests.factories.companies import AffiliationFactory, PersonFactory
from tests.factories.memberships import MembershipFactory, tier
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory

DAY0 = date(2026, 1, 1)


def day(number: int) -> date:
    return DAY0 + timedelta(days=number)


def scattered(number: int) -> None:
    """Places of three companies in five groups: people come, go, come again and follow."""
    dice = random.Random(number)
    groups = [WorkingGroupFactory() for _ in range(5)]
    for grade in ("member", "associate", "founding"):
        company = MembershipFactory(tier=grade, starts_on=date(2025, 7, 1), years=2).company
        for group in dice.sample(groups, 4):
            for slot in (1, 2, 3):
                start = dice.randrange(20)
                person = AffiliationFactory(company=company).person
                for _ in range(dice.randrange(3)):
                    stays = dice.randrange(1, 15)
                    PlaceFactory(
                        group=group, company=company, person=person, slot=slot,
                        starts_on=day(start), ends_before=day(start + stays),
                    )  # fmt: skip
                    start += stays + dice.randrange(6)
                if dice.randrange(2):
                    PlaceFactory(
                        group=group, company=company, person=person, slot=slot,
                        starts_on=day(start),
                    )  # fmt: skip


def known(session) -> list[Taken]:
    return [
        Taken(
            id=place.id, body_id=place.body_id, person_id=place.person_id,
            company_id=place.company_id, slot=place.slot, role=place.role, period=place.period,
        )
        for place in session.scalars(select(Place))
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(3))
def test_the_rank_of_a_group_is_the_rule_s_on_every_day(session, number):
    scattered(number)
    places = known(session)
    beyond = 0
    for on in map(day, range(0, 45, 2)):
        found = {
            (row.company_id, row.body_id): row.nth
            for row in session.execute(select(place_queries.ranked(on)))
        }
        assert found == place_rules.ranked(places, on)
        slots = {one.id: one.slot for one in places}
        for member in place_queries.members_on(session, on):
            entitled = place_queries.entitlement_on(session, member.company_id, on)
            gap = place_rules.gap(
                company_id=member.company_id, slot=slots[member.place_id], here=True,
                entitled=entitled, nth=found[member.company_id, member.body_id],
            )  # fmt: skip
            assert member.gap is gap
            alone = place_queries.members_on(session, on, body_id=member.body_id)
            assert member in alone
            beyond += gap is Gap.BEYOND and slots[member.place_id] <= entitled.places
    assert beyond


def test_who_is_of_the_university_is_the_rule_s_on_every_day(session):
    """With a job of before, of some days among them two at once, of today on, and with none."""
    group, jobs = WorkingGroupFactory(), {}
    for spells in ([], [(None, 2)], [(3, 5), (4, 8)], [(6, None)], [(1, 2), (5, None)]):
        person = PersonFactory()
        jobs[person.id] = [
            AffiliationFactory(
                person=person, starts_on=None if first is None else day(first),
                ends_before=None if end is None else day(end),
            ).period
            for first, end in spells
        ]  # fmt: skip
        PlaceFactory(group=group, university=True, person=person, starts_on=day(0))
    for on in map(day, range(10)):
        members = place_queries.members_on(session, on, body_id=group.id)
        assert [member.title for member in members] == [None] * len(jobs)
        for member in members:
            here = not any(on in job for job in jobs[member.person_id])
            gap = place_rules.gap(company_id=None, slot=None, here=here, entitled=None)
            assert member.gap is gap
            runs_or_comes = any(
                job.ends_before is None or job.ends_before > on for job in jobs[member.person_id]
            )
            assert works_at_a_company(session, member.person_id, on) is runs_or_comes


def test_a_smaller_tier_leaves_groups_beyond_it(session):
    term = MembershipFactory(tier="founding")
    first, second = WorkingGroupFactory(name="First"), WorkingGroupFactory(name="Second")
    PlaceFactory(group=second, company=term.company, starts_on=date(2025, 12, 1))
    PlaceFactory(group=first, company=term.company, starts_on=date(2025, 11, 1))
    session.add(
        Amendment(
            membership_id=term.id, from_on=TODAY, tier_id=tier("associate").id,
            reason="Smaller", amended_on=TODAY, by_name="Dana",
        )
    )  # fmt: skip
    session.flush()

    def gaps(on: date) -> dict[str, Gap | None]:
        members = place_queries.members_on(session, on)
        shown = company_places.of_company(session, term.company_id, on).places
        assert {one.body_id: one.gap for one in members} == {one.body_id: one.gap for one in shown}
        names = {body.id: body.name for body in session.scalars(select(Body))}
        return {names[one.body_id]: one.gap for one in members}

    assert gaps(TODAY) == {"First": None, "Second": Gap.BEYOND}
    assert gaps(TODAY - timedelta(days=1)) == {"First": None, "Second": None}


def test_which_groups_are_open_is_the_rule_s_on_every_day(session):
    closed = [WorkingGroupFactory(closed_on=on).body for on in (None, day(3), day(5))]
    ids = {body.id for body in closed}
    for on in map(day, range(7)):
        found = select(Body.id).where(Body.id.in_(ids), place_queries.is_open(on))
        by_rule = {b.id for b in closed if place_rules.is_open(on, closed_on=b.retired_on)}
        assert set(session.scalars(found)) == by_rule
