"""Places as they are kept: taken, ended, taken back; who sits on a day, by computation."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.council import place_queries, place_rules, places
from crm.council.models import Body, Place
from crm.council.operations import NotOfTheCompany
from crm.council.participants import Part, participants_on
from crm.council.place_rules import Gap, PlaceRole
from crm.council.places import NewPlace
from crm.council.taking_back import AlreadyBegun
from crm.council.university import NotOfTheUniversity
from crm.kit.actors import Actor
from crm.memberships.models import Amendment
from crm.working_groups.models import WorkingGroup
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, AffiliationFactory, PersonFactory
from tests.factories.memberships import MembershipFactory, tier
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory

BY = Actor(1, "Sam Okafor")
EDGE = {"by": BY, "now": NOW}


def take(session: Session, group: WorkingGroup, person: int, company: int | None, **more: object):
    wanted = {"starts_on": TODAY, **more}
    draft = NewPlace(person_id=person, company_id=company, **wanted)  # type: ignore[arg-type]
    return places.take(session, session.get_one(Body, group.id), draft, **EDGE)


def colleague(company: object, **more: object) -> int:
    return int(AffiliationFactory(company=company, **more).person_id)


def standing(session: Session, group: WorkingGroup, day: date = TODAY) -> list[Gap | None]:
    session.expire_all()
    return [one.gap for one in place_queries.members_on(session, day, body_id=group.id)]


def test_a_member_takes_as_many_places_as_its_tier_gives(session):
    group, term = WorkingGroupFactory(), MembershipFactory(tier="member")
    slots = [take(session, group, colleague(term.company), term.company_id).slot for _ in range(2)]
    assert slots == [1, 2]
    with pytest.raises(place_rules.PlacesUsedUp):
        take(session, group, colleague(term.company), term.company_id)
    take(session, WorkingGroupFactory(), colleague(term.company), term.company_id)
    with pytest.raises(place_rules.GroupsUsedUp):
        take(session, WorkingGroupFactory(), colleague(term.company), term.company_id)


def test_what_the_tier_gives_is_asked_for_the_day(session):
    term = MembershipFactory(tier="member")
    session.add(
        Amendment(
            membership_id=term.id, from_on=TODAY + timedelta(days=30),
            tier_id=tier("founding").id, reason="Upgrade", amended_on=TODAY, by_name="Dana",
        )
    )  # fmt: skip
    session.flush()
    given = place_queries.entitlement_on
    assert given(session, term.company_id, TODAY).groups == 2
    assert given(session, term.company_id, TODAY + timedelta(days=30)).groups is None
    assert given(session, term.company_id, date(2020, 1, 1)) is None


def test_only_who_works_there_takes_a_company_s_place(session):
    group, term = WorkingGroupFactory(), MembershipFactory()
    with pytest.raises(NotOfTheCompany):
        take(session, group, PersonFactory().id, term.company_id)
    assert take(session, group, PersonFactory().id, None).slot is None


def test_who_works_at_a_company_or_will_takes_no_place_of_the_university(session):
    """Else its people would sit there beyond what its tier gives it."""
    group, company = WorkingGroupFactory(), MembershipFactory(tier="start-up", years=1).company
    take(session, group, colleague(company), company.id)
    for more in ({}, {"starts_on": TODAY + timedelta(days=90)}):
        with pytest.raises(NotOfTheUniversity):
            take(session, group, colleague(company, **more), None)
    assert take(session, group, colleague(company, left=True), None).slot is None


def test_who_goes_to_a_company_sits_for_the_university_no_more(session):
    group = WorkingGroupFactory()
    place = PlaceFactory(group=group, university=True, role=PlaceRole.CHAIR)
    AffiliationFactory(person=place.person, starts_on=TODAY)
    body = session.get_one(Body, group.id)
    before = TODAY - timedelta(days=1)
    assert (standing(session, group, before), standing(session, group)) == ([None], [Gap.ELSEWHERE])
    assert len(participants_on(session, body, before)) == 1
    assert participants_on(session, body, TODAY) == []


def test_who_has_left_or_whose_company_has_lapsed_sits_no_more(session):
    group = WorkingGroupFactory()
    place = PlaceFactory(group=group)
    assert standing(session, group) == [None]
    [work] = session.scalars(
        select(AffiliationFactory._meta.model).filter_by(person_id=place.person_id)
    )
    work.ends_before = TODAY
    session.flush()
    assert standing(session, group) == [Gap.LEFT]
    assert standing(session, group, TODAY - timedelta(days=1)) == [None]
    assert standing(session, group, date(2029, 6, 1)) == [Gap.LAPSED]


def test_a_smaller_tier_leaves_places_beyond_it(session):
    group, term = WorkingGroupFactory(), MembershipFactory(tier="associate", years=2)
    for slot in (1, 2, 3):
        PlaceFactory(group=group, company=term.company, slot=slot)
    assert standing(session, group) == [None, None, Gap.BEYOND]


def test_another_role_is_another_row_on_the_same_place(session):
    group = WorkingGroupFactory()
    place = PlaceFactory(group=group)
    now = places.change_role(session, place, PlaceRole.CHAIR, on=TODAY, reason="Elected", **EDGE)
    assert (now.slot, now.starts_on, place.ends_before) == (place.slot, TODAY, TODAY)
    again = places.change_role(session, now, PlaceRole.CO_CHAIR, on=TODAY, reason="A slip", **EDGE)
    assert again.id == now.id
    other = PlaceFactory(group=group)
    places.change_role(session, other, PlaceRole.CHAIR, on=TODAY, reason="Elected", **EDGE)
    with pytest.raises(place_rules.ChairTaken):
        places.change_role(session, again, PlaceRole.CHAIR, on=TODAY, reason="Again", **EDGE)


def test_a_role_that_is_taken_back_leaves_the_one_before(session):
    place = PlaceFactory(group=WorkingGroupFactory())
    ahead = TODAY + timedelta(days=20)
    chair = places.change_role(session, place, PlaceRole.CHAIR, on=ahead, reason="Elected", **EDGE)
    with pytest.raises(place_rules.AlreadyIn, match="another role"):
        places.end(session, place, on=TODAY, reason="Too busy", **EDGE)
    places.take_back(session, chair, today=TODAY, **EDGE)
    assert (place.role, place.ends_before, place.end_reason) == (PlaceRole.MEMBER, None, None)
    places.end(session, place, on=TODAY, reason="Too busy", **EDGE)
    assert place.ends_before == TODAY


def test_a_chair_s_successor_is_not_pushed_aside_by_taking_back(session):
    group = WorkingGroupFactory()
    first, second = (PlaceFactory(group=group, university=True) for _ in range(2))
    first.role = PlaceRole.CHAIR
    session.flush()
    relieved = places.change_role(
        session, first, PlaceRole.MEMBER, on=TODAY, reason="Too busy", **EDGE
    )
    chair = places.change_role(session, second, PlaceRole.CHAIR, on=TODAY, reason="Elected", **EDGE)
    with pytest.raises(place_rules.ChairTaken):
        places.take_back(session, relieved, today=TODAY, **EDGE)
    assert (first.ends_before, relieved.role) == (TODAY, PlaceRole.MEMBER)
    places.take_back(session, chair, today=TODAY, **EDGE)
    places.take_back(session, relieved, today=TODAY, **EDGE)
    assert (first.role, first.ends_before) == (PlaceRole.CHAIR, None)


def test_a_place_ends_and_is_free_for_a_colleague(session):
    group, term = WorkingGroupFactory(), MembershipFactory(tier="start-up", years=1)
    place = take(
        session, group, colleague(term.company), term.company_id, starts_on=date(2026, 5, 1)
    )
    places.end(session, place, on=TODAY, reason="Too busy", left=True, **EDGE)
    assert take(session, group, colleague(term.company), term.company_id).slot == 1
    with pytest.raises(AlreadyBegun):
        places.take_back(session, place, today=TODAY, **EDGE)


def test_a_colleague_steps_in_for_who_has_left(session):
    group, term = WorkingGroupFactory(), MembershipFactory(tier="start-up", years=1)
    gone = AffiliationFactory(company=term.company, left=True).person
    left = PlaceFactory(group=group, company=term.company, person=gone, role=PlaceRole.CHAIR)
    now = take(session, group, colleague(term.company), term.company_id, role=PlaceRole.CHAIR)
    assert (now.slot, left.ends_before, left.end_reason) == (1, TODAY, "Has left the company")
    assert place_queries.stepped_in_for(session, now) == gone.name
    with pytest.raises(place_rules.PlacesUsedUp):
        take(session, group, colleague(term.company), term.company_id)
    assert place_queries.stepped_in_for(session, left) is None


def test_on_a_day_on_which_they_were_still_there_nobody_steps_in(session):
    group, term = WorkingGroupFactory(), MembershipFactory(tier="start-up", years=1)
    gone = AffiliationFactory(company=term.company, left=True)
    PlaceFactory(group=group, company=term.company, person=gone.person)
    before = gone.ends_before - timedelta(days=1)
    with pytest.raises(place_rules.PlacesUsedUp):
        take(session, group, colleague(term.company), term.company_id, starts_on=before)
    assert (
        take(
            session, group, colleague(term.company), term.company_id, starts_on=gone.ends_before
        ).slot
        == 1
    )


def test_a_place_in_a_group_that_closes_ends_with_it(session):
    closes = TODAY + timedelta(days=30)
    group, term = WorkingGroupFactory(closed_on=closes), MembershipFactory(tier="member")
    assert take(session, group, colleague(term.company), term.company_id).ends_before == closes
    with pytest.raises(places.GroupClosed):
        take(session, group, colleague(term.company), term.company_id, starts_on=closes)


def test_participants_of_a_group_are_those_who_sit(session):
    group = WorkingGroupFactory()
    chair = PlaceFactory(group=group, university=True, role=PlaceRole.CO_CHAIR)
    member = PlaceFactory(group=group, company=MembershipFactory(tier="member").company)
    gone = PlaceFactory(group=group, company=MembershipFactory(lapsed=True).company)
    AddressFactory(person=member.person, email="ann@here.example")
    body = session.get_one(Body, group.id)
    found = {one.person_id: one for one in participants_on(session, body, TODAY)}
    assert gone.person_id not in found
    assert (found[chair.person_id].part, found[chair.person_id].votes) == (Part.CO_CHAIR, False)
    assert found[chair.person_id].company_id is None
    told = found[member.person_id]
    assert (told.part, told.votes, told.email) == (Part.MEMBER, True, "ann@here.example")
    assert participants_on(session, body, date(2025, 10, 15)) == []


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ({"slot": 1}, {"slot": 1}, "ex_place_one_a_slot"),
        ({"role": PlaceRole.CHAIR}, {"role": PlaceRole.CHAIR, "slot": 2}, "ex_place_one_chair"),
        ({}, {"slot": 0}, "ck_place_slot"),
        ({}, {"slot": None}, "ck_place_slot_of_company"),
        ({}, {"slot": 2, "ends_before": date(2025, 11, 1)}, "ck_place_order"),
        ({}, {"slot": 2, "end_reason": "New job"}, "ck_place_reason_of_an_end"),
    ],
)
def test_the_database_refuses_what_must_not_be(session, first, second, name):
    group, company = WorkingGroupFactory(), MembershipFactory(tier="founding").company
    PlaceFactory(group=group, company=company, **first)
    person = AffiliationFactory(company=company).person
    with pytest.raises(IntegrityError, match=name), session.begin_nested():
        PlaceFactory(group=group, company=company, person=person, **second)


def test_the_database_refuses_one_person_twice_and_lets_days_follow_each_other(session):
    group = WorkingGroupFactory()
    place = PlaceFactory(group=group, ends_before=TODAY)
    following = {"group": group, "company": place.company, "person": place.person}
    PlaceFactory(**following, starts_on=TODAY)
    with pytest.raises(IntegrityError, match="ex_place_one_a_person"), session.begin_nested():
        PlaceFactory(**following, slot=2, starts_on=TODAY - timedelta(days=1))
    assert len(session.scalars(select(Place)).all()) == 2
