"""A meeting from its plan to its approved minutes, and who may do what with it."""

from __future__ import annotations

import email
import re
from datetime import date

import pytest
from flask_mail import Message
from sqlalchemy import select

from crm.activities.models import Task
from crm.council.meeting_models import AgendaItem, Attendee, Decision, Meeting, Minutes
from crm.council.meeting_rules import Presence
from crm.council.models import Body
from crm.council.participants import Part
from crm.mail.models import OutgoingMail
from tests.factories.companies import AddressFactory, AffiliationFactory, PersonFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.meetings import (
    AgendaItemFactory,
    AttendeeFactory,
    DecisionFactory,
    MeetingFactory,
    MinutesFactory,
)
from tests.factories.memberships import MembershipFactory

PLAN = {
    "title": "Autumn meeting",
    "on": "2026-09-10",
    "starts_at": "14:00",
    "ends_at": "16:00",
    "zone": "Europe/Oslo",
    "place": "Room 35-310",
    "link": "https://meet.example/council",
}


def told(session, asked):
    """What the database holds now; the test's session lets go of it at once."""
    found = session.scalars(asked).all()
    session.rollback()
    return found


def council_id(session):
    return told(session, select(Body.id).where(Body.key == "council"))[0]


def kept(session, meeting):
    """Its address, once it is committed."""
    at = f"/office/meetings/{meeting.id}"
    session.commit()
    return at


def apex():
    term = MembershipFactory(company__name="Apex Mills")
    held = HoldingFactory(seat=SeatFactory(company=term.company))
    AddressFactory(person=held.person, email="ann@apex.example", is_primary=True)
    return term.company, held.person


def test_a_meeting_is_planned_in_its_own_zone(session, sam):
    page = sam.post(f"/office/bodies/{council_id(session)}/meetings/new", PLAN)
    shown = sam.get(page.location)
    assert "Thursday, September 10, 2026, 14:00 CEST to 16:00 CEST (Europe/Oslo)" in shown.words
    assert "Members of this body compete" in shown.words
    assert "Autumn meeting" in sam.get("/office/council/meetings").words


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Say what the meeting is"),
        ({"starts_at": "25:00"}, "hours and minutes"),
        ({"ends_at": "13:00"}, "would end before it starts"),
        ({"zone": "Mars/Base"}, "Not a valid choice"),
        ({"link": "javascript:alert(1)"}, "no web address"),
        ({"on": "2026-03-29", "starts_at": "02:30", "ends_at": "04:00"}, "put forward over it"),
        ({"on": "2026-10-25", "starts_at": "02:30", "ends_at": "04:00"}, "comes twice"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(session, sam, wrong, said):
    page = sam.post(
        f"/office/bodies/{council_id(session)}/meetings/new", {**PLAN, **wrong}, status=422
    )
    assert said in page.words
    assert page.html.find("input", {"name": "place"})["value"] == "Room 35-310"
    assert told(session, select(Meeting.id)) == []


def test_the_second_of_two_hours_can_be_meant(session, sam):
    plan = {**PLAN, "on": "2026-10-25", "starts_at": "02:30", "ends_at": "04:00", "twice": "second"}
    page = sam.post(f"/office/bodies/{council_id(session)}/meetings/new", plan)
    assert "02:30 CET" in sam.get(page.location).words
    form = sam.get(f"{page.location}/edit")
    assert form.html.find("option", {"value": "second"}).has_attr("selected")


def test_the_agenda_is_made_and_put_in_order(session, sam):
    meeting = MeetingFactory()
    at = kept(session, meeting)
    for title in ("Welcome", "Roadmap"):
        sam.post(f"{at}/agenda/new", {"title": title, "minutes": "30", "presenter": "Fay"})
    first, second = told(session, select(AgendaItem.id).order_by(AgendaItem.id))
    sam.post(f"/office/meetings/agenda/{second}/move", {"to": "up"})
    sam.post(f"/office/meetings/agenda/{first}/edit", {"title": "Thanks", "version": "2"})
    words = sam.get(at).words
    assert words.index("Roadmap") < words.index("Thanks")
    sam.post(f"/office/meetings/agenda/{second}/remove")
    assert "Roadmap" not in sam.get(at).html.find(id="agenda").get_text()


def test_letters_are_shown_before_a_person_lets_them_go(session, sam, fay):
    apex()
    meeting = MeetingFactory()
    at = kept(session, meeting)
    page = sam.get(f"{at}/invitations")
    assert "ann@apex.example" in page.words
    assert "Invitation: Industry Leadership Council, Summer meeting" in page.words
    assert told(session, select(OutgoingMail.id)) == []
    fay.get(f"{at}/invitations", status=404)
    fay.post(f"{at}/invitations", status=404)
    sam.post(f"{at}/invitations")
    sam.post(f"{at}/invitations", status=409)
    assert told(session, select(OutgoingMail.to)) == ["ann@apex.example"]
    sam.post(f"{at}/edit", {**PLAN, "version": "1"})
    assert "does not know yet" in sam.get(at).words
    assert "Changed: Industry Leadership Council" in sam.get(f"{at}/invitations").words
    sam.post(f"{at}/cancel", {"reason": "Snow"})
    subjects = told(session, select(OutgoingMail.subject).order_by(OutgoingMail.id))
    assert subjects[-1].startswith("Cancelled")
    assert "Snow" in sam.get(at).words


def test_an_attached_invitation_says_how_it_is_meant(app):
    with app.app_context():
        message = Message("Invitation", recipients=["a@b.example"], body="x", sender="c@d.example")
        kind = "text/calendar; charset=utf-8; method=REQUEST"
        message.attach("meeting.ics", kind, b"BEGIN:VCALENDAR\r\n")
        parts = [
            part
            for part in email.message_from_string(message.as_string()).walk()
            if part.get_content_type() == "text/calendar"
        ]
    assert [part.get_param("method") for part in parts] == ["REQUEST"]


def test_the_calendar_file_names_nobody(session, fay):
    company, person = apex()
    meeting = MeetingFactory()
    AttendeeFactory(meeting_id=meeting.id, person=person, company_id=company.id)
    page = fay.get(f"{kept(session, meeting)}.ics")
    assert page.response.mimetype == "text/calendar"
    assert "DTSTART;TZID=America/New_York:20260714T140000" in page.text
    assert "apex.example" not in page.text


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
    assert told(session, select(Minutes.text))[0].startswith("# Roadmap")


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


def test_faculty_and_readers_read_and_change_nothing(session, fay, rea):
    _, person = apex()
    meeting = MeetingFactory()
    AttendeeFactory(meeting_id=meeting.id, person=person)
    of_person = f"/office/people/{person.id}"
    at = kept(session, meeting)
    for who in (fay, rea):
        page = who.get(at)
        assert "Summer meeting" in page.words
        assert "Add an item" not in page.words
        for path in ("/edit", "/agenda/new", "/minutes", "/attendance", "/cancel"):
            assert who.get(f"{at}{path}", status=404 if who is fay else 403)
    assert fay.get(at).html.find("a", href=of_person) is None
    fay.post(f"{at}/minutes", {"text": "Mine", "version": "0"}, status=404)


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
        f"Apex Mills,Industry Leadership Council,3,2,1,1,2026-04-12,{company_id}"
    )
    page = fay.get("/office/reports/attendance?as_of=2026-03-31")
    assert re.search(r"Apex Mills Industry Leadership Council 1 1 1 0", page.words)


def test_home_shows_the_meetings_one_is_invited_to(session, fay, sam):
    meeting, person = MeetingFactory(), PersonFactory()
    session.commit()
    assert "Summer meeting" in sam.get("/office/").words
    assert "Summer meeting" not in fay.get("/office/").words
    person.user_id = fay.user_id
    AttendeeFactory(meeting_id=meeting.id, person=person)
    session.commit()
    assert "Summer meeting" in fay.get("/office/").words
