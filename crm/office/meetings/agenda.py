"""A meeting's agenda, item by item; registered beside the meeting."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import meeting_queries as queries
from crm.council import planning
from crm.council.meeting_models import AgendaItem, Meeting
from crm.office.acts import carry_out
from crm.office.meetings.forms import ItemForm
from crm.office.meetings.views import act_on, editable, pages
from crm.web.database import db


@pages.form("/meetings/<id:meeting_id>/agenda/new", needs=P.GROUPS_EDIT)
def new_item(meeting_id: int) -> ResponseReturnValue:
    meeting = editable(meeting_id)
    form = ItemForm.of_request()
    act = act_on(
        meeting,
        url_for("meetings.new_item", meeting_id=meeting_id),
        part="agenda",
        title="New item on the agenda",
        says=(),
        submit="Add to the agenda",
        done="The item is on the agenda.",
    )
    return carry_out(act, form, lambda: planning.add_item(db.session(), meeting, form.draft()))


@pages.form("/meetings/agenda/<id:agenda_item_id>/edit", needs=P.GROUPS_EDIT)
def edit_item(agenda_item_id: int) -> ResponseReturnValue:
    meeting, item = _item(agenda_item_id)
    form = ItemForm.of_request(
        title=item.title,
        presenter=item.presenter,
        minutes=item.minutes,
        text=item.text,
        version=item.version,
    )
    act = act_on(
        meeting,
        url_for("meetings.edit_item", agenda_item_id=item.id),
        part="agenda",
        title=f"Change: {item.title}",
        says=(),
        submit="Save item",
        done="The agenda is saved.",
    )
    return carry_out(
        act,
        form,
        lambda: planning.correct_item(
            db.session(), meeting, item, form.draft(), version=form.version.data or 0
        ),
    )


@pages.post("/meetings/agenda/<id:agenda_item_id>/move", needs=P.GROUPS_EDIT)
def move_item(agenda_item_id: int) -> ResponseReturnValue:
    meeting, item = _item(agenda_item_id)
    planning.move_item(db.session(), meeting, item, up=request.form.get("to") == "up")
    return _back(meeting)


@pages.post("/meetings/agenda/<id:agenda_item_id>/remove", needs=P.GROUPS_EDIT)
def remove_item(agenda_item_id: int) -> ResponseReturnValue:
    meeting, item = _item(agenda_item_id)
    planning.remove_item(db.session(), meeting, item)
    flash("The item is off the agenda.", "success")
    return _back(meeting)


def _item(item_id: int) -> tuple[Meeting, AgendaItem]:
    item = queries.get_agenda_item(db.session(), item_id)
    return editable(item.meeting_id), item


def _back(meeting: Meeting) -> ResponseReturnValue:
    return redirect(url_for("meetings.show", meeting_id=meeting.id, _anchor="agenda"))
