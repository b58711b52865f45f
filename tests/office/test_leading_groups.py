"""Who chairs a group leads it everywhere, while they sit on their place; letters included."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from crm.accounts.rules import Role
from crm.council import inviting
from crm.council.meeting_models import Meeting
from crm.council.models import Body
from crm.council.place_rules import PlaceRole
from crm.council.rights import may_edit, may_release
from crm.mail.models import OutgoingMail
from tests.cast import sign_in_as, told
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, AffiliationFactory, PersonFactory
from tests.factories.meetings import MeetingFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory
from tests.office.test_group_members import GROUPS, chaired_by
from tests.office.test_meetings import PLAN


@pytest.mark.parametrize("gap", ["left", "lapsed", "beyond"])
def test_who_sits_no_more_leads_no_more(session, fay, gap):
    """A co-chair for a company, who has left it, or whose company is no member or has fewer
    places: neither the charter nor the meetings."""
    term = MembershipFactory(lapsed=gap == "lapsed", tier="member")
    person = PersonFactory(user_id=fay.user_id)
    work = AffiliationFactory(company=term.company, person=person)
    group = WorkingGroupFactory()
    PlaceFactory(
        group=group, company=term.company, person=person, role=PlaceRole.CO_CHAIR,
        slot=3 if gap == "beyond" else 1,
    )  # fmt: skip
    if gap == "left":
        work.ends_before = TODAY
    pages = (
        f"{GROUPS}/{group.id}/edit",
        f"{GROUPS}/{group.id}/mailings/new",
        f"/office/bodies/{group.id}/meetings/new",
    )
    body, day = group.body, {"left": date(2026, 6, 1), "lapsed": date(2024, 6, 1)}.get(gap, TODAY)
    sat = may_edit(session, fay.viewer, body, day)
    assert sat is (gap == "left")
    assert may_release(session, fay.viewer, body, day) is sat
    session.commit()
    for page in pages:
        fay.get(page, status=404)


def test_who_sits_leads(session, fay):
    group = chaired_by(fay, session)
    group_id = group.id
    session.rollback()
    fay.get(f"{GROUPS}/{group_id}/edit")
    page = fay.post(f"/office/bodies/{group_id}/meetings/new", PLAN)
    assert "Add an item" in fay.get(page.location).words
    council = told(session, select(Body.id).where(Body.key == "council"))
    fay.get(f"/office/bodies/{council}/meetings/new", status=404)


def test_who_chairs_a_group_invites_to_its_meetings_and_cancels_them(session, fay, sam):
    group = chaired_by(fay, session)
    meeting = MeetingFactory(body=session.get_one(Body, group.id))
    at = f"/office/meetings/{meeting.id}"
    session.commit()
    assert fay.get(at).html.find("a", href=f"{at}/invitations")
    assert "has an address" in fay.get(f"{at}/invitations").words
    fay.post(f"{at}/invitations")
    assert "1 letter will go out at once" in fay.get(f"{at}/cancel").words
    fay.post(f"{at}/cancel", {"reason": "Snow"})
    subjects = session.scalars(select(OutgoingMail.subject).order_by(OutgoingMail.id)).all()
    assert [subject.split(":")[0] for subject in subjects] == ["Invitation", "Cancelled"]
    session.rollback()
    sam.post(f"{at}/cancel", {"reason": "Snow"}, status=422)


def test_letters_of_other_bodies_are_not_a_chair_s(session, fay):
    chaired_by(fay, session)
    meeting = MeetingFactory()
    at = f"/office/meetings/{meeting.id}"
    session.commit()
    for act in ("invitations", "cancel"):
        fay.get(f"{at}/{act}", status=404)
        fay.post(f"{at}/{act}", {"reason": "Snow"}, status=404)
    assert told(session, select(Meeting.cancelled_on)) is None


def test_a_reader_of_everything_releases_nothing(app, session, rea):
    group = WorkingGroupFactory()
    ada = sign_in_as(app, session, "Ada Both", Role.READER, Role.ADMINISTRATOR)
    for who in (rea, ada):
        assert not may_release(session, who.viewer, group.body, TODAY)


def test_of_a_group_that_is_over_nobody_is_chair(session, fay):
    group = WorkingGroupFactory(closed_on=TODAY)
    person = PersonFactory(user_id=fay.user_id)
    PlaceFactory(
        group=group, person=person, university=True, role=PlaceRole.CHAIR, ends_before=TODAY
    )
    AddressFactory(person=person)
    assert not may_edit(session, fay.viewer, group.body, TODAY)
    assert may_edit(session, fay.viewer, group.body, date(2026, 6, 1))
    meeting = MeetingFactory(body=group.body)
    assert inviting.cancel(session, meeting, "Closed", by=fay.actor, now=NOW, today=TODAY) == 0
