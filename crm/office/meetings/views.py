from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import calendar_file, inviting, meeting_rules, planning
from crm.council import meeting_letters as letters
from crm.council import meeting_queries as queries
from crm.council import queries as council
from crm.council.calendar_file import Method
from crm.council.meeting_models import Meeting
from crm.council.models import Body
from crm.council.rights import may_edit, may_release
from crm.council.rules import BodyKind
from crm.journal.queries import history_of
from crm.kit.errors import NotFound
from crm.office import history
from crm.office.acts import Act, accepted, carry_out
from crm.office.meetings import lines
from crm.office.meetings.forms import CancelForm, MeetingForm, as_planned
from crm.web import clock, exports, programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("meetings", __name__, url_prefix="/office")


@pages.get("/council/meetings", needs=P.COUNCIL_READ)
def of_council() -> ResponseReturnValue:
    """The council's, or with `?body=` another body's."""
    asked = query.number("body")
    if asked is None:
        return _of(council.get_council(db.session()))
    return _of(council.get_body(db.session(), asked))


@pages.get("/bodies/<id:body_id>/meetings", needs=P.COUNCIL_READ)
def of_body(body_id: int) -> ResponseReturnValue:
    return _of(council.get_body(db.session(), body_id))


@pages.form("/bodies/<id:body_id>/meetings/new", needs=P.GROUPS_EDIT)
def new(body_id: int) -> ResponseReturnValue:
    body = council.get_body(db.session(), body_id)
    check_may_edit(body)
    form = MeetingForm.of_request(zone=programme.current().zone)
    form.offer("")

    def plan() -> Meeting:
        return planning.plan(db.session(), body, form.draft(), **edge())

    planned: list[Meeting] = []
    if request.method == "POST" and accepted(form, lambda: planned.append(plan())):
        flash("The meeting is planned. Put its agenda together, then invite.", "success")
        return redirect(url_for("meetings.show", meeting_id=planned[0].id))
    html = render_template(
        "office/meetings/edit.html", form=form, body=body, trail=[of(body)], meeting=None
    )
    return html, 422 if request.method == "POST" else 200


@pages.get("/meetings/<id:meeting_id>", needs=P.COUNCIL_READ)
def show(meeting_id: int) -> ResponseReturnValue:
    viewer = the_viewer()
    meeting = queries.get(db.session(), meeting_id)
    today = programme.today()
    people = queries.attendees_of(db.session(), meeting_id)
    unmarked = sum(one.presence is None for one in people)
    minutes = queries.minutes_of(db.session(), meeting_id)
    approved = minutes is not None and minutes.approved_on is not None
    editor = may_edit(db.session(), viewer, meeting.body, today)
    told = None
    if viewer.may(P.HISTORY_READ):
        found = history_of(
            db.session(), [("meeting", meeting_id)], confidential=viewer.may(P.CONFIDENTIAL_READ)
        )
        found = [line for line in found if line.kind != "attendee"]  # the list shows them
        told = history.told(found, history.names_of(db.session(), found))
    open_ = meeting.cancelled_on is None and not approved
    begun = meeting.starts.moment <= clock.now()
    return render_template(
        "office/meetings/show.html",
        meeting=meeting,
        trail=[of(meeting.body)],
        when=letters.when(meeting),
        agenda=queries.agenda_of(db.session(), meeting_id),
        antitrust=programme.current().facts.get("council", {}).get("antitrust", ""),
        people=[lines.attendee(one, viewer) for one in people],
        taken=any(one.presence is not None for one in people),
        unmarked=meeting_rules.not_marked(unmarked) if unmarked else "",
        minutes=minutes,
        approved=approved,
        decisions=queries.decisions_of(db.session(), meeting_id),
        actions=[
            lines.action(item, today) for item in queries.actions_of(db.session(), meeting_id)
        ],
        waiting=len(inviting.outgoing(db.session(), meeting))
        if editor and open_ and not begun
        else 0,
        may_edit=editor and open_,
        may_release=may_release(db.session(), viewer, meeting.body, today) and open_ and not begun,
        may_approve=viewer.may(P.COUNCIL_APPROVE) and minutes is not None and open_ and begun,
        begun=begun,
        history=told,
    )


@pages.form("/meetings/<id:meeting_id>/edit", needs=P.GROUPS_EDIT)
def edit(meeting_id: int) -> ResponseReturnValue:
    meeting = editable(meeting_id)
    form = MeetingForm.of_request(**as_planned(meeting))
    form.offer(meeting.zone)

    def change() -> None:
        planning.change(
            db.session(), meeting, form.draft(), version=form.version.data or 0, **edge()
        )

    if request.method == "POST" and accepted(form, change):
        flash("Saved. Whoever was invited is told once you release the letters.", "success")
        return redirect(url_for("meetings.show", meeting_id=meeting_id))
    html = render_template(
        "office/meetings/edit.html",
        form=form,
        body=meeting.body,
        trail=[of(meeting.body), at(meeting)],
        meeting=meeting,
    )
    return html, 422 if request.method == "POST" else 200


@pages.form("/meetings/<id:meeting_id>/cancel", needs=P.GROUPS_EDIT)
def cancel(meeting_id: int) -> ResponseReturnValue:
    meeting = editable(meeting_id)
    told = sum(one.told is not None for one in queries.attendees_of(db.session(), meeting_id))
    if told:
        check_may_release(meeting.body)
    form = CancelForm.of_request()
    goes = f"{told} letter{'s'[: told != 1]} will go out at once, each with a file that takes it "
    act = act_on(
        meeting,
        url_for("meetings.cancel", meeting_id=meeting_id),
        title=f"Cancel: {meeting.title}",
        says=(
            letters.when(meeting),
            f"{goes}out of the calendar." if told else "Nobody has been invited so far.",
        ),
        submit="Cancel the meeting",
        done="The meeting is cancelled.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: inviting.cancel(
            db.session(), meeting, form.reason.data, today=programme.today(), **edge()
        ),
    )


@pages.get("/meetings/<id:meeting_id>.ics", needs=P.COUNCIL_READ)
def calendar(meeting_id: int) -> ResponseReturnValue:
    meeting = queries.get(db.session(), meeting_id)
    facts = inviting.facts(db.session(), meeting, writer="")
    method = Method.PUBLISH if meeting.cancelled_on is None else Method.CANCEL
    content = calendar_file.written(letters.entry(facts), method, now=clock.now())
    return Response(
        content,
        content_type=calendar_file.MEDIA_TYPE.format(method=method.value),
        headers=exports.attachment(f"meeting-{meeting_id}", "ics"),
    )


def editable(meeting_id: int) -> Meeting:
    """With its body. Raises `NotFound`, also for one the viewer may not edit."""
    meeting = queries.get(db.session(), meeting_id)
    check_may_edit(meeting.body)
    return meeting


def check_may_edit(body: Body) -> None:
    if not may_edit(db.session(), the_viewer(), body, programme.today()):
        raise NotFound("There is no such meeting of yours.")


def check_may_release(body: Body) -> None:
    if not may_release(db.session(), the_viewer(), body, programme.today()):
        raise NotFound("There are no such letters of yours.")


def of(body: Body) -> tuple[str, str]:
    """Where a body's meetings are listed."""
    if body.kind is BodyKind.COUNCIL:
        return body.name, url_for("meetings.of_council")
    return body.name, url_for("meetings.of_body", body_id=body.id)


def at(meeting: Meeting) -> tuple[str, str]:
    return meeting.title, url_for("meetings.show", meeting_id=meeting.id)


def act_on(meeting: Meeting, url: str, *, part: str = "", **words: Any) -> Act:
    """`part`: the section of the meeting's page to which it leads back."""
    back = url_for("meetings.show", meeting_id=meeting.id, _anchor=part or None)
    return Act(url=url, back=back, trail=(of(meeting.body), at(meeting)), **words)


def edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now()}


def _bodies(shown: Body, today: date) -> list[Body]:
    """Those of today, and the one that is shown though it is over."""
    found = list(council.bodies(db.session(), today, with_groups=True))
    return found if shown in found else [*found, shown]


def _of(body: Body) -> ResponseReturnValue:
    today, now = programme.today(), clock.now()
    return render_template(
        "office/meetings/index.html",
        body=body,
        council=body.kind is BodyKind.COUNCIL,
        bodies=[(one.id, one.name) for one in _bodies(body, today)],
        upcoming=[lines.listed(one) for one in queries.upcoming(db.session(), body.id, now)],
        past=lines.past(db.session(), queries.past(db.session(), body.id, now)),
        may_edit=may_edit(db.session(), the_viewer(), body, today),
    )
