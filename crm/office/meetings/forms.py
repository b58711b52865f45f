from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from crm.activities.operations import NewTask
from crm.council.meeting_models import Meeting
from crm.council.meeting_rules import Answer, Presence, zones
from crm.council.planning import NewItem, NewMeeting
from crm.web.forms import (
    BaseForm,
    TimeField,
    WholeNumberField,
    choice,
    day,
    line,
    paragraph,
    required,
)

LONGEST_MINUTES = 60_000
LISTED = "list-"
TWICE = [("", "Not said"), ("first", "the first time"), ("second", "an hour later")]
ANSWERS = [(answer.value, answer.value.capitalize()) for answer in Answer]
PRESENCES = [(presence.value, presence.value.capitalize()) for presence in Presence]


class MeetingForm(BaseForm):
    title = line("Title", needed="Say what the meeting is, such as “Spring meeting”.")
    on = day("Day", needed="Choose the day.")
    starts_at = TimeField("Starts at", [required("Enter when it starts.")])
    ends_at = TimeField("Ends at", [required("Enter when it ends.")])
    ends_on = day("Last day", description="Only if it ends on another day.")
    zone = choice("Time zone", [], validators=[required("Choose the zone of these times.")])
    twice = choice(
        "Where the clock is put back",
        TWICE,
        description="Only if a time comes twice that night: which of the two is meant.",
    )
    place = line("Place")
    link = line("Link to join", most=500)
    version = WholeNumberField(widget=HiddenInput())

    def offer(self, kept: str) -> None:
        """All zones; one that is kept, though it has another name today, with them."""
        self.zone.choices = {name: name.replace("_", " ") for name in (kept, *zones()) if name}

    def draft(self) -> NewMeeting:
        on, ends_on = self.on.data, self.ends_on.data
        assert isinstance(on, date)  # validated
        assert isinstance(self.starts_at.data, time)
        assert isinstance(self.ends_at.data, time)
        return NewMeeting(
            title=self.title.data or "",
            starts_local=datetime.combine(on, self.starts_at.data),
            ends_local=datetime.combine(ends_on or on, self.ends_at.data),
            zone=self.zone.data or "",
            second={"first": False, "second": True}.get(self.twice.data or ""),
            place=self.place.data or None,
            link=self.link.data or None,
        )


def as_planned(meeting: Meeting) -> dict[str, Any]:
    """A meeting as its form shows it."""
    starts, ends = meeting.starts_local, meeting.ends_local
    twice = [told.second for told in (meeting.starts, meeting.ends) if told.comes_twice]
    return {
        "title": meeting.title,
        "on": starts.date(),
        "starts_at": starts.time(),
        "ends_at": ends.time(),
        "ends_on": ends.date() if ends.date() != starts.date() else None,
        "zone": meeting.zone,
        "twice": ("second" if any(twice) else "first") if twice else "",
        "place": meeting.place,
        "link": meeting.link,
        "version": meeting.version,
    }


class CancelForm(BaseForm):
    reason = line("Why", needed="Say why: it is told to everybody who was invited.", most=500)


class ItemForm(BaseForm):
    title = line("Item", needed="Say what it is about.")
    presenter = line("Who presents it")
    minutes = WholeNumberField(
        "Minutes planned", [Optional(), NumberRange(1, 1440, "From 1 to 1440 minutes.")]
    )
    text = paragraph("Text")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewItem:
        return NewItem(
            title=self.title.data or "",
            minutes=self.minutes.data,
            presenter=self.presenter.data or None,
            text=self.text.data or None,
        )


class GuestForm(BaseForm):
    name = line("Name", needed="Say who came, and from where.")


class MinutesForm(BaseForm):
    text = paragraph(
        "Minutes",
        needed="Write what was said.",
        most=LONGEST_MINUTES,
        description="Markdown: # heading, - list, **bold**. HTML is shown as it is typed.",
    )
    version = WholeNumberField(widget=HiddenInput())


class DecisionForm(BaseForm):
    text = paragraph("What was decided", needed="Write what was decided.")
    version = WholeNumberField(widget=HiddenInput())


class ActionForm(BaseForm):
    title = line("What is to be done", needed="Say what is to be done.")
    owner = choice("Who sees to it", [], validators=[required("Choose who sees to it.")])
    due_on = day("By", needed="Say until when.")
    note = paragraph("Note")

    def offer(self, owners: Sequence[tuple[int, str]], listed: Sequence[tuple[int, str]]) -> None:
        """Accounts, and who of the meeting's list has none."""
        self.owner.choices = {
            "": "Choose …",
            **{str(id_): name for id_, name in owners},
            **{f"{LISTED}{id_}": f"{name}, from the list" for id_, name in listed},
        }

    @property
    def responsible_id(self) -> int | None:
        """On the meeting's list, of whom has no account."""
        told = self.owner.data or ""
        return int(told.removeprefix(LISTED)) if told.startswith(LISTED) else None

    def draft(self, *, keeper_id: int) -> NewTask:
        """`keeper_id`: whose the task is that is for somebody without an account."""
        due_on = self.due_on.data
        assert isinstance(due_on, date)  # validated
        return NewTask(
            title=self.title.data or "",
            due_on=due_on,
            owner_id=keeper_id if self.responsible_id is not None else int(self.owner.data),
            note=self.note.data or None,
        )
