from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wtforms.widgets import HiddenInput

from crm.invoices.billing import BillTo
from crm.invoices.lines import Charge
from crm.invoices.profiles import NewProfile
from crm.invoices.rules import Blocker
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.office.memberships.terms import CURRENCIES
from crm.web.forms import (
    BaseForm,
    BooleanField,
    WholeNumberField,
    choice,
    day,
    email,
    line,
    paragraph,
)

MOST_LINES = 4
WHY = "Say why, for whoever reads this later."


class ChargeForm(BaseForm):
    """Up to `MOST_LINES` lines of one's own words, as `description_1`, `amount_1` …"""

    company = line("Company", needed="Say which company this is.", most=230)
    due_on = day("Due on", needed="Say on which day it is due.")
    currency = choice("Currency", [(code, code) for code in CURRENCIES], default="USD")

    def charges(self) -> Iterator[Charge]:
        """The lines that were filled in. Raises `RuleBroken` beside the field that is wrong."""
        for number in range(1, MOST_LINES + 1):
            description = self._fields[f"description_{number}"].data
            if not description and not self._fields[f"amount_{number}"].data:
                continue
            if not description:
                raise RuleBroken("Say what it is for.", field=f"description_{number}")
            money = money_of(self._fields[f"amount_{number}"], self.currency.data or "USD")
            if not money.minor:
                raise RuleBroken("Write an amount above zero.", field=f"amount_{number}")
            yield Charge(description=description, amount=money)


for _number in range(1, MOST_LINES + 1):
    setattr(ChargeForm, f"description_{_number}", line(f"Line {_number}", most=500))
    setattr(ChargeForm, f"amount_{_number}", line(f"Amount of line {_number}", most=40))


class LineForm(BaseForm):
    description = line("What for", needed="Say what it is for.", most=500)
    amount = line("Amount", needed="Write the amount.", most=40)
    version = WholeNumberField(widget=HiddenInput())


class BillToForm(BaseForm):
    name = line("Bill to", needed="Say to whom it goes.")
    address = paragraph("Address", most=1000)
    email = email("E-mail", description="Where it is sent.")
    po_number = line("Purchase order", most=60)
    due_on = day("Due on", needed="Say on which day it is due.")
    note = paragraph("Note", most=1000, description="Printed below the lines.")
    version = WholeNumberField(widget=HiddenInput())

    def bill_to(self) -> BillTo:
        return BillTo(
            name=self.name.data or "",
            address=self.address.data or None,
            email=self.email.data or None,
            po_number=self.po_number.data or None,
            note=self.note.data or None,
        )


class ProfileForm(BaseForm):
    name = line("Bill to", description="Empty: the company's legal name.")
    address = paragraph("Address", most=1000, render_kw={"autocomplete": "off"})
    email = email("E-mail", description="Where invoices and reminders are sent.")
    tax_number = line("Tax number", most=60)
    po_required = BooleanField("Pays only against a purchase order")
    po_number = line(
        "Standing purchase order", most=60, description="Put on every new invoice of theirs."
    )
    note = paragraph(
        "Note", most=1000, description="For us: portals, forms, whom to call. Never printed."
    )
    version = WholeNumberField(widget=HiddenInput(), default=0)

    def profile(self) -> NewProfile:
        return NewProfile(
            name=self.name.data or None,
            address=self.address.data or None,
            email=self.email.data or None,
            tax_number=self.tax_number.data or None,
            po_required=bool(self.po_required.data),
            po_number=self.po_number.data or None,
            note=self.note.data or None,
        )


class FinanceForm(BaseForm):
    finance_number = line(
        "Number at the finance office", needed="Write the number of their invoice.", most=60
    )
    invoiced_on = day("Invoiced on", needed="Say on which day they invoiced.")


class BlockerForm(BaseForm):
    blocker = choice(
        "What keeps them from paying",
        [("", "Nothing that we know of"), *((b.value, b.value.capitalize()) for b in Blocker)],
    )
    note = line("Note", most=500)
    promised_on = day("Promised for", description="The day for which they have promised to pay.")


class CreditForm(BaseForm):
    amount = line("Amount", needed="Write how much is taken back.", most=40)
    reason = line("Reason", needed=WHY, most=500, description="It stands on the credit note.")


class ReasonForm(BaseForm):
    reason = line("Reason", needed=WHY, most=500, description="It stands on the credit note.")


def money_of(field: Any, currency: str) -> Money:
    """What was typed, in the currency of what it is about. Raises `RuleBroken` beside it."""
    try:
        return Money.parse(field.data or "", currency)
    except ValueError as error:
        raise RuleBroken(str(error), field=field.name) from None
