"""Who chairs a group brings into it whom they know: it opens nobody on record to them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from crm.council.models import Place
from crm.people.models import Person
from crm.people.rules import name_key
from crm.working_groups.rules import JoinPolicy
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
    ProfileFactory,
)
from tests.factories.memberships import MembershipFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory
from tests.office.test_group_members import GROUPS, chaired_by

DAY = TODAY.isoformat()


def add(email: str) -> dict[str, str]:
    return {"email": email, "starts_on": DAY}


def refused(who, address: str, email: str) -> str:
    page = who.post(address, add(email), status=422)
    return page.words.replace(email, "…")


def test_nobody_on_record_is_opened_by_appointing_them(session, fay):
    """Somebody of a prospect, somebody of nowhere, and an address that nobody has: one answer."""
    address = f"{GROUPS}/{chaired_by(fay, session).id}/university"
    works = AffiliationFactory(person=PersonFactory(name="Vic Target"), title="CFO")
    AddressFactory(person=works.person, email="vic@prospect.example")
    alone = AddressFactory(person=PersonFactory(name="Una Alone"), email="una@far.example")
    ids = works.person_id, alone.person_id
    session.commit()
    answers = {
        refused(fay, address, email)
        for email in ("vic@prospect.example", "una@far.example", "nobody@prospect.example")
    }
    assert len(answers) == 1
    assert "Nobody of the university whom you may add" in answers.pop()
    for person_id in ids:
        fay.get(f"/office/people/{person_id}", status=404)
    assert told(session, select(func.count()).select_from(Place)) == 1


@pytest.mark.parametrize("known_by", ["profile", "group"])
def test_who_chairs_adds_whom_they_see_already(session, fay, known_by):
    group_id = chaired_by(fay, session).id
    person = AddressFactory(email="tomas@campus.example").person
    if known_by == "profile":
        ProfileFactory(person=person)
    else:
        other = WorkingGroupFactory(name="Another")
        PlaceFactory(group=other, university=True, person=person)
        me = session.scalars(select(Person).where(Person.user_id == fay.user_id)).one()
        PlaceFactory(group=other, university=True, person=me)
    person_id = person.id
    session.commit()
    fay.get(f"/office/people/{person_id}")
    fay.post(f"{GROUPS}/{group_id}/university", add("tomas@campus.example"))
    assert told(session, select(func.count()).where(Place.body_id == group_id)) == 2


def test_to_staff_who_works_at_a_company_is_nobody_of_the_university_either(session, sam):
    address = f"{GROUPS}/{WorkingGroupFactory().id}/university"
    job = AffiliationFactory()
    AddressFactory(person=job.person, email="vic@prospect.example")
    gone = PersonFactory(archived_on=TODAY)
    AddressFactory(person=gone, email="gone@campus.example")
    AddressFactory(email="una@far.example")
    session.commit()
    assert refused(sam, address, "vic@prospect.example") == refused(
        sam, address, "gone@campus.example"
    )
    sam.post(address, add("una@far.example"))
    assert told(session, select(func.count()).select_from(Place)) == 1


def test_somebody_is_added_by_name_or_as_picked(session, fay, sam):
    """By who may see them; a name that two have is nobody's."""
    group_id = chaired_by(fay, session).id
    address = f"{GROUPS}/{group_id}/university"
    tomas, ines = (
        ProfileFactory(person=PersonFactory(name="Tomas I")).person,
        PersonFactory(name="Ines M", name_key=name_key("Ines M")),
    )
    ProfileFactory(person=PersonFactory(name="Two Ofus"))
    ProfileFactory(person=PersonFactory(name="Two Ofus"))
    picked, unseen = f"Tomas I (#{tomas.id})", f"Ines M (#{ines.id})"
    session.commit()
    assert len({refused(fay, address, who) for who in (unseen, "Two Ofus", "Una Whom")}) == 1
    fay.post(address, add(picked))
    sam.post(address, add("Ines M"))
    assert told(session, select(func.count()).where(Place.body_id == group_id)) == 3


@pytest.mark.parametrize("way", ["invite", "apply", "join"])
def test_the_people_of_a_company_without_places_are_named_to_nobody(session, fay, sam, way):
    group = chaired_by(fay, session)
    group.join_policy = JoinPolicy.OPEN if way == "join" else JoinPolicy.APPLICATION
    prospect, lapsed, member = (CompanyFactory() for _ in range(3))
    MembershipFactory(company=lapsed, lapsed=True)
    MembershipFactory(company=member)
    people = [AffiliationFactory(company=one).person for one in (prospect, lapsed, member)]
    people[2].name = "Ann Ode"
    sent = {"person": people[0].id, "starts_on": DAY, "note": ""}
    at = f"{GROUPS}/{group.id}/members/{way}?company="
    without, with_places = (prospect.id, lapsed.id, 9999), member.id
    session.commit()
    for company_id in without:
        for who in (fay, sam):
            who.get(f"{at}{company_id}", status=404)
            who.post(f"{at}{company_id}", sent, status=404)
    assert "Ann Ode" in fay.get(f"{at}{with_places}").words
