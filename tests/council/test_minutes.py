"""Minutes, decisions and what somebody takes on: what is written, refused, and kept."""

# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from crm.accounts.rules import Role
from crm.activities.models import Task
from crm.activities.operations import NewTask
from crm.council import meeting_queries as queries
from crm.council import minuting, planning
from crm.council.meeting_models import ActionItem, Attendee, Decision, Minutes
from crm.council.meeting_rules import NotAllMarked, Presence
from crm.council.planning import NewMeeting
from crm.kit.actors import Actor
from crm.kit.errors import NotFound, RuleBroken, Stale
from tests.conftest import NOW, TODAY
from tests.factories.accounts import user
from tests.factories.companies import (
    AffiliationFactory,
)
from tests.factories.meetings import (
    AttendeeFactory,
    DecisionFactory,
    MeetingFactory,
    MinutesFactory,
)

SAM = Actor(None, "Sam Okafor")
EDGE = {"by": SAM, "now": NOW}


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


def test_approving_asks_about_who_is_not_marked(session):
    meeting = minuted(session)
    AttendeeFactory(meeting_id=meeting.id)
    minuting.write(session, meeting, "They met.", version=0, **EDGE)
    approve = {"version": 1, "today": TODAY, **EDGE}
    with pytest.raises(NotAllMarked, match="1 person is not marked"):
        minuting.approve(session, meeting, **approve)
    minuting.approve(session, meeting, without_unmarked=True, **approve)
    assert queries.minutes_of(session, meeting.id).approved_on == TODAY


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


def test_a_meeting_that_decided_something_stays_in_its_year(session):
    meeting = minuted(session)
    decision = minuting.decide(session, meeting, "So be it.", **EDGE)
    starts, ends = (datetime(2025, 12, 30, hour, 0) for hour in (14, 16))
    draft = NewMeeting(title="Later", starts_local=starts, ends_local=ends, zone="UTC")
    with pytest.raises(planning.NumberedInItsYear, match="numbered in 2026") as refusal:
        planning.change(session, meeting, draft, version=meeting.version, **EDGE)
    assert refusal.value.field == "on"
    minuting.take_back(session, meeting, decision, **EDGE)
    planning.change(session, meeting, draft, version=meeting.version, **EDGE)
    assert meeting.on.year == 2025


def test_a_meeting_at_which_somebody_was_marked_is_not_put_off(session):
    meeting = minuted(session)
    starts, ends = (datetime(2026, 9, 1, hour, 0) for hour in (14, 16))
    draft = NewMeeting(title="Later", starts_local=starts, ends_local=ends, zone="UTC")
    with pytest.raises(planning.HasBegun):
        planning.change(session, meeting, draft, version=meeting.version, **EDGE)


def test_minutes_are_not_approved_before_the_meeting_has_begun(session):
    meeting = minuted(session)
    meeting.starts_local = datetime(2026, 6, 15, 23, 0)
    meeting.ends_local = datetime(2026, 6, 15, 23, 30)
    session.flush()
    with pytest.raises(minuting.NotYetHeld):
        minuting.approve(session, meeting, version=1, today=TODAY, **EDGE)


def test_a_decision_is_taken_back_by_the_numbers_of_its_own_year(session):
    meeting, other = minuted(session), MeetingFactory(held=True)
    for number in (1, 2):
        DecisionFactory(meeting_id=meeting.id, body_id=meeting.body_id, year=2025, number=number)
    DecisionFactory(meeting_id=other.id, body_id=other.body_id, year=2026, number=1)
    one, two = queries.decisions_of(session, meeting.id)
    with pytest.raises(RuleBroken, match="next number"):
        minuting.take_back(session, meeting, one, **EDGE)
    minuting.take_back(session, meeting, two, **EDGE)
    minuting.take_back(session, meeting, one, **EDGE)
    assert queries.decisions_of(session, meeting.id) == []


def test_who_has_no_account_takes_something_on_by_who_keeps_it(session):
    meeting, una = minuted(session), user(Role.STAFF, name="Una Berg", email="una@office.example")
    listed = AttendeeFactory(meeting_id=meeting.id, person__name="Ann Lee")
    draft = NewTask(title="Draft the charter", due_on=date(2026, 7, 1), owner_id=una.id)
    item = minuting.take_on(session, meeting, draft, responsible_id=listed.id, **EDGE)
    task = session.get_one(Task, item.task_id)
    assert (task.title, task.owner_id) == ("For Ann Lee: Draft the charter", una.id)
    long = replace(draft, title="x" * 190)
    with pytest.raises(RuleBroken, match="at most 187 characters") as refusal:
        minuting.take_on(session, meeting, long, responsible_id=listed.id, **EDGE)
    assert refusal.value.field == "title"
    with pytest.raises(NotFound):
        minuting.take_on(session, MeetingFactory(), draft, responsible_id=listed.id, **EDGE)


def test_what_somebody_takes_on_is_a_task(session):
    meeting, una = minuted(session), user(Role.STAFF, name="Una Berg", email="una@office.example")
    draft = NewTask(title="Draft the charter", due_on=date(2026, 7, 1), owner_id=una.id)
    item = minuting.take_on(session, meeting, draft, **EDGE)
    session.commit()
    assert session.scalars(select(ActionItem.task_id)).all() == [item.task_id]
    assert session.get_one(Task, item.task_id).owner_id == una.id
