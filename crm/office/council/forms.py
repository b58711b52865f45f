from __future__ import annotations

from collections.abc import Sequence

from crm.council.rules import HoldingRole
from crm.web.forms import BaseForm, choice, day, line, required

ROLES = [(role.value, role.capitalize()) for role in HoldingRole]


class _WhoForm(BaseForm):
    """Someone of the company; those who belong to it are offered."""

    person = choice("Person", [], validators=[required("Choose who it is to be.")])

    def offer(self, people: Sequence[tuple[int, str, str | None]]) -> None:
        offered = {str(id_): f"{name}, {title}" if title else name for id_, name, title in people}
        self.person.choices = {"": "Choose …", **offered}


class NameForm(_WhoForm):
    starts_on = day("From", needed="Say from which day on.")


class HandOverForm(_WhoForm):
    starts_on = day(
        "From",
        needed="Say from which day on.",
        description="The present holder's last day is the day before. It may lie ahead.",
    )
    reason = line("Reason", most=500)


class EndForm(BaseForm):
    ends_before = day("First day without them", needed="Say from which day on.")
    reason = line("Reason", most=500)
