from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms.validators import NumberRange, Optional

from crm.benefits.operations import MOST, NewUse
from crm.memberships.agreeing import NewAgreement
from crm.web.forms import (
    BaseForm,
    BooleanField,
    Checkboxes,
    WholeNumberField,
    choice,
    day,
    paragraph,
    required,
)


class UseForm(BaseForm):
    """That so many of a benefit were used."""

    benefit = choice("What", [], validators=[required("Choose what was used.")])
    number = WholeNumberField(
        "How many",
        [required("Write how many."), NumberRange(1, MOST, f"Write how many, from 1 to {MOST:,}.")],
    )
    on = day("Day", needed="Enter the day.", description="A day ahead keeps a place.")
    people = Checkboxes("Who had it", choices={}, description="Of those at the company on the day.")
    note = paragraph("Note", most=1000)

    def offer(self, benefits: Sequence[tuple[int, str]], people: Sequence[tuple[int, str]]) -> None:
        self.benefit.choices = {"": "Choose one"} | {str(id_): label for id_, label in benefits}
        self.people.choices = {str(id_): name for id_, name in people}

    def draft(self) -> NewUse:
        on = self.on.data
        assert isinstance(on, date)  # validated
        return NewUse(
            benefit_id=int(self.benefit.data),
            on=on,
            number=self.number.data or 0,
            person_ids=tuple(int(id_) for id_ in self.people.data or ()),
            note=self.note.data or None,
        )


class AgreeForm(BaseForm):
    """So many of a benefit a year, from a year of the term on."""

    benefit = choice("Benefit", [], validators=[required("Choose the benefit.")])
    from_year = choice("From", [], validators=[required("Choose from which year on.")])
    a_year = WholeNumberField(
        "How many a year",
        [Optional(), NumberRange(0, MOST, f"Write how many, from 0 to {MOST:,}.")],
    )
    no_limit = BooleanField("As many as they ask for")
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)

    def offer(self, benefits: Sequence[tuple[int, str]], years: Sequence[tuple[int, str]]) -> None:
        self.benefit.choices = {str(id_): name for id_, name in benefits}
        self.from_year.choices = {str(number): label for number, label in years}

    def validate(self, extra_validators: Any = None) -> bool:
        fits = super().validate(extra_validators)
        if fits and (self.a_year.data is None) != bool(self.no_limit.data):
            said = "Write a number, or tick that there is no limit."
            self.a_year.errors = [*self.a_year.errors, said]
            return False
        return fits

    def draft(self) -> NewAgreement:
        return NewAgreement(
            benefit_id=int(self.benefit.data),
            from_year=int(self.from_year.data),
            a_year=None if self.no_limit.data else self.a_year.data,
            reason=self.reason.data or "",
        )


class StrikeForm(BaseForm):
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)
