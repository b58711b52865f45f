from __future__ import annotations

from crm.office.memberships.terms import CURRENCIES
from crm.web.forms import BaseForm, choice, day, line


class PaymentForm(BaseForm):
    company = line("Company", needed="Say which company paid.", most=230)
    amount = line("Amount", needed="Write how much came in.", most=40)
    currency = choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    received_on = day("Received on", needed="Say on which day it came in.")
    reference = line("Reference", description="What the bank or the finance office calls it.")


class AllocateForm(BaseForm):
    invoice = choice("For", [])
    amount = line("Amount", needed="Write how much of it.", most=40)


class StrikeForm(BaseForm):
    reason = line("Reason", needed="Say why, for whoever reads this later.", most=500)


class RefundForm(BaseForm):
    amount = line("Amount", needed="Write how much was given back.", most=40)
    currency = choice("Currency", [])
    refunded_on = day("Refunded on", needed="Say on which day it was paid back.")
    reference = line("Reference", description="What the bank or the finance office calls it.")
    reason = line("Reason", needed="Say why, for whoever reads this later.", most=500)
