from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import ValidationError
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from crm.kit.money import Money
from crm.memberships.models import Tier
from crm.retention.operations import Plan
from crm.web.forms import BaseForm, WholeNumberField, choice, line, paragraph

LIKELY = NumberRange(0, 100, "A likelihood is from 0 to 100 percent.")


class PlanForm(BaseForm):
    """What is expected of a renewal; whatever is empty has not been said."""

    likelihood = WholeNumberField("Likelihood", [Optional(), LIKELY])
    tier = choice("Proposed tier", [])
    fee = line("Proposed fee", most=40, description="Empty: as it is now.")
    note = paragraph("Note", description="What speaks for it and what against, and who decides.")
    version = WholeNumberField(widget=HiddenInput())
    currency = "USD"

    def offer(self, tiers: Sequence[Tier], currency: str, kept: Tier | None = None) -> None:
        """The tiers of today and the one that was chosen before; the currency of the term."""
        shown = {str(tier.id): tier.name for tier in tiers}
        if kept is not None:
            shown.setdefault(str(kept.id), kept.name)
        self.tier.choices = {"": "As it is now", **shown}
        self.currency = currency

    def validate_fee(self, field: Any) -> None:
        if field.data:
            try:
                Money.parse(field.data, self.currency)
            except ValueError as error:
                raise ValidationError(str(error)) from None

    def plan(self) -> Plan:
        return Plan(
            likelihood=self.likelihood.data,
            note=self.note.data or None,
            proposed_tier_id=int(self.tier.data) if self.tier.data else None,
            proposed_fee=Money.parse(self.fee.data, self.currency) if self.fee.data else None,
        )
