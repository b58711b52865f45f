"""The forms of a member's stewardship."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Sequence

from wtforms.widgets import HiddenInput

from crm.web.forms import BaseForm, WholeNumberField, choice, day, line, paragraph, required

MONTHS = [(str(number), month_name[number]) for number in range(1, 13)]


class OwnedForm(BaseForm):
    owner = choice("Whose", [])

    def offer(self, owners: Sequence[tuple[str, str]]) -> None:
        self.owner.choices = dict([("", "Relationship manager"), *owners])

    @property
    def owner_id(self) -> int | None:
        return int(self.owner.data) if self.owner.data else None


class GoalForm(OwnedForm):
    text = line("Goal", needed="Say what the company wants.", most=500)
    by_on = day("To be reached by")


class ReviewForm(OwnedForm):
    year = choice("Membership year", [])
    due_on = day("Day", needed="Say on which day.")


class ExitForm(OwnedForm):
    due_on = day("Day", needed="Say on which day.")


class HeldForm(BaseForm):
    held_on = day("Held on", needed="Say on which day it was held.")
    said = paragraph("What was said", needed="Write down what was said.", most=8000)
    outcome = paragraph("What came of it", most=1000)
    version = WholeNumberField(widget=HiddenInput())


class BudgetForm(BaseForm):
    month = choice("Budget month", MONTHS, validators=[required("Choose a month.")])
    note = line("Note", most=500, description="Who decides, and what they need before.")
