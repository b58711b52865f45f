from __future__ import annotations

from collections.abc import Sequence

from wtforms import DateField
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from crm.council.rules import HoldingRole
from crm.web.forms import BaseForm, choice, day, line, paragraph, required

ROLES = [(role.value, role.capitalize()) for role in HoldingRole]


class Chosen(BaseForm):
    """Someone of the companies; those who belong to them are offered."""

    person = choice("Person", [], validators=[required("Choose who it is to be.")])

    def offer(self, people: Sequence[tuple[int, str, str | None]]) -> None:
        offered = {str(id_): f"{name}, {title}" if title else name for id_, name, title in people}
        self.person.choices = {"": "Choose …", **offered}


class Typed(BaseForm):
    """Anybody on record, by name."""

    person = line(
        "Person",
        needed="Say who it is to be.",
        description="The name as it is on record; of several, the number from their page: #12.",
    )


class _From(BaseForm):
    starts_on = day("From", needed="Say from which day on.")


class NameForm(Chosen, _From):
    pass


class NameTyped(Typed, _From):
    pass


class _Over(BaseForm):
    starts_on = day(
        "From",
        needed="Say from which day on.",
        description="The present holder's last day is the day before. It may lie ahead.",
    )
    reason = line("Reason", most=500)


class HandOverForm(Chosen, _Over):
    pass


class HandOverTyped(Typed, _Over):
    pass


class _Proposal(BaseForm):
    starts_on = day("From", needed="Say from which day on.")
    proposed_by = line(
        "Proposed by",
        needed="Say who proposes it.",
        description="Such as: Ingrid Halvorsen, by mail.",
    )
    note = paragraph("Note", most=2_000)


class ProposeForm(Chosen, _Proposal):
    pass


class ProposeTyped(Typed, _Proposal):
    pass


class DeclineForm(BaseForm):
    reason = line("Reason", needed="Say why, for whoever wonders later.", most=500)


class EndForm(BaseForm):
    seen = DateField(widget=HiddenInput(), validators=[Optional()])
    """When the holding was to end before, as the page showed it."""
    ends_before = day("First day without them", needed="Say from which day on.")
    reason = line("Reason", most=500)


class EndChairForm(BaseForm):
    ends_before = day("First day without them", needed="Say from which day on.")
