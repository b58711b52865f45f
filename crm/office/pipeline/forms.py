from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wtforms import HiddenField, ValidationError

from crm.activities.operations import NewTask, NewTouch
from crm.activities.rules import Shown, TouchKind
from crm.kit.money import Money
from crm.memberships.models import Tier
from crm.office.memberships.terms import CURRENCIES, TermForm
from crm.pipeline.operations import OpportunityDraft
from crm.web import forms
from crm.web.forms import BaseForm, BooleanField, Checkboxes, required

NUMBERED = re.compile(r"\(#([1-9][0-9]{0,8})\)\s*\Z")
Choices = Sequence[tuple[Any, str]]


def _choices(offered: Choices, blank: str) -> list[tuple[str, str]]:
    return [("", blank), *((str(key), text) for key, text in offered)]


class Versioned(BaseForm):
    """A form on one opportunity says which version of it was seen."""

    version = HiddenField()

    def seen(self) -> int | None:
        typed = str(self.version.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


class OpportunityForm(Versioned):
    owner = forms.choice("Owner", [])
    tier = forms.choice("Tier under discussion", [], description="Where it leads to a membership.")
    value = forms.line(
        "Expected value", most=40, description="In all. Empty: the tier’s fee for its years."
    )
    currency = forms.choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    expected_on = forms.day("Expected start")
    source = forms.line("Source", description="How they came to us: a fair, a colleague, alumni.")
    note = forms.paragraph("Note", description="Confidential: directors and staff read it.")

    def validate_value(self, field: Any) -> None:
        if field.data:
            try:
                Money.parse(field.data, self.currency.data or "USD")
            except ValueError as error:
                raise ValidationError(str(error)) from None

    def offer(self, owners: Choices, tiers: Sequence[Tier]) -> None:
        self.owner.choices = _choices(owners, "Nobody")
        self.tier.choices = _choices([(tier.id, tier.name) for tier in tiers], "None")

    def draft(self) -> OpportunityDraft:
        value = self.value.data
        return OpportunityDraft(
            owner_id=int(self.owner.data) if self.owner.data else None,
            tier_id=int(self.tier.data) if self.tier.data else None,
            value=Money.parse(value, self.currency.data or "USD") if value else None,
            expected_on=self.expected_on.data,
            source=self.source.data or None,
            note=self.note.data or None,
        )


class NewOpportunityForm(OpportunityForm):
    company = forms.line("Company", needed="Say which company this is.", most=230)
    mode = forms.choice("Way to engage", [], validators=[required("Choose a way to engage.")])

    def company_id(self) -> int | None:
        """The number in "Name (#12)", which is what picking from the suggestions writes."""
        picked = NUMBERED.search(self.company.data or "")
        return int(picked[1]) if picked else None


class MoveForm(Versioned):
    stage = forms.choice("Stage", [], validators=[required("Choose a stage.")])
    on = forms.day("Moved on", needed="Say on which day.")


class ParkForm(Versioned):
    parked_until = forms.day("Parked until", needed="Say until which day.")


class IntentForm(Versioned):
    intent_on = forms.day("Letter of intent of", description="Empty: there is none.")


class LoseForm(Versioned):
    reason = forms.choice("Reason", [], validators=[required("Choose a reason.")])
    on = forms.day("Lost on", needed="Say on which day.")
    note = forms.paragraph(
        "What happened", description="Confidential: directors and staff read it."
    )


class WinForm(Versioned):
    on = forms.day("Won on", needed="Say on which day they said yes.")


class WinMembershipForm(TermForm, WinForm):
    """A yes in writing, and the term it starts."""


class StepForm(BaseForm):
    title = forms.line("Next step", needed="Say what is to be done.")
    due_on = forms.day("Day", needed="Say by which day.")
    owner = forms.choice("Who", [])

    def draft(self) -> NewTask:
        assert self.due_on.data is not None  # the form was valid
        return NewTask(
            title=self.title.data or "",
            due_on=self.due_on.data,
            owner_id=int(self.owner.data) if self.owner.data else None,
        )


class ContactForm(BaseForm):
    kind = forms.choice(
        "Kind",
        [(kind.value, kind.value.capitalize()) for kind in TouchKind],
        validators=[required("Say what kind of contact it was.")],
    )
    on = forms.day("Day", needed="Say on which day.")
    people: Any = Checkboxes("Who took part", choices=[], validate_choice=True)
    text = forms.paragraph(
        "What was said", needed="Say what came of it.", most=20_000, render_kw={"rows": 6}
    )
    only_contact = BooleanField("Show others only that there was contact")
    confidential = BooleanField("Confidential: for directors, staff and me")

    def draft(self, company_id: int) -> NewTouch:
        # The field is left out where nobody is known.
        people = () if self.people is None else self.people.data or ()
        assert self.on.data is not None  # the form was valid
        return NewTouch(
            company_id=company_id,
            kind=TouchKind(self.kind.data),
            on=self.on.data,
            text=self.text.data or "",
            person_ids=tuple(int(id_) for id_ in people),
            shown=Shown.IN_CONTACT if self.only_contact.data else Shown.IN_FULL,
            confidential=bool(self.confidential.data),
        )
