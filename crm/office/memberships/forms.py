"""The forms of a membership's acts."""

from __future__ import annotations

from typing import Any

from wtforms import ValidationError
from wtforms.validators import NumberRange

from crm.documents.operations import NewFile
from crm.documents.rules import LARGEST
from crm.kit.money import Money
from crm.memberships.agreements import NewAgreement
from crm.memberships.changing import MOST_DAYS
from crm.memberships.operations import Side
from crm.web.forms import (
    BaseForm,
    BooleanField,
    WholeNumberField,
    choice,
    day,
    line,
    paragraph,
    required,
    upload,
)


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
    fee = line("Fee", most=40, description="Empty: the fees of the years stay as they are.")
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)

    def validate_fee(self, field: Any) -> None:
        try:
            self.amount()
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def amount(self) -> Money | None:
        return Money.parse(self.fee.data, self.currency) if self.fee.data else None


class AgreementForm(BaseForm):
    file = upload("File", needed="Choose a PDF or a Word document.")
    signed = BooleanField("It bears both signatures")
    company_signatory = line("Signs for the company", description="Name and title.")
    programme_signatory = line("Signs for the programme")
    note = paragraph("Note", most=500, description="What this version changes, who sent it.")

    def wanted(self) -> NewAgreement:
        sent = self.file.data
        content = sent.stream.read(LARGEST + 1)
        return NewAgreement(
            file=NewFile(name=sent.filename, content=content),
            signed=self.signed.data,
            note=self.note.data or None,
            company_signatory=self.company_signatory.data or None,
            programme_signatory=self.programme_signatory.data or None,
        )


class ReinstateForm(BaseForm):
    reinstated_on = day("Member again from", needed="Say from which day on.")
    reason = paragraph("Reason", needed="Say why, for whoever reads this later.", most=500)
