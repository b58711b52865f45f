"""Planning a meeting and inviting to it: what is written and what is refused."""

# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from crm.council import inviting, planning
from crm.council import meeting_queries as queries
from crm.council.meeting_rules import TwiceThatDay
from crm.council.models import Holding
from crm.council.participants import Part
from crm.council.planning import NewItem, NewMeeting
from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.mail.models import OutgoingAttachment, OutgoingMail
from tests.conftest import NOW, TODAY
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
)
from tests.factories.council import HoldingFactory
from tests.factories.meetings import (
    MeetingFactory,
    council,
    member,
)

SAM = Actor(None, "Sam Okafor")
EDGE = {"by": SAM, "now": NOW}

DRAFT = NewMeeting(
    title="Autumn meeting",
    starts_local=datetime(2026, 9, 10, 14, 0),
    ends_local=datetime(2026, 9, 10, 16, 0),
    zone="America/New_York",
    place="Room 35-310",
    link="https://meet.example/council",
)


def letters(session):
    return session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)).all()


def test_a_meeting_is_planned_and_noted(session):
    meeting = planning.plan(session, council(session), DRAFT, **EDGE)
    assert meeting.starts.moment.hour == 18
    noted = session.scalars(select(JournalEntry).where(JournalEntry.kind == "meeting")).all()
    assert {"planned", "created"} <= {entry.act for entry in noted}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"ends_local": datetime(2026, 9, 10, 13, 0)}, "ends_at"),
        ({"starts_local": datetime(2026, 3, 8, 2, 30)}, "starts_at"),
        ({"starts_local": datetime(2026, 11, 1, 1, 30)}, "twice"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "http://"}, "link"),
        ({"link": "https://[bad"}, "link"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(session, more, field):
    facts = {**DRAFT.__dict__, "ends_local": datetime(2026, 12, 1, 16, 0), **more}
    with pytest.raises(RuleBroken) as refusal:
        planning.plan(session, council(session), NewMeeting(**facts), **EDGE)
    assert refusal.value.field == field


def test_a_refused_change_leaves_the_meeting_as_it_was(session):
    meeting = MeetingFactory()
    twice = NewMeeting(**{**DRAFT.__dict__, "ends_local": datetime(2026, 11, 1, 1, 30)})
    with pytest.raises(TwiceThatDay):
        planning.change(session, meeting, twice, version=meeting.version, **EDGE)
    session.commit()
    assert (meeting.title, meeting.starts_local.month) == ("Summer meeting", 7)


def test_two_people_changing_one_meeting_are_shown_both_versions(session):
    meeting = MeetingFactory()
    planning.change(session, meeting, DRAFT, version=1, **EDGE)
    with pytest.raises(Stale) as stale:
        planning.change(session, meeting, DRAFT, version=1, **EDGE)
    assert stale.value.theirs["Title"] == "Autumn meeting"


def test_the_agenda_is_put_in_order(session):
    meeting = MeetingFactory()
    items = [planning.add_item(session, meeting, NewItem(title=word)) for word in "abc"]
    planning.move_item(session, meeting, items[2], up=True)
    planning.move_item(session, meeting, items[0], up=True)
    assert [item.title for item in queries.agenda_of(session, meeting.id)] == ["a", "c", "b"]
    planning.remove_item(session, meeting, items[0])
    assert [item.title for item in queries.agenda_of(session, meeting.id)] == ["c", "b"]


def test_everybody_with_a_part_is_invited_once_with_a_file(session):
    member("Apex Mills", alternate=True)
    member("Birch Works", address=False)
    meeting = MeetingFactory()
    assert inviting.release(session, meeting, **EDGE) == 2
    assert [letter.to for letter in letters(session)] == [
        "apex0@members.example",
        "apex1@members.example",
    ]
    assert "14:00 EDT to 16:00 EDT (America/New_York)" in letters(session)[0].body
    assert "Members of this body compete" in letters(session)[0].body
    attached = session.scalars(select(OutgoingAttachment)).first()
    assert attached.media_type == "text/calendar; charset=utf-8; method=REQUEST"
    assert b"mailto:apex0@members.example" in attached.content
    with pytest.raises(inviting.NothingToSend):
        inviting.release(session, meeting, **EDGE)
    people = queries.attendees_of(session, meeting.id)
    assert [(one.part, one.told) for one in people] == [
        (Part.REPRESENTATIVE, 0),
        (Part.ALTERNATE, 0),
        (Part.REPRESENTATIVE, None),
    ]


def test_a_changed_time_is_told_to_whoever_was_invited(session):
    member("Apex Mills")
    meeting = MeetingFactory()
    inviting.release(session, meeting, **EDGE)
    planning.change(session, meeting, DRAFT, version=meeting.version, **EDGE)
    member("Birch Works")
    assert [one.kind.value for one in inviting.outgoing(session, meeting)] == [
        "update",
        "invitation",
    ]
    assert inviting.release(session, meeting, by=SAM, now=NOW + timedelta(minutes=1)) == 2
    session.commit()
    update_ = next(letter for letter in letters(session) if "Changed" in letter.subject)
    content = session.scalars(
        select(OutgoingAttachment.content).where(OutgoingAttachment.mail_id == update_.id)
    ).one()
    assert b"SEQUENCE:1" in content
    assert meeting.uid.encode() in content


def test_what_nobody_was_told_of_needs_no_update(session):
    meeting = MeetingFactory()
    planning.change(session, meeting, DRAFT, version=1, **EDGE)
    assert meeting.sequence == 0


def test_whoever_has_no_part_any_more_is_told_so(session):
    company, seat, (before,) = member("Apex Mills")
    meeting = MeetingFactory()
    inviting.release(session, meeting, **EDGE)
    after = AffiliationFactory(company=company).person
    AddressFactory(person=after, email="after@members.example", is_primary=True)
    session.scalars(select(Holding)).one().ends_before = date(2026, 6, 20)
    HoldingFactory(seat=seat, person=after, starts_on=date(2026, 6, 20))
    found = {one.kind.value: one.person_id for one in inviting.outgoing(session, meeting)}
    assert found == {"invitation": after.id, "withdrawn": before.id}
    inviting.release(session, meeting, by=SAM, now=NOW + timedelta(minutes=1))
    assert [one.person_id for one in queries.attendees_of(session, meeting.id)] == [after.id]


def test_cancelling_tells_everybody_who_was_invited(session):
    member("Apex Mills", alternate=True)
    meeting = MeetingFactory()
    inviting.release(session, meeting, **EDGE)
    assert inviting.cancel(session, meeting, "Snow", today=TODAY, **EDGE) == 2
    session.commit()
    last = letters(session)[-1]
    content = session.scalars(
        select(OutgoingAttachment.content).where(OutgoingAttachment.mail_id == last.id)
    ).one()
    assert b"METHOD:CANCEL" in content
    assert b"SEQUENCE:1" in content
    assert "Snow" in last.body
    for act in (
        lambda: inviting.release(session, meeting, **EDGE),
        lambda: planning.add_item(session, meeting, NewItem(title="More")),
    ):
        with pytest.raises(planning.IsCancelled):
            act()


def test_nobody_is_invited_to_what_has_begun(session):
    member("Apex Mills")
    with pytest.raises(inviting.TooLate):
        inviting.release(session, MeetingFactory(held=True), **EDGE)
    assert letters(session) == []


@pytest.mark.parametrize(("zone", "ends_at_utc"), [("America/New_York", 20), ("Asia/Tokyo", 7)])
def test_a_meeting_is_past_from_its_end_on(session, zone, ends_at_utc):
    """It ends at 16:00 on the wall; half an hour earlier it goes on, then it is over."""
    meeting = MeetingFactory(zone=zone)
    ends = datetime(2026, 7, 14, ends_at_utc, tzinfo=UTC)
    half = timedelta(minutes=30)
    for now, ahead in ((ends - half, True), (ends, False), (ends + half, False)):
        listed = [one.id for one in queries.upcoming(session, meeting.body_id, now)]
        over = [one.id for one in queries.past(session, meeting.body_id, now)]
        assert (listed, over) == (([meeting.id], []) if ahead else ([], [meeting.id]))
