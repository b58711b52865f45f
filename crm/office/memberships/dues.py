"""A term's dues as its page shows them: every line ever posted, and the years they pay for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from crm.invoices.queries import Due
from crm.kit.money import Money
from crm.kit.periods import Period
from crm.memberships import rules
from crm.memberships.models import Membership
from crm.web.filters import day as shown
from crm.web.filters import money as shown_money


@dataclass(frozen=True, kw_only=True)
class Line:
    """An instalment. `gone`: why it no longer counts; else the invoice that bills it, if any."""

    id: int
    due_on: date
    years: str
    amount: Money
    gone: str
    invoice_id: int | None
    invoice_number: str | None


@dataclass(frozen=True, kw_only=True)
class Year:
    """A membership year: what it costs, and what of it is scheduled."""

    number: int
    period: Period
    fee: Money
    scheduled: Money


@dataclass(frozen=True, kw_only=True)
class Dues:
    lines: Sequence[Line]
    years: Sequence[Year]
    total: Money
    says: str
    ties_out: bool


def of_term(membership: Membership, schedule: Sequence[Due], fees: Sequence[Money]) -> Dues:
    """The schedule held against the fees, year by year: a sum that differs is said, not hidden."""
    standing = [due for due in schedule if due.reversed_on is None]
    years = [
        Year(
            number=number,
            period=rules.membership_year(membership.term, number),
            fee=fee,
            scheduled=Money(sum(due.shares.get(number, 0) for due in standing), fee.currency),
        )
        for number, fee in enumerate(fees, start=1)
    ]
    nothing = Money(0, membership.currency)
    total = sum((due.amount for due in standing), start=nothing)
    promised = sum(fees, start=nothing)
    ties_out = total == promised and all(year.scheduled == year.fee for year in years)
    says = _says(total, promised, fees, ties_out=ties_out)
    if not ties_out and _ended_early(membership) and total.minor <= promised.minor:
        says, ties_out = f"Ended early: {shown_money(total)} of {_sum(fees)} stays due.", True
    return Dues(
        lines=[_line(due) for due in schedule],
        years=years,
        total=total,
        says=says,
        ties_out=ties_out,
    )


def _says(total: Money, promised: Money, fees: Sequence[Money], *, ties_out: bool) -> str:
    if not promised.minor and not total.minor:
        return "No dues: the fee is waived or the tier has none."
    if ties_out:
        return f"Ties out: {_sum(fees)}."
    if total == promised:
        return "The instalments sum to the fees, but not within each membership year."
    return f"The instalments sum to {shown_money(total)}, but {_sum(fees)}."


def _sum(fees: Sequence[Money]) -> str:
    """`3 × $250,000 = $750,000`, or each year's fee where they differ."""
    total = shown_money(sum(fees[1:], start=fees[0]))
    if len(set(fees)) == 1:
        return f"{len(fees)} × {shown_money(fees[0])} = {total}"
    return f"{' + '.join(shown_money(fee) for fee in fees)} = {total}"


def _ended_early(membership: Membership) -> bool:
    return membership.terminated_on is not None or membership.withdrawn_on is not None


def _line(due: Due) -> Line:
    gone = f"Reversed on {shown(due.reversed_on)}. {due.reason}" if due.reversed_on else ""
    return Line(
        id=due.id,
        due_on=due.due_on,
        years=", ".join(str(year) for year in due.years),
        amount=due.amount,
        gone=gone,
        invoice_id=due.invoice_id,
        invoice_number=due.invoice_number,
    )
