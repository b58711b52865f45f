"""Taking the attendance, and what it tells of any day."""

# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from crm.council import attendance, attending
from crm.council import meeting_queries as queries
from crm.council.attending import Mark
from crm.council.meeting_rules import Answer, Presence
from crm.council.models import Holding
from crm.council.participants import Part
from crm.kit.errors import Stale
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.meetings import (
    AttendeeFactory,
    MeetingFactory,
    council,
    member,
)


def test_attendance_is_taken_once_the_meeting_has_begun(session):
    ahead, held = MeetingFactory(), MeetingFactory(held=True)
    for meeting in (ahead, held):
        one = AttendeeFactory(meeting_id=meeting.id)
        mark = {one.id: Mark(Answer.ACCEPTED, None)}
        attending.record(session, meeting, mark, version=meeting.version, now=NOW, today=TODAY)
        assert one.answered_on == TODAY
    there = {one.id: Mark(Answer.ACCEPTED, Presence.PRESENT)}
    attending.record(session, held, there, version=held.version, now=NOW, today=TODAY)
    assert one.presence is Presence.PRESENT
    with pytest.raises(Stale):
        attending.record(session, held, there, version=1, now=NOW, today=TODAY)
    one = queries.attendees_of(session, ahead.id)[0]
    there = {one.id: Mark(Answer.ACCEPTED, Presence.PRESENT)}
    with pytest.raises(attending.NotBegun):
        attending.record(session, ahead, there, version=ahead.version, now=NOW, today=TODAY)


def handed_over(session):
    """Invited in March, her part as alternate then; since April she speaks for the company."""
    company, seat, (_, ann) = member("Apex Mills", alternate=True)
    meeting = MeetingFactory(
        starts_local=datetime(2026, 4, 10, 9, 0), ends_local=datetime(2026, 4, 10, 12, 0)
    )
    listed = AttendeeFactory(
        meeting_id=meeting.id, person=ann, company_id=CompanyFactory().id, part=Part.ALTERNATE
    )
    for holding in session.scalars(select(Holding)):
        holding.ends_before = date(2026, 4, 1)
    session.flush()
    HoldingFactory(seat=seat, person=ann, starts_on=date(2026, 4, 1))
    return meeting, listed, (Part.REPRESENTATIVE, company.id, seat.id)


def test_who_is_listed_has_the_part_of_the_meeting_s_day(session):
    meeting, listed, now = handed_over(session)
    assert attending.gather(session, meeting) == 0
    assert (listed.part, listed.company_id, listed.seat_id) == now


def test_taking_the_attendance_fixes_the_part_of_the_meeting_s_day(session):
    meeting, listed, now = handed_over(session)
    there = {listed.id: Mark(None, Presence.PRESENT)}
    attending.record(session, meeting, there, version=meeting.version, now=NOW, today=TODAY)
    assert (listed.part, listed.company_id, listed.seat_id) == now
    listed.part = Part.ALTERNATE  # from here on it is what was: nobody writes it anew
    attending.gather(session, meeting)
    assert listed.part is Part.ALTERNATE


def test_who_came_is_told_for_any_day(session):
    apex, top, (lead, second) = member("Apex Mills", alternate=True)
    birch, side, (head,) = member("Birch Works")
    there, away, sorry = Presence.PRESENT, Presence.ABSENT, Presence.EXCUSED
    for month, marks in (
        (2, (there, None, away)),
        (3, (sorry, there, away)),
        (4, (away, None, sorry)),
    ):
        meeting = MeetingFactory(
            starts_local=datetime(2026, month, 10, 9, 0),
            ends_local=datetime(2026, month, 10, 12, 0),
        )
        for person, company, part, mark in (
            (lead, apex, Part.REPRESENTATIVE, marks[0]),
            (second, apex, Part.ALTERNATE, marks[1]),
            (head, birch, Part.REPRESENTATIVE, marks[2]),
        ):
            AttendeeFactory(
                meeting_id=meeting.id,
                person=person,
                company_id=company.id,
                part=part,
                presence=mark,
            )
    MeetingFactory(held=True)  # of which nobody has taken the attendance
    session.commit()
    assert attendance.attended(session, TODAY) == {top.id: (2, 3, 0), side.id: (0, 3, 0)}
    assert attendance.attended(session, TODAY, since=date(2026, 3, 1)) == {
        top.id: (1, 2, 0),
        side.id: (0, 2, 0),
    }
    assert attendance.attended(session, date(2026, 2, 9)) == {}
    assert attendance.attended(session, date(2026, 2, 10)) == {
        top.id: (1, 1, 0),
        side.id: (0, 1, 0),
    }
    assert attendance.missed_in_a_row(session, TODAY) == {lead.id: 1, head.id: 3}
    assert attendance.missed_in_a_row(session, date(2026, 3, 31)) == {head.id: 2}
    latest = attendance.last_meetings(session, council(session).id, TODAY, count=2)
    assert [meeting.on.month for meeting in latest] == [4, 3]
    assert latest[1].how[apex.id].value == latest[1].seats[top.id].value == "alternate"


def test_who_is_not_marked_did_not_miss_the_meeting(session):
    apex, top, (lead,) = member("Apex Mills")
    birch, side, (head,) = member("Birch Works")
    for month in (3, 4):
        meeting = MeetingFactory(
            starts_local=datetime(2026, month, 10, 9, 0),
            ends_local=datetime(2026, month, 10, 12, 0),
        )
        AttendeeFactory(
            meeting_id=meeting.id, person=lead, company_id=apex.id, presence=Presence.PRESENT
        )
        AttendeeFactory(meeting_id=meeting.id, person=head, company_id=birch.id)
    session.commit()
    came = attendance.attended(session, TODAY)
    assert came == {top.id: (2, 2, 0), side.id: (0, 0, 2)}
    assert str(came[side.id]) == "0 of 0, 2 not marked"
    assert attendance.missed_in_a_row(session, TODAY) == {}
    (latest, _) = attendance.last_meetings(session, council(session).id, TODAY)
    assert str(latest.seats[side.id]) == "not marked"


@pytest.mark.parametrize("seed", range(3))
def test_attendance_is_what_counting_meeting_by_meeting_finds(session, seed):
    chance = random.Random(seed)
    companies = [CompanyFactory().id for _ in range(3)]
    people = [
        (PersonFactory(), seat.id, part)
        for seat in (SeatFactory() for _ in range(3))
        for part in (Part.REPRESENTATIVE, Part.ALTERNATE)
    ]
    replay = []
    for _ in range(12):
        starts = datetime(2025, 6, 1, 9) + timedelta(days=chance.randrange(500))
        meeting = MeetingFactory(
            starts_local=starts,
            ends_local=starts + timedelta(hours=2),
            cancelled=chance.random() < 0.2,
        )
        marked = {}
        for person, seat_id, part in people:
            if chance.random() < 0.8:
                mark = chance.choice([None, *Presence])
                marked[person.id] = (seat_id, mark)
                AttendeeFactory(
                    meeting_id=meeting.id, person=person, part=part, presence=mark,
                    seat_id=seat_id, company_id=chance.choice(companies),
                )  # fmt: skip
        held = meeting.cancelled_on is None and any(mark for _, mark in marked.values())
        if held:
            replay.append((starts.date(), marked))
    session.commit()
    for _ in range(10):
        day = date(2025, 6, 1) + timedelta(days=chance.randrange(520))
        since = chance.choice([None, day - timedelta(days=200)])
        expected = {}
        for on, marked in replay:
            if on > day or (since is not None and on < since):
                continue
            for seat_id in {seat_id for seat_id, _ in marked.values()}:
                there, of, unmarked = expected.get(seat_id, (0, 0, 0))
                known = {mark for seat, mark in marked.values() if seat == seat_id} != {None}
                came = (seat_id, Presence.PRESENT) in marked.values()
                expected[seat_id] = (there + came, of + known, unmarked + (not known))
        assert attendance.attended(session, day, since=since) == expected
