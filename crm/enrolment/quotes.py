"""What a term would be, before anybody drafts it: its days, its dues, its standing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from crm.invoices import rules as invoices
from crm.invoices.rules import PlannedInstalment
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import drafting, rules
from crm.memberships.rules import DuesFrequency, Status


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A term that nobody has promised yet; `fee` is a membership year's."""

    term: Period
    years: int
    fee: Money
    frequency: DuesFrequency
    instalments: tuple[PlannedInstalment, ...]
    grace_days: int

    @property
    def total(self) -> Money:
        return self.fee * self.years

    def status_on(self, day: date) -> Status:
        """As if both sides had signed long before it starts."""
        return rules.status_on(
            day, term=self.term, executed_on=date.min, grace_days=self.grace_days
        )


def quote(
    *, starts_on: date, years: int, fee: Money, frequency: DuesFrequency, grace_days: int
) -> Quote:
    """Such a term with its dues. A fee of nothing leaves nothing due. Raises `UnfitTerm`."""
    term = drafting.fitting_term(starts_on, years, fee)
    if frequency is DuesFrequency.BY_HAND:
        raise drafting.UnfitTerm("Dues by hand are agreed, not worked out.", field="frequency")
    planned = invoices.schedule(starts_on, [fee] * years, a_year=frequency.a_year)
    return Quote(
        term=term,
        years=years,
        fee=fee,
        frequency=frequency,
        instalments=tuple(planned) if fee.minor else (),
        grace_days=grace_days,
    )
