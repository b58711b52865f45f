"""The form of an outcome for a dossier's first page."""

from __future__ import annotations

from datetime import date

from wtforms.widgets import HiddenInput

from crm.retention.highlighting import NewHighlight
from crm.web.forms import BaseForm, WholeNumberField, day, paragraph


class HighlightForm(BaseForm):
    text = paragraph(
        "Outcome",
        needed="Say what came of it, in a sentence.",
        most=300,
        description="A sentence for the company's management: what they have of it.",
    )
    on = day("Day", needed="Say of which day it is.")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self, record: str | None) -> NewHighlight:
        on = self.on.data
        assert isinstance(on, date)  # validated
        return NewHighlight(text=self.text.data or "", on=on, record=record)
