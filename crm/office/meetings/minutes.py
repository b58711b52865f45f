"""Minutes, decisions and what was taken on; registered beside the meeting."""

from __future__ import annotations

import io

from flask import flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from crm.accounts import queries as accounts
from crm.accounts.policy import GRANTS
from crm.accounts.policy import Permission as P
from crm.council import meeting_queries as queries
from crm.council import minuting
from crm.council.meeting_letters import when
from crm.council.meeting_models import Decision, Meeting
from crm.office.acts import carry_out
from crm.office.meetings.forms import ActionForm, DecisionForm, MinutesForm
from crm.office.meetings.views import act_on, edge, editable, pages
from crm.reports import meeting_paper
from crm.web import exports, programme
from crm.web.database import db
from crm.web.session import the_viewer

PAPERS = ("agenda", "minutes")


@pages.form("/meetings/<id:meeting_id>/minutes", needs=P.GROUPS_EDIT)
def minutes(meeting_id: int) -> ResponseReturnValue:
    meeting = editable(meeting_id)
    known = queries.minutes_of(db.session(), meeting_id)
    form = MinutesForm.of_request(
        text=known.text if known else "", version=known.version if known else 0
    )
    act = act_on(
        meeting,
        url_for("meetings.minutes", meeting_id=meeting_id),
        part="minutes",
        title=f"Minutes: {meeting.title}",
        says=("A draft until the director approves it; then nothing of the meeting changes.",),
        submit="Save draft",
        done="The draft is saved.",
    )
    return carry_out(
        act,
        form,
        lambda: minuting.write(
            db.session(), meeting, form.text.data, version=form.version.data or 0, **edge()
        ),
    )


@pages.post("/meetings/<id:meeting_id>/minutes/approve", needs=P.COUNCIL_APPROVE)
def approve(meeting_id: int) -> ResponseReturnValue:
    meeting = queries.get(db.session(), meeting_id)
    version = request.form.get("version", "")
    minuting.approve(
        db.session(),
        meeting,
        version=int(version) if version.isdecimal() and len(version) < 10 else 0,
        without_unmarked="without_them" in request.form,
        today=programme.today(),
        **edge(),
    )
    flash("The minutes are approved.", "success")
    return _back(meeting, "minutes")


@pages.form("/meetings/<id:meeting_id>/decisions/new", needs=P.GROUPS_EDIT)
def decide(meeting_id: int) -> ResponseReturnValue:
    meeting = editable(meeting_id)
    form = DecisionForm.of_request()
    act = act_on(
        meeting,
        url_for("meetings.decide", meeting_id=meeting_id),
        part="decisions",
        title="New decision",
        says=(f"It gets the next number of {meeting.on.year}.",),
        submit="Write the decision down",
        done="The decision is written down.",
    )
    return carry_out(
        act, form, lambda: minuting.decide(db.session(), meeting, form.text.data, **edge())
    )


@pages.form("/meetings/decisions/<id:decision_id>/edit", needs=P.GROUPS_EDIT)
def edit_decision(decision_id: int) -> ResponseReturnValue:
    meeting, decision = _decision(decision_id)
    form = DecisionForm.of_request(text=decision.text, version=decision.version)
    act = act_on(
        meeting,
        url_for("meetings.edit_decision", decision_id=decision_id),
        part="decisions",
        title=f"Decision {decision.label}",
        says=(),
        submit="Save decision",
        done="The decision is saved.",
    )
    return carry_out(
        act,
        form,
        lambda: minuting.correct_decision(
            db.session(), meeting, decision, form.text.data, version=form.version.data or 0
        ),
    )


@pages.post("/meetings/decisions/<id:decision_id>/take-back", needs=P.GROUPS_EDIT)
def take_back_decision(decision_id: int) -> ResponseReturnValue:
    meeting, decision = _decision(decision_id)
    minuting.take_back(db.session(), meeting, decision, **edge())
    flash(f"Decision {decision.label} is taken back.", "success")
    return _back(meeting, "decisions")


@pages.form("/meetings/<id:meeting_id>/actions/new", needs=P.GROUPS_EDIT)
def take_on(meeting_id: int) -> ResponseReturnValue:
    meeting = editable(meeting_id)
    form = ActionForm.of_request(note=f"{meeting.body.name}, {meeting.title}: {when(meeting)}")
    owners = accounts.holders(db.session(), GRANTS[P.TASKS_EDIT])
    holders = {id_ for id_, _ in owners}
    keeps = the_viewer().id in holders  # a faculty chair has no tasks, so keeps none for others
    form.offer(owners, _without(meeting, holders) if keeps else [])
    act = act_on(
        meeting,
        url_for("meetings.take_on", meeting_id=meeting_id),
        part="actions",
        title="New action item",
        says=(
            "It becomes a task of whoever sees to it, and is done when that is. Who has no account "
            "here cannot have a task: it is yours then, with their name before it.",
        ),
        submit="Add action item",
        done="The action item is on somebody's list.",
    )
    return carry_out(
        act,
        form,
        lambda: minuting.take_on(
            db.session(),
            meeting,
            form.draft(keeper_id=the_viewer().id),
            responsible_id=form.responsible_id,
            **edge(),
        ),
    )


@pages.get("/meetings/<id:meeting_id>/<paper>.pdf", needs=P.COUNCIL_READ)
def as_pdf(meeting_id: int, paper: str) -> ResponseReturnValue:
    """The agenda, or the minutes, on paper."""
    if paper not in PAPERS:
        raise NotFound
    meeting = queries.get(db.session(), meeting_id)
    exports.note_export(f"{paper} of meeting {meeting_id}.pdf", the_viewer())
    shown = programme.current()
    pdf = meeting_paper.as_pdf(
        db.session(),
        meeting,
        paper,
        programme=shown.name,
        facts=shown.facts,
        today=programme.today(),
    )
    return send_file(
        io.BytesIO(pdf),
        mimetype=exports.TYPES["pdf"],
        as_attachment=True,
        download_name=f"{paper}-{meeting.on.isoformat()}.pdf",
    )


def _without(meeting: Meeting, accounts_: set[int]) -> list[tuple[int, str]]:
    """Who is on the list and has none of these accounts, by name."""
    return [
        (one.id, f"{one.name}, {one.company.name}" if one.company is not None else one.name)
        for one in queries.attendees_of(db.session(), meeting.id)
        if one.person is None or one.person.user_id not in accounts_
    ]


def _decision(decision_id: int) -> tuple[Meeting, Decision]:
    decision = queries.get_decision(db.session(), decision_id)
    return editable(decision.meeting_id), decision


def _back(meeting: Meeting, part: str) -> ResponseReturnValue:
    return redirect(url_for("meetings.show", meeting_id=meeting.id, _anchor=part))
