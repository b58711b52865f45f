"""The forms of a membership's acts."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError
from wtforms.validators import NumberRange

from crm.kit.money import Money
from crm.memberships.changing import MOST_DAYS
from crm.memberships.operations import Side
from crm.web.forms import BaseForm, WholeNumberField, choice, day, line, paragraph, required


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


class ExtendForm(BaseForm):
    days = WholeNumberField(
        "Days more",
        [
            required("Say by how many days."),
            NumberRange(1, MOST_DAYS, f"From 1 to {MOST_DAYS} days; more is a renewal."),
        ],
    )
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)


class AmendForm(BaseForm):
    """In the currency of the term, `currency`."""

    currency = "USD"
    from_on = day("From", needed="Say from which day on.")
    tier = choice("Tier", [], validators=[required("Choose a tier.")])
    fee = line("Fee", needed="Say what a year costs from that day on.", most=40)
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)

    def validate_fee(self, field: Any) -> None:
        try:
            self.amount()
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def amount(self) -> Money:
        return Money.parse(self.fee.data or "", self.currency)


class ReinstateForm(BaseForm):
    reinstated_on = day("Member again from", needed="Say from which day on.")
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)
