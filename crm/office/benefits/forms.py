from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from wtforms.validators import NumberRange

from crm.benefits.operations import MOST, NewUse
from crm.web.forms import (
    BaseForm,
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
    people = Checkboxes("Who had it", choices={})
    note = paragraph("Note", most=1000)

    def offer(self, benefits: Sequence[tuple[int, str]], people: Sequence[tuple[int, str]]) -> None:
        self.benefit.choices = {str(id_): label for id_, label in benefits}
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


class StrikeForm(BaseForm):
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)
