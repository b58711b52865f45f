from __future__ import annotations

from collections.abc import Sequence

from wtforms.widgets import HiddenInput

from crm.people.operations import PersonDraft
from crm.people.profiles import NewProfile
from crm.web import forms
from crm.web.forms import BaseForm, BooleanField, Checkboxes, WholeNumberField


class PersonForm(BaseForm):
    """A person; with `email`, `company` and `title` only when they are new."""

    name = forms.line("Name", needed="Enter the person’s name.")
    phone = forms.line("Phone", most=60)
    note = forms.paragraph("Note")
    email = forms.email("E-mail")
    company = forms.line("Company", most=240)
    title = forms.line("Title there")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> PersonDraft:
        return PersonDraft(
            name=self.name.data or "",
            phone=self.phone.data or None,
            note=self.note.data or None,
        )


class AddressForm(BaseForm):
    email = forms.email("E-mail", needed="Enter the address.")
    primary = BooleanField("Letters go there from now on")


class JobForm(BaseForm):
    """Somebody begins at a company, and may leave another."""

    company = forms.line("New company", needed="Enter the company.", most=240)
    title = forms.line("Title there")
    on = forms.day("First day there", needed="Enter the day.")
    leaves = forms.choice("Leaves", [])
    email = forms.email(
        "New e-mail", description="Letters go there; the old address stays as an alias."
    )


class AffiliationForm(BaseForm):
    """What somebody is at a company, and since when."""

    title = forms.line("Title")
    starts_on = forms.day("First day", description="Empty: not known.")
    last_day = forms.day("Last day", description="Empty: still there.")
    champion = BooleanField("Champion", description="Speaks for us inside the company.")
    main_contact = BooleanField("Main contact")
    billing = BooleanField("Billing", description="Gets the invoices.")
    version = WholeNumberField(widget=HiddenInput())


class ProfileForm(BaseForm):
    """What somebody of the university works on."""

    field = forms.line(
        "Field",
        needed="Say in a line what it is.",
        description="Such as: process control for additive manufacturing.",
    )
    about = forms.paragraph("About", most=2_000)
    challenges = Checkboxes("Grand challenges", choices={})
    version = WholeNumberField(widget=HiddenInput())

    def offer(self, challenges: Sequence[tuple[int, str]]) -> None:
        self.challenges.choices = {str(id_): name for id_, name in challenges}

    def draft(self) -> NewProfile:
        return NewProfile(
            field=self.field.data or "",
            about=self.about.data or None,
            challenge_ids=tuple(int(value) for value in self.challenges.data or ()),
        )
