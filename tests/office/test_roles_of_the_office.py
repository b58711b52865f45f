"""The office gives and takes the roles in a group; who leads it undoes none, not even their own."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from crm.council import places
from crm.council.models import Place
from crm.council.place_rules import PlaceRole
from crm.kit.actors import Actor
from tests.cast import told
from tests.conftest import NOW, TODAY
from tests.factories.companies import PersonFactory
from tests.factories.working_groups import DeliverableFactory, PlaceFactory, WorkingGroupFactory
from tests.office.test_group_members import GROUPS

BY = Actor(1, "Sam Okafor")
ENDED = {"how": "ended", "on": TODAY.isoformat(), "reason": "Not needed"}


def led_by(fay, role=PlaceRole.CO_CHAIR):
    group, person = WorkingGroupFactory(), PersonFactory(user_id=fay.user_id)
    return group, PlaceFactory(group=group, person=person, university=True, role=role)


def made(session, place, role, *, on=TODAY):
    return places.change_role(session, place, role, on=on, reason="Elected", by=BY, now=NOW)


def test_a_dismissal_is_not_taken_back_by_who_is_dismissed(session, fay, sam):
    """They lead today still, and are a member from tomorrow on."""
    group, place = led_by(fay, PlaceRole.CHAIR)
    tomorrow = TODAY + timedelta(days=1)
    ahead = made(session, place, PlaceRole.MEMBER, on=tomorrow).id
    page, address = f"{GROUPS}/{group.id}", f"{GROUPS}/places/{ahead}/take-back"
    session.commit()
    assert address not in str(fay.get(page).html)
    fay.post(address, status=404)
    assert told(session, select(Place.ends_before).where(Place.role == "chair")) == tomorrow
    assert address in str(sam.get(page).html)
    sam.post(address)
    assert told(session, select(Place.ends_before).where(Place.role == "chair")) is None


def test_a_role_that_the_office_gave_is_not_taken_back_by_a_co_chair(session, fay):
    group, _ = led_by(fay)
    changed = made(session, PlaceFactory(group=group, university=True), PlaceRole.CHAIR).id
    came = PlaceFactory(
        group=group, university=True, role=PlaceRole.CO_CHAIR, starts_on=TODAY
    ).id  # fmt: skip
    session.commit()
    for place_id in (changed, came):
        assert "ask them" in fay.post(f"{GROUPS}/places/{place_id}/take-back", status=404).words


def test_the_place_of_who_leads_is_ended_by_the_office(session, fay, sam):
    group, mine = led_by(fay)
    chair = PlaceFactory(group=group, university=True, role=PlaceRole.CHAIR)
    member = PlaceFactory(group=group, university=True)
    end = {one.id: f"{GROUPS}/places/{one.id}/end" for one in (mine, chair, member)}
    page, leading, member_id = f"{GROUPS}/{group.id}", (mine.id, chair.id), member.id
    session.commit()
    shown = str(fay.get(page).html)
    assert [place_id for place_id in end if end[place_id] in shown] == [member_id]
    for place_id in leading:
        fay.get(end[place_id], status=404)
        fay.post(end[place_id], ENDED, status=404)
    fay.post(end[member_id], ENDED)
    assert all(end[place_id] in str(sam.get(page).html) for place_id in leading)
    for place_id in leading:
        sam.post(end[place_id], ENDED)


def test_who_chairs_takes_back_whom_they_took_in_by_mistake(session, fay):
    group, _ = led_by(fay)
    place_id = PlaceFactory(group=group, university=True, starts_on=TODAY).id
    address = f"{GROUPS}/places/{place_id}/take-back"
    page = f"{GROUPS}/{group.id}"
    session.commit()
    assert address in str(fay.get(page).html)
    fay.post(address)
    assert told(session, select(Place.id).where(Place.id == place_id)) is None


def test_what_a_closed_group_made_is_moved_on_by_the_office(session, fay, sam):
    group = WorkingGroupFactory(closed_on=TODAY)
    PlaceFactory(
        group=group, person=PersonFactory(user_id=fay.user_id), university=True,
        role=PlaceRole.CHAIR, ends_before=TODAY,
    )  # fmt: skip
    at = f"{GROUPS}/deliverables/{DeliverableFactory(group=group, link='https://a.example/x').id}"
    plan = f"{GROUPS}/{group.id}/deliverables/new"
    moved = {"stage": "published", "on": TODAY.isoformat()}
    text = {"title": "Roadmap", "kind": "roadmap", "readers": "public", "version": "1"}
    text["link"] = "https://a.example/map"
    session.commit()
    for act, sent in (("edit", text), ("stage", moved)):
        fay.get(f"{at}/{act}", status=404)
        fay.post(f"{at}/{act}", sent, status=404)
        sam.post(f"{at}/{act}", sent)
    assert "https://a.example/map" in str(sam.get(at).html)
    assert "Published" in sam.get(at).words
    assert "closed" in sam.post(plan, text, status=422).words
