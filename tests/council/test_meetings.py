"""Planning, inviting, taking the attendance, minuting: what is written and what is refused."""

# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from crm.accounts.rules import Role
from crm.activities.models import Task
from crm.activities.operations import NewTask
from crm.council import attendance, attending, inviting, minuting, planning
from crm.council import meeting_queries as queries
from crm.council.attending import Mark
from crm.council.meeting_models import ActionItem, Attendee, Decision, Minutes
from crm.council.meeting_rules import Answer, Presence, TwiceThatDay
from crm.council.models import Body, Holding
from crm.council.participants import Part
from crm.council.planning import NewItem, NewMeeting
from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.mail.models import OutgoingAttachment, OutgoingMail
from tests.conftest import NOW, TODAY
from tests.factories.accounts import user
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    PersonFactory,
)
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.meetings import (
    AttendeeFactory,
    DecisionFactory,
    MeetingFactory,
    MinutesFactory,
)
from tests.factories.memberships import MembershipFactory

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


def council(session):
    return session.scalars(select(Body).where(Body.key == "council")).one()


def member(name, *, alternate=False, address=True):
    """A company in force, its representative with an address, and an alternate if asked for."""
    term = MembershipFactory(company__name=name)
    seat = SeatFactory(company=term.company)
    holders = [HoldingFactory(seat=seat)]
    if alternate:
        holders.append(HoldingFactory(seat=seat, alternate=True))
    for number, held in enumerate(holders):
        if address:
            mail = f"{name.split()[0].lower()}{number}@members.example"
            AddressFactory(person=held.person, email=mail, is_primary=True)
    return term.company, seat, [held.person for held in holders]


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


def minuted(session):
    meeting = MeetingFactory(held=True)
    AttendeeFactory(meeting_id=meeting.id, presence=Presence.PRESENT)
    return meeting


def test_two_people_writing_minutes_are_shown_both_texts(session):
    meeting = minuted(session)
    minuting.write(session, meeting, "Mine", version=0, **EDGE)
    with pytest.raises(Stale) as stale:
        minuting.write(session, meeting, "Yours", version=0, **EDGE)
    assert stale.value.theirs == {"Minutes": "Mine"}
    assert stale.value.yours == {"Minutes": "Yours"}


def test_minutes_are_approved_after_they_are_written_and_the_attendance_taken(session):
    approve = {"version": 1, "today": TODAY, **EDGE}
    bare, ahead, meeting = MeetingFactory(held=True), MeetingFactory(), minuted(session)
    with pytest.raises(minuting.NotYetHeld):
        minuting.approve(session, ahead, **approve)
    with pytest.raises(minuting.NothingToApprove, match="no minutes"):
        minuting.approve(session, bare, **approve)
    minuting.write(session, bare, "They met.", version=0, **EDGE)
    with pytest.raises(minuting.NothingToApprove, match="attendance"):
        minuting.approve(session, bare, **approve)
    minuting.write(session, meeting, "They met.", version=0, **EDGE)
    minuting.write(session, meeting, "They met again.", version=1, **EDGE)
    with pytest.raises(Stale):
        minuting.approve(session, meeting, **approve)
    minuting.approve(session, meeting, **{**approve, "version": 2})
    session.commit()
    assert queries.minutes_of(session, meeting.id).approved_by_name == "Sam Okafor"
    with pytest.raises(planning.MinutesApproved):
        minuting.write(session, meeting, "Never", version=3, **EDGE)
    with pytest.raises(planning.MinutesApproved):
        minuting.decide(session, meeting, "Never", **EDGE)


REFUSED = (
    lambda m: update(Minutes).values(text="Other"),
    lambda m: update(Minutes).values(approved_on=None, approved_by_name=None),
    lambda m: delete(Minutes),
    lambda m: update(Attendee).values(presence=Presence.ABSENT),
    lambda m: delete(Attendee),
    lambda m: text(f"INSERT INTO attendee (meeting_id, guest_name) VALUES ({m}, 'Eve')"),
    lambda m: update(Decision).values(text="Other"),
    lambda m: delete(Decision),
    lambda m: text(
        f"INSERT INTO agenda_item (meeting_id, position, title, version) VALUES ({m}, 1, 'Late', 1)"
    ),
    lambda m: text("UPDATE meeting SET place = 'Elsewhere'"),
)


@pytest.mark.parametrize("statement", REFUSED, ids=range(len(REFUSED)))
def test_the_database_keeps_what_was_approved(session, statement):
    meeting = minuted(session)
    DecisionFactory(meeting_id=meeting.id, body_id=meeting.body_id)
    MinutesFactory(id=meeting.id, approved=True)
    session.commit()
    with pytest.raises(IntegrityError, match="minute"):
        session.execute(statement(meeting.id))


def test_a_draft_may_be_changed_and_people_merged_after_approval(session):
    meeting = minuted(session)
    minutes = MinutesFactory(id=meeting.id)
    session.commit()
    minutes.text = "Other"
    minutes.approved_on, minutes.approved_by_name = TODAY, "Dana Whitfield"
    session.commit()
    other = AffiliationFactory().person
    session.execute(update(Attendee).values(person_id=other.id, email=None))
    session.commit()
    assert session.scalars(select(Attendee.person_id)).all() == [other.id]


def test_decisions_are_numbered_within_body_and_year(session):
    first, second = minuted(session), MeetingFactory(held=True)
    last_year = MeetingFactory(
        starts_local=datetime(2025, 12, 31, 20, 0), ends_local=datetime(2025, 12, 31, 23, 0)
    )
    labels = [
        minuting.decide(session, meeting, "So be it.", **EDGE).label
        for meeting in (first, second, last_year, first)
    ]
    assert labels == ["2026-1", "2026-2", "2025-1", "2026-3"]
    one, three = queries.decisions_of(session, first.id)
    with pytest.raises(RuleBroken, match="next number"):
        minuting.take_back(session, first, one, **EDGE)
    minuting.take_back(session, first, three, **EDGE)
    assert minuting.decide(session, second, "So be that.", **EDGE).label == "2026-3"


def test_what_somebody_takes_on_is_a_task(session):
    meeting, una = minuted(session), user(Role.STAFF, name="Una Berg", email="una@office.example")
    draft = NewTask(title="Draft the charter", due_on=date(2026, 7, 1), owner_id=una.id)
    item = minuting.take_on(session, meeting, draft, **EDGE)
    session.commit()
    assert session.scalars(select(ActionItem.task_id)).all() == [item.task_id]
    assert session.get_one(Task, item.task_id).owner_id == una.id


def test_who_came_is_told_for_any_day(session):
    apex, _, (lead, second) = member("Apex Mills", alternate=True)
    birch, _, (head,) = member("Birch Works")
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
    assert attendance.attended(session, TODAY) == {apex.id: (2, 3), birch.id: (0, 3)}
    assert attendance.attended(session, TODAY, since=date(2026, 3, 1)) == {
        apex.id: (1, 2),
        birch.id: (0, 2),
    }
    assert attendance.attended(session, date(2026, 2, 9)) == {}
    assert attendance.attended(session, date(2026, 2, 10)) == {apex.id: (1, 1), birch.id: (0, 1)}
    assert attendance.missed_in_a_row(session, TODAY) == {lead.id: 1, second.id: 1, head.id: 3}
    assert attendance.missed_in_a_row(session, date(2026, 3, 31)) == {head.id: 2}
    latest = attendance.last_meetings(session, council(session).id, TODAY, count=2)
    assert [meeting.on.month for meeting in latest] == [4, 3]
    assert latest[1].how[apex.id].value == "alternate"


@pytest.mark.parametrize("seed", range(3))
def test_attendance_is_what_counting_meeting_by_meeting_finds(session, seed):
    chance = random.Random(seed)
    companies = [CompanyFactory() for _ in range(3)]
    people = [
        (PersonFactory(), company, part)
        for company in companies
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
        for person, company, part in people:
            if chance.random() < 0.8:
                mark = chance.choice([None, *Presence])
                marked[person.id] = (company.id, mark)
                AttendeeFactory(
                    meeting_id=meeting.id, person=person, company_id=company.id, part=part,
                    presence=mark,
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
            for company_id in {company_id for company_id, _ in marked.values()}:
                there, all_ = expected.get(company_id, (0, 0))
                came = (company_id, Presence.PRESENT) in marked.values()
                expected[company_id] = (there + came, all_ + 1)
        assert attendance.attended(session, day, since=since) == expected
