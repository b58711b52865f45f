from __future__ import annotations

from datetime import date

from wtforms.widgets import HiddenInput

from crm.activities.interests import NewInterest
from crm.activities.models import Task
from crm.activities.operations import Acquaintance, NewClearance, NewTask, NewTouch
from crm.activities.rules import Shown, Stake, TouchKind
from crm.kit.days import day_after
from crm.web import forms
from crm.web.forms import BaseForm, BooleanField, Checkboxes, WholeNumberField, required

STAKES = [(stake.value, stake.value.capitalize()) for stake in Stake]
KINDS = [(kind.value, kind.value.capitalize()) for kind in TouchKind]


class TouchForm(BaseForm):
    """A contact report: three fields, the rest has a sensible beginning."""

    text = forms.paragraph("What came of it", needed="Write a line about it.", most=20_000)
    kind = forms.choice("Kind", KINDS, default=TouchKind.CALL.value)
    on = forms.day("Day", needed="Enter the day.")
    people = Checkboxes("Who took part", choices={})
    met_name = forms.line("Someone new", description="A name, if they are not listed.")
    met_email = forms.email("Their e-mail")
    in_contact = BooleanField(
        "Show others only that we are in contact",
        description="Colleagues see who and when, directors and staff read the text.",
    )
    confidential = BooleanField(
        "Confidential", description="Only you, directors and staff know of it."
    )
    version = WholeNumberField(widget=HiddenInput())

    def draft(self, company_id: int) -> NewTouch:
        day = self.on.data
        assert isinstance(day, date)  # validated
        name, email = self.met_name.data, self.met_email.data
        return NewTouch(
            company_id=company_id,
            kind=TouchKind(self.kind.data or TouchKind.NOTE),
            on=day,
            text=self.text.data or "",
            person_ids=tuple(int(value) for value in self.people.data or ()),
            met=Acquaintance(name=name or str(email), email=email or None)
            if name or email
            else None,
            shown=Shown.IN_CONTACT if self.in_contact.data else Shown.IN_FULL,
            confidential=bool(self.confidential.data),
        )


class TaskForm(BaseForm):
    """A next step with its day."""

    title = forms.line("Next step", needed="Say what is to be done.")
    due_on = forms.day("By", needed="Enter the day.")
    owner = forms.choice("Whose", [])
    note = forms.paragraph("Note")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self, company_id: int | None) -> NewTask:
        day = self.due_on.data
        assert isinstance(day, date)  # validated
        return NewTask(
            title=self.title.data or "",
            due_on=day,
            owner_id=int(self.owner.data) if self.owner.data else None,
            company_id=company_id,
            note=self.note.data or None,
        )

    def offer(self, owners: list[tuple[str, str]], task: Task | None = None) -> None:
        """The owners of today; whoever has it now stays while chosen."""
        choices = list(owners)
        if task is not None and str(task.owner_id) not in dict(choices):
            choices.append((str(task.owner_id), task.owner.name))
        self.owner.choices = dict(choices if task is not None else [("", "Me"), *choices])


class ClearanceForm(BaseForm):
    """Leave of the central office to approach the company."""

    granted_by = forms.line("Granted by", needed="Say who granted it.")
    purpose = forms.line("For what", needed="Say what it is for.")
    starts_on = forms.day("From", needed="Enter the first day.")
    last_day = forms.day("Last day", description="Empty: until withdrawn.")
    note = forms.paragraph("Note")

    def draft(self, company_id: int) -> NewClearance:
        day = self.starts_on.data
        assert isinstance(day, date)  # validated
        return NewClearance(
            company_id=company_id,
            granted_by=self.granted_by.data or "",
            purpose=self.purpose.data or "",
            starts_on=day,
            ends_before=day_after(self.last_day.data),
            note=self.note.data or None,
        )


class _Whose(BaseForm):
    person = forms.line(
        "Whose",
        needed="Say whose it is.",
        description="Type a few letters of the name and pick them.",
    )


class StakeForm(BaseForm):
    """A stake in a company, of a person who is known already."""

    stake = forms.choice(
        "What", STAKES, default=Stake.SHARES.value, validators=[required("Say what it is.")]
    )
    note = forms.paragraph(
        "In their words", most=1_000, description="Only directors, staff and readers see this."
    )
    starts_on = forms.day("From", needed="Enter the first day.")
    last_day = forms.day("Last day", description="Empty: it stands until further notice.")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewInterest:
        day = self.starts_on.data
        assert isinstance(day, date)  # validated
        return NewInterest(
            stake=Stake(self.stake.data),
            starts_on=day,
            ends_before=day_after(self.last_day.data),
            note=self.note.data or None,
        )


class DeclareForm(_Whose, StakeForm):
    """A stake in a company, whosever."""


class QuestionForm(BaseForm):
    """A note to whoever looks after a company."""

    text = forms.paragraph(
        "What you have in mind",
        needed="Say what you have in mind.",
        description="Whom you would write to, and about what.",
    )
