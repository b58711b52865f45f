from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from wtforms.widgets import HiddenInput

from crm.activities.operations import NewTouch
from crm.activities.rules import Shown, TouchKind
from crm.documents.operations import NewFile
from crm.documents.rules import LARGEST
from crm.kit.days import day_after
from crm.office.activities.forms import KINDS
from crm.office.engagements.forms import PERSON, WHY, words
from crm.office.invoices.forms import money_of
from crm.office.memberships.terms import CURRENCIES
from crm.partnerships.areas import NewArea
from crm.partnerships.scoping import NewHandoff, NewScope
from crm.partnerships.screening import NewScreening
from crm.partnerships.workspace_models import Scope
from crm.partnerships.workspace_rules import (
    Answer,
    Interest,
    Ip,
    Nda,
    NdaFacts,
    Result,
    Side,
)
from crm.partnerships.workspaces import NewIp, NewNda, NewPartnership
from crm.web import forms
from crm.web.forms import BaseForm, BooleanField, Checkboxes, WholeNumberField, required

NO_SUMS = "Faculty read it: no sums, please."
CONFIDENTIAL = "Confidential: directors and staff read it."
RESULTS = [
    (Result.CLEAR.value, "Clear"),
    (Result.POSSIBLE.value, "Possible match, being examined"),
    (Result.DENIED.value, "Denied"),
]


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


class NdaForm(BaseForm):
    state = forms.choice("State", [("", "Not spoken of"), *words(Nda)])
    signed_on = forms.day("Signed by both on")
    expires_on = forms.day("Last day", description="Empty: it has no end.")
    reference = forms.line("Reference", most=60)
    note = forms.paragraph("Note", most=2000, description=CONFIDENTIAL)
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewNda:
        return NewNda(
            facts=NdaFacts(
                state=Nda(self.state.data) if self.state.data else None,
                signed_on=self.signed_on.data,
                expires_on=self.expires_on.data,
            ),
            reference=self.reference.data or None,
            note=self.note.data or None,
        )


class IpForm(BaseForm):
    state = forms.choice("State", [("", "Not spoken of"), *words(Ip)])
    on = forms.day("Since")
    text = forms.paragraph("Positions of both sides", description=CONFIDENTIAL)
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewIp:
        return NewIp(
            state=Ip(self.state.data) if self.state.data else None,
            on=self.on.data,
            text=self.text.data or None,
        )


class NdaFileForm(BaseForm):
    file = forms.upload("File", needed="Choose a PDF or a Word document.")
    title = forms.line("Title", needed="Say what it is.")

    def new_file(self) -> NewFile:
        sent = self.file.data
        return NewFile(name=sent.filename, content=sent.stream.read(LARGEST + 1))


class ScreeningForm(BaseForm):
    screened_on = forms.day("Screened on", needed="Say on which day.")
    screened_by = forms.line("By whom", needed="Say who looked.")
    service = forms.line("Lists or service", needed="Say in which lists.")
    result = forms.choice("Result", RESULTS, validators=[required("Say what came of it.")])
    valid_until = forms.day(
        "Good until", description="The last day of a clear result; empty: until another one."
    )
    note = forms.paragraph("Note", most=2000, description=CONFIDENTIAL)

    def wanted(self) -> NewScreening:
        return NewScreening(
            screened_on=_day(self.screened_on.data),
            screened_by=self.screened_by.data or "",
            service=self.service.data or "",
            result=Result(self.result.data),
            valid_until=self.valid_until.data,
            note=self.note.data or None,
        )


class ReasonForm(BaseForm):
    reason = forms.line("Reason", needed=WHY, most=500)


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
            on=_day(self.on.data),
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


class ScopeForm(BaseForm):
    text = forms.paragraph(
        "What is to be done", needed="Write the scope.", most=8000, description=NO_SUMS
    )
    deliverables = forms.paragraph("Deliverables", description=NO_SUMS)
    starts_on = forms.day("From")
    last_day = forms.day("Last day")
    estimate = forms.line(
        "Estimate", most=40, description="Of sponsored research; in all. Faculty do not see it."
    )
    currency = forms.choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    seen = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewScope:
        """Raises `RuleBroken` for an estimate that is none."""
        typed = self.estimate.data
        return NewScope(
            text=self.text.data or "",
            deliverables=self.deliverables.data or None,
            starts_on=self.starts_on.data,
            ends_before=day_after(self.last_day.data),
            estimate=money_of(self.estimate, self.currency.data or "USD") if typed else None,
        )

    @staticmethod
    def shown(scope: Scope | None) -> dict[str, Any]:
        if scope is None:
            return {"seen": 0}
        estimate = scope.estimate
        return {
            "text": scope.text,
            "deliverables": scope.deliverables,
            "starts_on": scope.starts_on,
            "last_day": scope.ends_before and scope.ends_before - timedelta(days=1),
            "estimate": f"{estimate.decimal:,f}" if estimate else "",
            "currency": scope.currency or "USD",
            "seen": scope.number,
        }


class HandoffForm(BaseForm):
    to_whom = forms.line("To whom", needed="Say who at the office has it now.")
    on = forms.day("On", needed="Say on which day.")
    reference = forms.line(
        "Their number", most=60, description="It may be entered later, when it comes."
    )

    def wanted(self) -> NewHandoff:
        return NewHandoff(
            to_whom=self.to_whom.data or "",
            on=_day(self.on.data),
            reference=self.reference.data or None,
        )


class ReferenceForm(BaseForm):
    reference = forms.line("Their number", needed="Enter their number.", most=60)


def _offer(form: BaseForm, name: str, offered: Sequence[tuple[int, str]]) -> None:
    """What may be ticked; where there is nothing, the field is left out."""
    field: Any = form[name]
    field.choices = {str(id_): said for id_, said in offered}
    if not offered:
        del form[name]


def _chosen(form: BaseForm, name: str) -> Sequence[int]:
    return [int(id_) for id_ in form[name].data or ()] if name in form else ()


def _day(chosen: Any) -> date:
    assert isinstance(chosen, date)  # needed, or the form is not valid
    return chosen
