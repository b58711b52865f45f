from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms.widgets import HiddenInput

from crm.activities.operations import NewTouch
from crm.activities.rules import Shown, TouchKind
from crm.office.activities.forms import KINDS
from crm.office.engagements.forms import PERSON, WHY, words
from crm.partnerships.areas import NewArea
from crm.partnerships.workspace_rules import (
    Answer,
    Interest,
    Side,
)
from crm.partnerships.workspaces import NewPartnership
from crm.web import forms
from crm.web.forms import BaseForm, BooleanField, Checkboxes, WholeNumberField, required

NO_SUMS = "Faculty read it: no sums, please."


class PartnershipForm(BaseForm):
    title = forms.line("Title", needed="Say what the partnership is about.")
    needs_text = forms.paragraph(
        "The company’s needs, as it stated them", most=8000, description=NO_SUMS
    )
    needs_on = forms.day("Stated on")
    needs_by = forms.line("Stated by", description=f"At the company. {PERSON}")
    lead = forms.line("Lead faculty", description=PERSON)
    relations_contact = forms.line("Contact at corporate relations")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self, *, needs_by_id: int | None, lead_id: int | None) -> NewPartnership:
        return NewPartnership(
            title=self.title.data or "",
            needs_text=self.needs_text.data or None,
            needs_on=self.needs_on.data,
            needs_by_id=needs_by_id,
            lead_id=lead_id,
            relations_contact=self.relations_contact.data or None,
        )


class NewPartnershipForm(PartnershipForm):
    company = forms.line("Company", needed="Say which company this is.", most=230)
    on = forms.day("Opened on", needed="Say on which day.")
    owner = forms.choice("Owner", [])

    def offer(self, owners: Sequence[tuple[int, str]]) -> None:
        self.owner.choices = {"": "Nobody", **{str(id_): name for id_, name in owners}}


class AskForm(BaseForm):
    person = forms.line("Who", needed="Say who is asked.", description=PERSON)
    field = forms.line(
        "For which of their work", most=500, description="Their profile says the rest."
    )
    on = forms.day("Asked on", needed="Say on which day.")


class AnswerForm(BaseForm):
    answer = forms.choice("They are", words(Answer), validators=[required("Choose.")])
    on = forms.day("Said on", description="Empty while they are only asked.")
    field = forms.line("For which of their work", most=500)
    version = WholeNumberField(widget=HiddenInput())


class ConveningForm(BaseForm):
    """A contact report with people of both sides."""

    kind = forms.choice(
        "Kind", KINDS, default=TouchKind.MEETING.value, validators=[required("Choose.")]
    )
    on = forms.day("Day", needed="Say on which day.")
    theirs = Checkboxes("Of the company", choices={})
    ours = Checkboxes("Of the university", choices={})
    text = forms.paragraph("What came of it", needed="Write a line about it.", most=20_000)
    in_contact = BooleanField("Show others only that there was contact")
    confidential = BooleanField("Confidential: for directors, staff and me")

    def offer(self, theirs: Sequence[tuple[int, str]], ours: Sequence[tuple[int, str]]) -> None:
        """A side of which nobody is known is not asked for."""
        _offer(self, "theirs", theirs)
        _offer(self, "ours", ours)

    def draft(self, company_id: int) -> NewTouch:
        return NewTouch(
            company_id=company_id,
            kind=TouchKind(self.kind.data),
            on=day_of(self.on.data),
            text=self.text.data or "",
            person_ids=(*_chosen(self, "theirs"), *_chosen(self, "ours")),
            shown=Shown.IN_CONTACT if self.in_contact.data else Shown.IN_FULL,
            confidential=bool(self.confidential.data),
        )


class AreaForm(BaseForm):
    title = forms.line("Area", needed="Say what the area is.")
    text = forms.paragraph("What it would be", description=NO_SUMS)
    challenges = Checkboxes("Grand challenges", choices={})
    faculty = Checkboxes("Faculty interested", choices={})
    version = WholeNumberField(widget=HiddenInput())

    def offer(
        self, challenges: Sequence[tuple[int, str]], faculty: Sequence[tuple[int, str]]
    ) -> None:
        _offer(self, "challenges", challenges)
        _offer(self, "faculty", faculty)

    def wanted(self) -> NewArea:
        return NewArea(
            title=self.title.data or "",
            text=self.text.data or None,
            challenge_ids=tuple(_chosen(self, "challenges")),
            convened_ids=tuple(_chosen(self, "faculty")),
        )


class NewAreaForm(AreaForm):
    on = forms.day("Proposed on", needed="Say on which day.")


class InterestForm(BaseForm):
    company_interest = forms.choice("The company is", words(Interest))
    company_by = forms.line("Who of the company said so")
    company_on = forms.day("When they said so")
    university_interest = forms.choice("The university is", words(Interest))
    university_by = forms.line("Who of the university said so")
    university_on = forms.day("When they did")
    version = WholeNumberField(widget=HiddenInput())

    def side(self, name: str) -> Side:
        return Side(
            interest=Interest(self[f"{name}_interest"].data or Interest.NONE),
            by=self[f"{name}_by"].data or None,
            on=self[f"{name}_on"].data,
        )


class DayForm(BaseForm):
    on = forms.day("On", needed="Say on which day.")


class DropForm(DayForm):
    reason = forms.line("Reason", needed=WHY, most=500)


class CloseForm(DayForm):
    how = forms.line("How it ended", needed="Say how it ended.", most=500)


def _offer(form: BaseForm, name: str, offered: Sequence[tuple[int, str]]) -> None:
    """What may be ticked; where there is nothing, the field is left out."""
    field: Any = form[name]
    field.choices = {str(id_): said for id_, said in offered}
    if not offered:
        del form[name]


def _chosen(form: BaseForm, name: str) -> Sequence[int]:
    return [int(id_) for id_ in form[name].data or ()] if name in form else ()


def day_of(chosen: Any) -> date:
    assert isinstance(chosen, date)  # needed, or the form is not valid
    return chosen
