"""Who is invited to a meeting, what they answered, and who came; registered beside the meeting."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from crm.accounts.policy import Permission as P
from crm.council import attending, inviting
from crm.council import meeting_queries as queries
from crm.council.attending import Mark
from crm.council.meeting_letters import when
from crm.council.meeting_models import Attendee, Meeting
from crm.council.meeting_rules import Answer, Presence
from crm.mail import operations as mail
from crm.office.acts import accepted
from crm.office.meetings import lines
from crm.office.meetings.forms import ANSWERS, PRESENCES, GuestForm
from crm.office.meetings.views import at, check_may_release, edge, editable, of, pages
from crm.web import clock, programme
from crm.web.database import db
from crm.web.session import the_viewer

Word = TypeVar("Word", bound=StrEnum)


@pages.form("/meetings/<id:meeting_id>/invitations", needs=P.GROUPS_EDIT)
def invitations(meeting_id: int) -> ResponseReturnValue:
    """Who is to be told what, and the letters as they would go out; sent from here, they go."""
    meeting = editable(meeting_id)
    check_may_release(meeting.body)
    if request.method == "POST":
        sent = inviting.release(db.session(), meeting, **edge())
        flash(f"{sent} letter{'s go' if sent != 1 else ' goes'} out within seconds.", "success")
        return redirect(url_for("meetings.show", meeting_id=meeting_id, _anchor="people"))
    waiting = inviting.outgoing(db.session(), meeting)
    kinds = dict.fromkeys(one.kind for one in waiting if one.email is not None)
    writer, now = the_viewer().name, clock.now()
    return render_template(
        "office/meetings/invitations.html",
        meeting=meeting,
        trail=[of(meeting.body), at(meeting)],
        when=when(meeting),
        waiting=waiting,
        letters=[
            (
                kind.value,
                *mail.preview(inviting.draft(db.session(), meeting, kind, writer=writer, now=now)),
            )
            for kind in kinds
        ],
        over=meeting.cancelled_on is not None or meeting.starts.moment <= now,
    )


@pages.post("/meetings/<id:meeting_id>/list", needs=P.GROUPS_EDIT)
def gather(meeting_id: int) -> ResponseReturnValue:
    """Put everybody with a part in the body on the list, without a letter."""
    new = attending.gather(db.session(), editable(meeting_id))
    flash(f"{new} {'people are' if new != 1 else 'person is'} new on the list.", "success")
    return redirect(url_for("meetings.attendance", meeting_id=meeting_id))


@pages.form("/meetings/<id:meeting_id>/attendance", needs=P.GROUPS_EDIT)
def attendance(meeting_id: int) -> ResponseReturnValue:
    """Answers, and who came; `rest`: everybody who is not marked by hand was present."""
    meeting = editable(meeting_id)
    people = queries.attendees_of(db.session(), meeting_id)
    guest = GuestForm()
    if request.method == "POST":
        version = request.form.get("version", "")
        attending.record(
            db.session(),
            meeting,
            {one.id: _mark(one) for one in people},
            version=int(version) if version.isdecimal() and len(version) < 10 else 0,
            now=clock.now(),
            today=programme.today(),
        )
        flash("The list is saved.", "success")
        return redirect(url_for("meetings.show", meeting_id=meeting_id, _anchor="people"))
    return _attendance(meeting, guest)


@pages.post("/meetings/<id:meeting_id>/guests", needs=P.GROUPS_EDIT)
def add_guest(meeting_id: int) -> ResponseReturnValue:
    meeting = editable(meeting_id)
    form = GuestForm.of_request()
    if accepted(form, lambda: attending.add_guest(db.session(), meeting, form.name.data)):
        flash(f"{form.name.data} is on the list.", "success")
        return redirect(url_for("meetings.attendance", meeting_id=meeting_id))
    return _attendance(meeting, form), 422


@pages.post("/meetings/guests/<id:guest_id>/remove", needs=P.GROUPS_EDIT)
def remove_guest(guest_id: int) -> ResponseReturnValue:
    guest = queries.get_attendee(db.session(), guest_id)
    meeting = editable(guest.meeting_id)
    attending.remove_guest(db.session(), meeting, guest)
    flash(f"{guest.name} is off the list.", "success")
    return redirect(url_for("meetings.attendance", meeting_id=meeting.id))


def _attendance(meeting: Meeting, guest: GuestForm) -> str:
    people = queries.attendees_of(db.session(), meeting.id)
    listed = {one.person_id for one in people}
    minutes = queries.minutes_of(db.session(), meeting.id)
    return render_template(
        "office/meetings/attendance.html",
        meeting=meeting,
        fixed=meeting.cancelled_on is not None
        or (minutes is not None and minutes.approved_on is not None),
        trail=[of(meeting.body), at(meeting)],
        when=when(meeting),
        people=[lines.attendee(one, the_viewer()) for one in people],
        unmarked=sum(one.presence is None for one in people),
        missing=attending.missing(db.session(), meeting, listed),
        begun=meeting.starts.moment <= clock.now(),
        answers=ANSWERS,
        presences=PRESENCES,
        guest=guest,
    )


def _mark(one: Attendee) -> Mark:
    """As the form says; what it does not ask for stays."""
    answer, presence = f"answer-{one.id}", f"presence-{one.id}"
    was = _word(Presence, presence) if presence in request.form else one.presence
    if was is None and "rest" in request.form:
        was = Presence.PRESENT
    return Mark(_word(Answer, answer) if answer in request.form else one.answer, was)


def _word(kind: type[Word], name: str) -> Word | None:
    told = request.form[name].strip()
    if not told:
        return None
    if told not in set(kind):
        raise BadRequest(f"This can be: {', '.join(kind)}, or nothing.")
    return kind(told)
