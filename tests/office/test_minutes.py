"""What is kept of a meeting: who came, its minutes, decisions and papers."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import select

from crm.activities.models import Task
from crm.council.meeting_models import Attendee, Decision, Minutes
from crm.council.meeting_rules import Presence
from crm.council.participants import Part
from tests.factories.companies import AffiliationFactory
from tests.factories.meetings import (
    AgendaItemFactory,
    AttendeeFactory,
    DecisionFactory,
    MeetingFactory,
    MinutesFactory,
)
from tests.office.meeting_pages import apex, kept, told


def test_the_list_is_taken_and_guests_with_it(session, sam):
    apex()
    meeting = MeetingFactory(held=True)
    at = kept(session, meeting)
    assert "1 person has a part in the body" in sam.get(f"{at}/attendance").words
    sam.post(f"{at}/list")
    sam.post(f"{at}/guests", {"name": "Gus Guest"})
    invited, guest = told(session, select(Attendee.id).order_by(Attendee.part.is_(None)))
    marks = {f"presence-{invited}": "excused", f"presence-{guest}": "present", "version": "1"}
    sam.post(f"{at}/attendance", {**marks, f"answer-{invited}": "declined"})
    stale = sam.post(f"{at}/attendance", marks, status=409)
    assert "Someone else changed the list" in stale.words
    sam.post(f"{at}/attendance", {f"presence-{invited}": "asleep", "version": "2"}, status=400)
    found = told(session, select(Attendee.presence).order_by(Attendee.part.is_(None)))
    assert found == [Presence.EXCUSED, Presence.PRESENT]
    sam.post(f"/office/meetings/guests/{guest}/remove")
    sam.post(f"/office/meetings/guests/{invited}/remove", status=409)


def test_minutes_go_from_draft_to_approved_and_stay(session, sam, dana):
    meeting = MeetingFactory(held=True)
    AttendeeFactory(meeting_id=meeting.id, presence=Presence.PRESENT)
    at = kept(session, meeting)
    sam.post(f"{at}/minutes", {"text": "# Roadmap\n\n**Agreed.**", "version": "0"})
    both = dana.post(f"{at}/minutes", {"text": "Other words", "version": "0"}, status=409)
    assert "Other words" in both.words
    assert "**Agreed.**" in both.words
    sam.post(f"{at}/minutes/approve", {"version": "1"}, status=403)
    assert "Minutes to approve" in dana.get("/office/").words
    dana.post(f"{at}/minutes/approve", {"version": "1"})
    shown = dana.get(at)
    assert "Approved on Jun 15, 2026 by Dana Whitfield" in shown.words
    assert shown.html.find("strong", string="Agreed.") is not None
    assert "Write one down" not in shown.words
    sam.post(f"{at}/minutes", {"text": "Late", "version": "2"}, status=422)
    fixed = sam.get(f"{at}/attendance")
    assert fixed.html.find("main").find("form") is None
    assert "The minutes are approved" in fixed.words
    assert told(session, select(Minutes.text))[0].startswith("# Roadmap")


def test_who_is_not_marked_is_named_before_the_minutes_are_approved(session, dana):
    apex()
    meeting = MeetingFactory(held=True)
    for presence in (Presence.EXCUSED, None, None):
        AttendeeFactory(meeting_id=meeting.id, presence=presence)
    MinutesFactory(id=meeting.id)
    at = kept(session, meeting)
    assert "2 people are not marked in the attendance" in dana.get(at).words
    assert "0 of 3, 2 not marked" in dana.get("/office/council/meetings").words
    refused = dana.post(f"{at}/minutes/approve", {"version": "1"}, status=409)
    assert "2 people are not marked on the list" in refused.words
    ids = told(session, select(Attendee.id).where(Attendee.presence.is_(None)))
    marks = {f"presence-{ids[0]}": "absent", f"presence-{ids[1]}": ""}
    dana.post(f"{at}/attendance", {**marks, "version": "1", "rest": "present"})
    found = told(session, select(Attendee.presence).order_by(Attendee.id))
    assert found == [Presence.EXCUSED, Presence.ABSENT, Presence.PRESENT]
    assert "all others present" not in dana.get(f"{at}/attendance").words
    dana.post(f"{at}/minutes/approve", {"version": "1"})


def test_decisions_and_action_items_are_written_down(session, sam):
    meeting = MeetingFactory(held=True)
    at = kept(session, meeting)
    sam.post(f"{at}/decisions/new", {"text": "A roadmap is written."})
    (decision,) = told(session, select(Decision.id))
    sam.post(f"/office/meetings/decisions/{decision}/edit", {"text": "Two are.", "version": "1"})
    sam.post(
        f"{at}/actions/new",
        {"title": "Find an author", "owner": str(sam.user_id), "due_on": "2026-07-01"},
    )
    words = sam.get(at).words
    assert "2026-1 Two are." in words
    assert "Find an author Sam Okafor · by Jul 1, 2026" in words
    (task,) = told(session, select(Task.id))
    sam.post(f"/office/tasks/{task}/complete")
    assert "Done" in sam.get(at).words
    sam.post(f"/office/meetings/decisions/{decision}/take-back")
    assert told(session, select(Decision.id)) == []


def test_anybody_on_the_list_may_take_something_on(session, sam):
    company, person = apex()
    meeting = MeetingFactory(held=True)
    listed = AttendeeFactory(meeting_id=meeting.id, person=person, company_id=company.id)
    mine = AttendeeFactory(meeting_id=meeting.id)
    mine.person.user_id = sam.user_id
    offered, name, not_twice = f"list-{listed.id}", person.name, f"list-{mine.id}"
    at = kept(session, meeting)
    form = sam.get(f"{at}/actions/new").html
    values = {option["value"] for option in form.find(id="owner").find_all("option")}
    assert {offered, str(sam.user_id)} <= values
    assert not_twice not in values
    sam.post(
        f"{at}/actions/new", {"title": "Find an author", "owner": offered, "due_on": "2026-07-01"}
    )
    assert f"For {name}: Find an author Sam Okafor" in sam.get(at).words


def test_agenda_and_minutes_are_papers(session, rea):
    company, person = apex()
    meeting = MeetingFactory(held=True)
    AgendaItemFactory(meeting_id=meeting.id, text="#set page(width: 1pt)")
    AttendeeFactory(
        meeting_id=meeting.id, person=person, company_id=company.id, presence=Presence.PRESENT
    )
    DecisionFactory(meeting_id=meeting.id, body_id=meeting.body_id)
    text = "# Said\n\n- one\n  1. two **bold**\n\n> quoted *so*\n\n---\n\n    code #pagebreak()\n"
    MinutesFactory(id=meeting.id, text=text)
    at = kept(session, meeting)
    for paper in ("agenda", "minutes"):
        page = rea.get(f"{at}/{paper}.pdf")
        assert page.response.get_data().startswith(b"%PDF")
    rea.get(f"{at}/ballot.pdf", status=404)


def test_attendance_is_reported_by_company(session, fay):
    company, person = apex()
    other = AffiliationFactory(company=company).person
    for month, part, presence in (
        (3, Part.REPRESENTATIVE, Presence.PRESENT),
        (4, Part.ALTERNATE, Presence.PRESENT),
        (5, Part.REPRESENTATIVE, Presence.ABSENT),
    ):
        day = date(2026, month, 12)
        meeting = MeetingFactory(held=True)
        meeting.starts_local = meeting.starts_local.replace(month=day.month)
        meeting.ends_local = meeting.ends_local.replace(month=day.month)
        AttendeeFactory(
            meeting_id=meeting.id,
            person=person if part is Part.REPRESENTATIVE else other,
            company_id=company.id,
            part=part,
            presence=presence,
        )
    company_id = company.id
    session.commit()
    lines = fay.get("/office/reports/attendance.csv").text.splitlines()
    assert lines[-1].endswith(
        f"Apex Mills,Industry Leadership Council,3,2,1,1,2026-04-12,{company_id},0"
    )
    page = fay.get("/office/reports/attendance?as_of=2026-03-31")
    assert re.search(r"Apex Mills Industry Leadership Council 1 1 1 0", page.words)
