from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from wtforms import ValidationError
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from crm.kit.db import MAX_ID
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.memberships.drafting import NewMembership
from crm.memberships.models import Tier
from crm.memberships.operations import Side
from crm.memberships.rules import MOST_YEARS, DuesFrequency
from crm.web.forms import BaseForm, WholeNumberField, choice, day, line, paragraph, required

NUMBERED = re.compile(r"\(#([1-9][0-9]{0,9})\)\s*\Z")
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "SGD", "KRW")
FREQUENCIES = (
    (DuesFrequency.YEARLY.value, "Yearly"),
    (DuesFrequency.HALF_YEARLY.value, "Half-yearly"),
    (DuesFrequency.QUARTERLY.value, "Quarterly"),
    (DuesFrequency.IN_ADVANCE.value, "All in advance"),
)


class TermForm(BaseForm):
    """What a term is to be; empty years and fee mean the tier's own."""

    tier = choice("Tier", [], validators=[required("Choose a tier.")])
    starts_on = day("Starts on", needed="Say on which day the term starts.")
    years = WholeNumberField(
        "Length",
        [
            Optional(),
            NumberRange(1, MOST_YEARS, f"A term has between 1 and {MOST_YEARS} years."),
        ],
        description="Empty: as the tier has it.",
    )
    agreement_number = line(
        "Agreement number", most=60, description="The university's, once it is known."
    )
    fee = line("Fee", most=40, description="Empty: the tier's. 0 waives it.")
    currency = choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    frequency = choice("Dues fall due", list(FREQUENCIES), default=DuesFrequency.YEARLY.value)

    def validate_fee(self, field: Any) -> None:
        if field.data:
            try:
                Money.parse(field.data, self.currency.data or "USD")
            except ValueError as error:
                raise ValidationError(str(error)) from None

    def offer(self, tiers: Sequence[Tier]) -> None:
        self.tier.choices = {"": "Choose …", **{str(tier.id): tier.name for tier in tiers}}

    def draft(self, company_id: int, tiers: Sequence[Tier]) -> NewMembership:
        """The term as asked for; `tiers` are those offered."""
        tier = next(tier for tier in tiers if str(tier.id) == self.tier.data)
        assert self.starts_on.data is not None  # the form was valid
        currency = self.currency.data or tier.currency
        if not self.fee.data and currency != tier.currency:
            raise RuleBroken(
                f"Write the fee in {currency}: the tier's is in {tier.currency}.",
                field="fee",
            )
        return NewMembership(
            company_id=company_id,
            tier_id=tier.id,
            starts_on=self.starts_on.data,
            years=self.years.data or tier.years,
            fee=Money.parse(self.fee.data, currency) if self.fee.data else tier.fee,
            frequency=DuesFrequency(self.frequency.data or DuesFrequency.YEARLY),
            agreement_number=self.agreement_number.data or None,
        )


class NewMembershipForm(TermForm):
    company = line("Company", needed="Say which company this is.", most=230)
    company_signed_on = day("Signed by the company on")
    programme_signed_on = day("Signed by the programme on")

    def draft(self, company_id: int, tiers: Sequence[Tier]) -> NewMembership:
        return replace(
            super().draft(company_id, tiers),
            company_signed_on=self.company_signed_on.data,
            programme_signed_on=self.programme_signed_on.data,
        )

    def company_id(self) -> int | None:
        """The number in "Name (#12)", which is what picking from the suggestions writes."""
        picked = NUMBERED.search(self.company.data or "")
        return min(int(picked[1]), MAX_ID) if picked else None


class EditDraftForm(TermForm):
    version = WholeNumberField(widget=HiddenInput())


class SignForm(BaseForm):
    side = choice(
        "Signed by",
        [(Side.COMPANY.value, "The company"), (Side.PROGRAMME.value, "The programme")],
        validators=[required("Say who signed.")],
    )
    signed_on = day("Signed on", needed="Say on which day it was signed.")


class WithdrawForm(BaseForm):
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)


class TerminateForm(BaseForm):
    terminated_on = day("First day without membership", needed="Say from which day on.")
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)
