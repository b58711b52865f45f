from __future__ import annotations

from collections.abc import Iterable, Sequence

from wtforms.widgets import HiddenInput

from crm.council.place_rules import PlaceRole
from crm.office.companies.forms import a_web_address
from crm.web import forms
from crm.web.forms import BaseForm, Checkboxes, WholeNumberField
from crm.working_groups.deliverables import NewDeliverable
from crm.working_groups.mailings import NewMailing
from crm.working_groups.operations import NewGroup
from crm.working_groups.rules import DeliverableKind, JoinPolicy, Readers, Stage

POLICIES = [(policy.value, policy.value.capitalize()) for policy in JoinPolicy]
KINDS = [(kind.value, kind.value.capitalize()) for kind in DeliverableKind]
STAGES = [(stage.value, stage.value.capitalize()) for stage in Stage]
READERS = [(Readers.MEMBERS.value, "Members"), (Readers.PUBLIC.value, "Everybody")]
ROLES = [(role.value, role.value.capitalize()) for role in PlaceRole]
WHY = "Say why, for whoever reads this later."

Offered = Sequence[tuple[int, str]]


def ids_of(chosen: Iterable[str] | None) -> tuple[int, ...]:
    return tuple(int(value) for value in chosen or ())


class GroupForm(BaseForm):
    name = forms.line("Name", needed="Enter the group’s name.")
    join_policy = forms.choice("How one joins", POLICIES, validators=[forms.required("Choose.")])
    founded_on = forms.day("Founded on", needed="Say from which day on.")
    challenges = Checkboxes("Grand challenges it works on", choices={})
    charter = forms.paragraph(
        "Charter",
        most=20_000,
        description="What it is for, how it works. Markdown: # heading, - list, **bold**.",
    )
    summary = forms.paragraph(
        "Public summary",
        most=2000,
        description="With it, the group is shown on the public page of working groups.",
    )
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewGroup:
        founded_on = self.founded_on.data
        assert founded_on is not None  # needed, or the form is not valid
        return NewGroup(
            name=self.name.data or "",
            charter=self.charter.data or "",
            summary=self.summary.data or None,
            join_policy=JoinPolicy(self.join_policy.data),
            founded_on=founded_on,
            challenge_ids=ids_of(self.challenges.data),
        )


class CloseForm(BaseForm):
    on = forms.day("First day without it", needed="Say from which day on.")
    reason = forms.line("Reason", needed=WHY, most=500)


class _WhoForm(BaseForm):
    person = forms.choice("Person", [], validators=[forms.required("Choose who it is to be.")])

    def offer(self, people: Sequence[tuple[int, str, str | None]]) -> None:
        offered = {str(id_): f"{name}, {title}" if title else name for id_, name, title in people}
        self.person.choices = {"": "Choose …", **offered}


class JoinForm(_WhoForm):
    starts_on = forms.day("From", needed="Say from which day on.")


class AskForm(_WhoForm):
    note = forms.paragraph("Note", most=2000, description="What they wrote, why they come to mind.")


class UniversityForm(BaseForm):
    email = forms.line(
        "Who",
        needed="Say who.",
        most=forms.LONGEST_EMAIL,
        description="Type a few letters of the name and pick them, or write their e-mail address. "
        "The person must be on record: see People.",
    )
    starts_on = forms.day("From", needed="Say from which day on.")


class AcceptForm(BaseForm):
    starts_on = forms.day("Member of the group from", needed="Say from which day on.")


class ReasonForm(BaseForm):
    reason = forms.line("Reason", needed=WHY, most=500)


class EndForm(BaseForm):
    how = forms.choice(
        "How it ends",
        [("left", "They leave"), ("ended", "The group ends it")],
        validators=[forms.required("Choose.")],
    )
    on = forms.day("First day without them", needed="Say from which day on.")
    reason = forms.line("Reason", needed=WHY, most=500)


class RoleForm(BaseForm):
    role = forms.choice("Role", ROLES, validators=[forms.required("Choose.")])
    on = forms.day("From", needed="Say from which day on.")
    reason = forms.line("Reason", needed=WHY, most=500)


class AccountForm(BaseForm):
    account = forms.choice("Account", [])

    def offer(self, holders: Iterable[tuple[int, str]], *, but: int, held: int | None) -> None:
        """These accounts; one's own (`but`) only where it is `held` already."""
        kept = (one for one in holders if one[0] != but or one[0] == held)
        self.account.choices = {"": "None", **{str(id_): name for id_, name in kept}}


class MailingForm(BaseForm):
    subject = forms.line("Subject", needed="Enter a subject.", most=150)
    text = forms.paragraph("Text", needed="Write the letter.", most=8000)
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewMailing:
        return NewMailing(subject=self.subject.data or "", text=self.text.data or "")


class ReleaseForm(BaseForm):
    version = WholeNumberField("Version", widget=HiddenInput())


class DeliverableForm(BaseForm):
    title = forms.line("Title", needed="Enter its title.")
    kind = forms.choice("Kind", KINDS, validators=[forms.required("Choose.")])
    due_on = forms.day("Due on")
    readers = forms.choice(
        "Who may read it",
        READERS,
        validators=[forms.required("Choose.")],
        description="Everybody: once published, it is on the public page, with its link or file.",
    )
    about = forms.paragraph("About")
    link = forms.line("Where it is published", most=300, validators=[a_web_address])
    file = forms.choice("Or one of the group’s files", [])
    authors = Checkboxes("Authors", choices={})
    challenges = Checkboxes("Grand challenges it is about", choices={})
    version = WholeNumberField(widget=HiddenInput())

    def offer(self, *, people: Offered, files: Offered, challenges: Offered) -> None:
        self.authors.choices = {str(id_): name for id_, name in people}
        self.file.choices = {"": "None", **{str(id_): title for id_, title in files}}
        self.challenges.choices = {str(id_): name for id_, name in challenges}

    def draft(self) -> NewDeliverable:
        return NewDeliverable(
            title=self.title.data or "",
            kind=DeliverableKind(self.kind.data),
            about=self.about.data or None,
            due_on=self.due_on.data,
            link=self.link.data or None,
            file_id=int(self.file.data) if self.file.data else None,
            readers=Readers(self.readers.data),
            author_ids=ids_of(self.authors.data),
            challenge_ids=ids_of(self.challenges.data),
        )


class StageForm(BaseForm):
    stage = forms.choice("Stage", STAGES, validators=[forms.required("Choose.")])
    on = forms.day("On", needed="Say on which day.")
    reason = forms.line("Reason", most=500, description="Needed where it is dropped or taken back.")
    link = forms.line(
        "Where it is published",
        most=300,
        validators=[a_web_address],
        description="What is published needs this, or one of the group’s files on its own page.",
    )
