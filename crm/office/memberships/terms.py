"""The forms that say what a term is to be: quoted, drafted, edited, renewed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from wtforms import ValidationError
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from crm.kit.db import MAX_ID
from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.memberships.drafting import NewMembership, Paper
from crm.memberships.models import Tier
from crm.memberships.rules import MOST_YEARS, DuesFrequency
from crm.office.memberships import written
from crm.web.forms import BaseForm, WholeNumberField, choice, day, line, paragraph, required

NUMBERED = re.compile(r"\(#([1-9][0-9]{0,9})\)\s*\Z")
CURRENCIES = ("USD", "EUR", "GBP", "CHF", "CAD", "AUD", "JPY", "SEK", "NOK", "DKK", "SGD", "KRW")
REGULAR = (
    (DuesFrequency.YEARLY.value, "Yearly"),
    (DuesFrequency.HALF_YEARLY.value, "Half-yearly"),
    (DuesFrequency.QUARTERLY.value, "Quarterly"),
    (DuesFrequency.IN_ADVANCE.value, "All in advance"),
)
LOGO = (("", "Not asked yet"), ("yes", "Permitted"), ("no", "Not permitted"))
OWN_SEAT = (("", "Not mentioned"), ("yes", "A seat of its own"), ("no", "Shares its relative's"))
LONGEST_NOTICE = 1_000


class OfferForm(BaseForm):
    """Days and sums of a term; empty years and fee mean the tier's own."""

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
    fee = line("Fee", most=40, description="Empty: the tier's. 0 waives it.")
    currency = choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    frequency = choice("Dues fall due", REGULAR, default=DuesFrequency.YEARLY.value)

    def validate_fee(self, field: Any) -> None:
        if field.data:
            try:
                Money.parse(field.data, self.currency.data or "USD")
            except ValueError as error:
                raise ValidationError(str(error)) from None

    def offer(self, tiers: Sequence[Tier]) -> None:
        self.tier.choices = {"": "Choose …", **{str(tier.id): tier.name for tier in tiers}}

    def offered(self, company_id: int, tiers: Sequence[Tier]) -> NewMembership:
        """The term as asked for; `tiers` are those offered."""
        tier = next(tier for tier in tiers if str(tier.id) == self.tier.data)
        assert self.starts_on.data is not None  # the form was valid
        return NewMembership(
            company_id=company_id,
            tier_id=tier.id,
            starts_on=self.starts_on.data,
            years=self.years.data or tier.years,
            fee=self._fee(tier),
            frequency=DuesFrequency(self.frequency.data or DuesFrequency.YEARLY),
        )

    def _fee(self, tier: Tier) -> Money:
        currency = self.currency.data or tier.currency
        if self.fee.data:
            return Money.parse(self.fee.data, currency)
        if currency != tier.currency:
            raise RuleBroken(
                f"Write the fee in {currency}: the tier's is in {tier.currency}.", field="fee"
            )
        return tier.fee


class TermForm(OfferForm):
    """What a term is to be, with dues by hand and whatever else its agreement says."""

    frequency = choice(
        "Dues fall due",
        [*REGULAR, (DuesFrequency.BY_HAND.value, "By hand")],
        default=DuesFrequency.YEARLY.value,
    )
    agreement_number = line(
        "Agreement number", most=60, description="The university's, once it is known."
    )
    year_fees = paragraph(
        "Fees that differ by year",
        most=1_000,
        description="Instead of one fee: an amount a line, one for each membership year.",
    )
    by_hand = paragraph(
        "Instalments by hand",
        most=8_000,
        description="For dues by hand: a day and an amount a line, such as 2026-10-01 250,000. "
        "They sum to the fees of all years.",
    )
    notice_days = WholeNumberField(
        "Notice",
        [
            Optional(),
            NumberRange(0, LONGEST_NOTICE, f"Write days, from 0 to {LONGEST_NOTICE:,}."),
        ],
        description="Days before the end by which the company says that it will not renew.",
    )
    benefits_version = line(
        "Benefits sheet", most=60, description="The version promised, such as 2026-09."
    )
    logo_permission = choice("Company's logo", LOGO)
    own_seat = choice(
        "Council seat",
        OWN_SEAT,
        description="Beside a parent, subsidiary or sister that is a member. Else they share one.",
    )
    covered_affiliates = paragraph(
        "Covered affiliates", most=2_000, description="Subsidiaries that have a part in it."
    )
    renewal_terms = paragraph("Renewal terms", most=2_000)

    def validate_year_fees(self, field: Any) -> None:
        self._read_lines(field, written.amounts)
        if field.data and self.fee.data:
            raise ValidationError("Write one fee for all years, or one for each: not both.")

    def validate_by_hand(self, field: Any) -> None:
        by_hand = self.frequency.data == DuesFrequency.BY_HAND
        if field.data and not by_hand:
            raise ValidationError("Let dues fall due by hand, or empty this.")
        self._read_lines(field, written.instalments)

    def _read_lines(self, field: Any, read: Callable[[str, str], object]) -> None:
        try:
            read(field.data or "", self.currency.data or "USD")
        except written.Unreadable as error:
            field.errors.extend(error.problems)

    def draft(self, company_id: int, tiers: Sequence[Tier]) -> NewMembership:
        return replace(
            self.offered(company_id, tiers),
            agreement_number=self.agreement_number.data or None,
            year_fees=self._year_fees(),
            by_hand=self._by_hand(),
            paper=Paper(
                notice_days=self.notice_days.data,
                logo_permission={"yes": True, "no": False}.get(self.logo_permission.data or ""),
                own_seat={"yes": True, "no": False}.get(self.own_seat.data or ""),
                covered_affiliates=self.covered_affiliates.data or None,
                renewal_terms=self.renewal_terms.data or None,
                benefits_version=self.benefits_version.data or None,
            ),
        )

    def _fee(self, tier: Tier) -> Money:
        years = self._year_fees()
        return years[0] if years else super()._fee(tier)

    def _year_fees(self) -> tuple[Money, ...]:
        return written.amounts(self.year_fees.data or "", self.currency.data or "USD")

    def _by_hand(self) -> tuple[tuple[date, Money], ...]:
        return written.instalments(self.by_hand.data or "", self.currency.data or "USD")


class NewMembershipForm(TermForm):
    company = line("Company", needed="Say which company this is.", most=230)
    company_signed_on = day("Signed by the company on")
    programme_signed_on = day("Signed by the programme on")

    def draft(self, company_id: int, tiers: Sequence[Tier]) -> NewMembership:
        return replace(
            super().draft(company_id, tiers),
            company_signed_on=self.data.get("company_signed_on"),
            programme_signed_on=self.data.get("programme_signed_on"),
        )

    def company_id(self) -> int | None:
        """The number in "Name (#12)", which is what picking from the suggestions writes."""
        picked = NUMBERED.search(self.company.data or "")
        return min(int(picked[1]), MAX_ID) if picked else None


class EditDraftForm(TermForm):
    version = WholeNumberField(widget=HiddenInput())
