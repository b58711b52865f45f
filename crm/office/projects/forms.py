from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import DateField
from wtforms.widgets import HiddenInput

from crm.kit.days import day_after
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.office.memberships.terms import CURRENCIES
from crm.projects.calls import NewCall
from crm.projects.following import NewMilestone, NewOutput
from crm.projects.operations import Budget, NewProject
from crm.projects.rules import (
    FOLLOWS,
    CompanyRole,
    FacultyRole,
    ProjectKind,
    Readers,
    Source,
    Stage,
)
from crm.projects.students import NewStudent
from crm.web import forms
from crm.web.forms import BaseForm, Checkboxes, WholeNumberField

KINDS = [(kind.value, kind.value.capitalize()) for kind in ProjectKind]
SOURCES = [("", "Not settled"), *((one.value, one.value.capitalize()) for one in Source)]
FACULTY_ROLES = [(role.value, role.value.capitalize()) for role in FacultyRole]
COMPANY_ROLES = [(role.value, role.value.capitalize()) for role in CompanyRole]
READERS = [
    (Readers.OFFICE.value, "The office and the project"),
    (Readers.MEMBERS.value, "Members"),
    (Readers.PUBLIC.value, "Everybody"),
]
MOST_COMPANIES = 4
MARKDOWN = "Markdown: # heading, - list, **bold**."
CHOOSE = "Choose."
PICK = "Type a few letters of the name and pick it."


def _day(field: DateField) -> date:
    """Of a needed field of a valid form."""
    assert field.data is not None
    found: date = field.data
    return found


class ProjectForm(BaseForm):
    title = forms.line("Title", needed="Enter a title.")
    kind = forms.choice("Kind", KINDS, validators=[forms.required(CHOOSE)])
    starts_on = forms.day("Starts on")
    last_day = forms.day("Last day")
    seats_offered = WholeNumberField(
        "Seats offered",
        description="Of a course, a training programme or a recruiting event, if there are any.",
    )
    challenges = Checkboxes("Grand challenges it works on", choices={})
    about = forms.paragraph("What it is about", most=20_000, description=MARKDOWN)
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewProject:
        return NewProject(
            title=self.title.data or "",
            kind=ProjectKind(self.kind.data),
            about=self.about.data or "",
            starts_on=self.starts_on.data,
            ends_before=day_after(self.last_day.data),
            seats_offered=self.seats_offered.data,
            challenge_ids=tuple(int(id_) for id_ in self.challenges.data or ()),
        )


class StageForm(BaseForm):
    stage = forms.choice("Stage", [], validators=[forms.required(CHOOSE)])
    on = forms.day("On", needed="Say on which day.")
    reason = forms.line(
        "Reason",
        most=500,
        description="Needed for what is selected by hand, not selected, dropped or taken up again. "
        "Faculty read it: no sums, please.",
    )

    def offer(self, stage: Stage) -> None:
        self.stage.choices = {
            one.value: one.value.capitalize() for one in Stage if one in FOLLOWS[stage]
        }


class BudgetForm(BaseForm):
    source = forms.choice(
        "Who pays",
        SOURCES,
        description="Dues are what all members pay: they pay for no project with one company alone "
        "as its host or sponsor.",
    )
    amount = forms.line("Budget", most=40, description="Empty while it is not known.")
    currency = forms.choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> Budget:
        """Raises `RuleBroken` beside the amount that cannot be read."""
        amount = None
        if self.amount.data:
            try:
                amount = Money.parse(self.amount.data, self.currency.data or "USD")
            except ValueError as error:
                raise RuleBroken(str(error), field="amount") from None
        source = Source(self.source.data) if self.source.data else None
        return Budget(source=source, amount=amount)


class ProposalForm(ProjectForm, BudgetForm):
    """A new project with whoever leads it, up to `MOST_COMPANIES` companies, as `company_1`,
    `role_1` …, and who pays."""

    email = forms.line(
        "Led by",
        most=forms.LONGEST_EMAIL,
        description="Somebody of the university: type a few letters of the name and pick them, or "
        "write their e-mail address.",
    )

    def companies(self) -> list[tuple[Any, Any]]:
        """The fields of each, company and role."""
        return [
            (self[f"company_{number}"], self[f"role_{number}"])
            for number in range(1, MOST_COMPANIES + 1)
        ]


for _number in range(1, MOST_COMPANIES + 1):
    setattr(
        ProposalForm,
        f"company_{_number}",
        forms.line(f"Company {_number}", most=230, description=PICK if _number == 1 else ""),
    )
    setattr(
        ProposalForm,
        f"role_{_number}",
        forms.choice(
            f"Role of company {_number}", COMPANY_ROLES, default=CompanyRole.PARTICIPANT.value
        ),
    )


class CallForm(BaseForm):
    title = forms.line("Title", needed="Enter a title.")
    kind = forms.choice("For what", KINDS, validators=[forms.required(CHOOSE)])
    opens_on = forms.day("Opens on", needed="Say from which day proposals are taken.")
    closes_on = forms.day("Deadline", needed="Say until which day, that day included.")
    text = forms.paragraph("What is looked for", most=20_000, description=MARKDOWN)
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewCall:
        return NewCall(
            title=self.title.data or "",
            kind=ProjectKind(self.kind.data),
            text=self.text.data or "",
            opens_on=_day(self.opens_on),
            closes_on=_day(self.closes_on),
        )


class BallotForm(BaseForm):
    ballot = forms.choice("Ballot", [])

    def offer(self, ballots: Sequence[tuple[int, str]]) -> None:
        self.ballot.choices = {"": "None", **{str(id_): title for id_, title in ballots}}


class CouncilForm(BaseForm):
    closes_on = forms.day("The vote closes on", needed="Say on which day.")


class FacultyForm(BaseForm):
    email = forms.line(
        "Who",
        needed="Say who.",
        most=forms.LONGEST_EMAIL,
        description="Type a few letters of the name and pick them, or write their e-mail address. "
        "The person must be on record: see People.",
    )
    role = forms.choice("Role", FACULTY_ROLES, validators=[forms.required(CHOOSE)])
    starts_on = forms.day("From", needed="Say from which day on.")


class EndForm(BaseForm):
    on = forms.day("First day without them", needed="Say from which day on.")


class StudentForm(BaseForm):
    initials = forms.line("Initials", needed="Write their initials, such as A. B.", most=12)
    studies = forms.line("Studies", most=100, description="Such as SM, mechanical engineering.")
    starts_on = forms.day("From", needed="Say from which day on.")
    last_day = forms.day("Last day")
    name = forms.line("Name", description="Only where they have agreed to be named.")
    consented_on = forms.day("Consent given on")
    consent_recorded = forms.line("How it was given, and where that is kept")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewStudent:
        return NewStudent(
            initials=self.initials.data or "",
            studies=self.studies.data or None,
            starts_on=_day(self.starts_on),
            ends_before=day_after(self.last_day.data),
            name=self.name.data or None,
            consented_on=self.consented_on.data,
            consent_recorded=self.consent_recorded.data or None,
        )


class CompanyForm(BaseForm):
    role = forms.choice("Role", COMPANY_ROLES, validators=[forms.required(CHOOSE)])
    company = forms.line("Company", needed="Say which company.", most=230, description=PICK)
    other = forms.line(
        "And another company",
        most=230,
        description="What dues pay for has two hosts or sponsors, or none: name both at once.",
    )
    starts_on = forms.day("From", needed="Say from which day on.")


class LeaveForm(BaseForm):
    ties = Checkboxes("Who leaves", choices={})


class SeatsForm(BaseForm):
    company = forms.line("Company", needed="Say which company.", most=230, description=PICK)
    seats = WholeNumberField(
        "Seats it has in all",
        [forms.required("Write how many.")],
        description="0 gives back what it had.",
    )


class MilestoneForm(BaseForm):
    title = forms.line("What is to be reached", needed="Say what.")
    due_on = forms.day("Due on", needed="Say by which day.")
    done_on = forms.day("Done on", description="Once it is reached.")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewMilestone:
        return NewMilestone(
            title=self.title.data or "", due_on=_day(self.due_on), done_on=self.done_on.data
        )


class OutputForm(BaseForm):
    title = forms.line("Title", needed="Say what it is.")
    link = forms.line(
        "Where it is read",
        needed="Give its address.",
        most=300,
        description="An address that begins with https://.",
    )
    readers = forms.choice("Who may read it", READERS, validators=[forms.required(CHOOSE)])
    came_on = forms.day("Out since", needed="Say since which day.")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewOutput:
        return NewOutput(
            title=self.title.data or "",
            link=self.link.data or "",
            readers=Readers(self.readers.data),
            came_on=_day(self.came_on),
        )
