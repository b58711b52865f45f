"""What is due, and when: schedules that sum to the fee to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crm.kit.money import Money
from crm.kit.periods import months_after


@dataclass(frozen=True)
class PlannedInstalment:
    """One payment due; `allocation` says what of it belongs to which membership year."""

    number: int
    due_on: date
    amount: Money
    allocation: tuple[tuple[int, Money], ...]

    @property
    def membership_year(self) -> int:
        return self.allocation[0][0]


def schedule(
    starts_on: date, yearly_fees: Sequence[Money], *, a_year: int | None
) -> list[PlannedInstalment]:
    """The instalments of a term whose membership years cost `yearly_fees`, `a_year` of them each.

    Due days count in months from the start, clipped to the month's end. The instalments of a year
    sum to its fee, the remainder going to the first, a cent each. `a_year` None: all in advance.
    """
    if not yearly_fees:
        raise ValueError("A term has at least one membership year.")
    if a_year is None:
        total = sum(yearly_fees[1:], start=yearly_fees[0])
        by_year = tuple(enumerate(yearly_fees, start=1))
        return [PlannedInstalment(1, starts_on, total, by_year)]
    parts = [
        (year, amount)
        for year, fee in enumerate(yearly_fees, start=1)
        for amount in fee.split(a_year)
    ]
    return [
        PlannedInstalment(
            number=place + 1,
            due_on=months_after(starts_on, place * 12 // a_year),
            amount=amount,
            allocation=((year, amount),),
        )
        for place, (year, amount) in enumerate(parts)
    ]
