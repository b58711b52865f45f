"""What is due, and when: schedules that sum to the fee to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from crm.kit.errors import RuleBroken
from crm.kit.money import Money, told
from crm.kit.periods import months_after


class InvoicingWay(StrEnum):
    """Who writes the invoice: the university's finance office at our request, or we."""

    CENTRAL = "central"
    OWN = "own"


class Blocker(StrEnum):
    """What keeps a company from paying."""

    PURCHASE_ORDER = "purchase order"
    SUPPLIER_ONBOARDING = "supplier onboarding"
    TAX_FORM = "tax form"
    DISPUTE = "dispute"


class CreditKind(StrEnum):
    CREDIT = "credit"
    VOID = "void"
    """A credit note for the whole invoice: its instalments can be billed again."""
    WRITE_OFF = "write-off"


class State(StrEnum):
    """What has become of an invoice; derived, never stored."""

    DRAFT = "draft"
    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    WRITTEN_OFF = "written off"
    VOIDED = "voided"
    """All of it was credited, and nothing paid."""


class UnevenSchedule(RuleBroken):
    """Instalments agreed by hand that do not sum to the fee."""


class BilledTooMuch(RuleBroken):
    """More has been billed for a membership year than it costs now."""


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


def due_days(starts_on: date, years: int, a_year: int) -> list[list[date]]:
    """When the instalments of each membership year fall due: months counted from the start."""
    return [
        [months_after(starts_on, (year * a_year + place) * 12 // a_year) for place in range(a_year)]
        for year in range(years)
    ]


def by_hand(
    parts: Sequence[tuple[date, Money]], yearly_fees: Sequence[Money]
) -> list[PlannedInstalment]:
    """Instalments as agreed, in the order of their days; each pays the earliest year still open.

    Raises `UnevenSchedule` unless they sum to the fees of the term exactly.
    """
    total = sum(yearly_fees[1:], start=yearly_fees[0])
    given = sum((amount for _, amount in parts), start=Money(0, total.currency))
    if any(amount.minor <= 0 for _, amount in parts):
        raise UnevenSchedule("Each instalment needs an amount above zero.", field="by_hand")
    if given != total:
        difference = given - total
        side = "too much" if difference.minor > 0 else "missing"
        raise UnevenSchedule(
            f"The instalments sum to {told(given)}, the fees of the term to "
            f"{told(total)}: {told(Money(abs(difference.minor), total.currency))} is {side}.",
            field="by_hand",
        )
    open_years = [[year, fee.minor] for year, fee in enumerate(yearly_fees, start=1)]
    planned = []
    for number, (due_on, amount) in enumerate(sorted(parts, key=lambda part: part[0]), start=1):
        left, shares = amount.minor, []
        while left:
            year, owed = open_years[0]
            taken = min(left, owed)
            if taken:
                shares.append((year, Money(taken, amount.currency)))
            left -= taken
            open_years[0][1] -= taken
            if not open_years[0][1]:
                open_years.pop(0)
        planned.append(PlannedInstalment(number, due_on, amount, tuple(shares)))
    return planned


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An instalment as posted; `billed` ones stay as they are. `shares`: amount by year."""

    number: int
    due_on: date
    shares: Mapping[int, int]
    billed: bool


@dataclass(frozen=True, kw_only=True)
class Reposting:
    """What is to be done to a schedule: reverse these, and post those in their place."""

    reverse: tuple[int, ...]
    post: tuple[PlannedInstalment, ...]


def repost(
    standing: Sequence[Standing],
    yearly_fees: Sequence[Money],
    *,
    from_on: date,
    due_days: Sequence[Sequence[date]],
    last_number: int,
) -> Reposting:
    """How the schedule changes when the years now cost `yearly_fees`.

    Only what is due from the day on and not billed yet is reversed and posted anew, with the same
    due days, so that each year's instalments sum to its fee again. What a year costs more when
    none of it is left to be changed is due on its regular days still to come (`due_days`, a list
    for each year), else on the day itself. Raises `BilledTooMuch` where
    a year has become cheaper than what is billed for it. `last_number` is the schedule's highest,
    reversed ones included.
    """
    currency = yearly_fees[0].currency
    kept: dict[int, int] = defaultdict(int)
    free: dict[int, list[Standing]] = defaultdict(list)
    movable = [line for line in standing if not line.billed and line.due_on >= from_on]
    for line in standing:
        for year, minor in line.shares.items():
            if line in movable:
                free[year].append(line)
            else:
                kept[year] += minor
    shares: dict[int, dict[int, int]] = {line.number: dict(line.shares) for line in movable}
    extra: list[tuple[date, int, int]] = []
    for year, fee in enumerate(yearly_fees, start=1):
        owed = fee.minor - kept[year]
        lines = sorted(free[year], key=lambda line: (line.due_on, line.number))
        if owed < 0:
            raise BilledTooMuch(
                f"{told(Money(kept[year], currency))} is billed or was due before for "
                f"year {year}, which now costs {told(fee)}. Void the invoice first, or let the "
                "change begin with the next membership year."
            )
        if not lines and owed:
            days = [day for day in due_days[year - 1] if day >= from_on] or [from_on]
            parts = Money(owed, currency).split(len(days))
            extra += [
                (day, year, part.minor) for day, part in zip(days, parts, strict=True) if part.minor
            ]
        elif owed != sum(line.shares[year] for line in lines):
            for line, part in zip(lines, Money(owed, currency).split(len(lines)), strict=True):
                shares[line.number][year] = part.minor
    changed = [line for line in movable if shares[line.number] != dict(line.shares)]
    number, post = last_number, []
    for due_on, by_year in sorted(
        [
            *((line.due_on, shares[line.number]) for line in changed),
            *((due_on, {year: owed}) for due_on, year, owed in extra),
        ],
        key=lambda item: item[0],
    ):
        allocation = tuple(
            (year, Money(minor, currency)) for year, minor in sorted(by_year.items()) if minor
        )
        if not allocation:
            continue
        number += 1
        amount = Money(sum(minor for minor in by_year.values()), currency)
        post.append(PlannedInstalment(number, due_on, amount, allocation))
    return Reposting(reverse=tuple(line.number for line in changed), post=tuple(post))


def restore(
    standing: Sequence[Standing],
    gone: Sequence[Standing],
    yearly_fees: Sequence[Money],
    *,
    on: date,
    last_number: int,
) -> tuple[PlannedInstalment, ...]:
    """What a termination let go, to be posted again until each year sums to its fee.

    Of what is `gone` the last one of each due day comes back, on that day or, where it has passed,
    on `on`; then what else of it has room, where several were due on one day. What those leave open
    is due on `on`. What stands is left as it is.
    """
    currency = yearly_fees[0].currency
    missing = {year: fee.minor for year, fee in enumerate(yearly_fees, start=1)}
    for line in standing:
        for year, minor in line.shares.items():
            missing[year] -= minor
    of_day = {line.due_on: line for line in sorted(gone, key=lambda line: line.number)}
    back: list[tuple[date, dict[int, int]]] = []
    last = {line.number for line in of_day.values()}
    for line in sorted(gone, key=lambda line: (line.number not in last, -line.number)):
        shares = {year: minor for year, minor in line.shares.items() if minor}
        if shares and all(minor <= missing[year] for year, minor in shares.items()):
            back.append((max(line.due_on, on), shares))
            for year, minor in shares.items():
                missing[year] -= minor
    back += [(on, {year: minor}) for year, minor in missing.items() if minor > 0]
    return tuple(
        PlannedInstalment(
            number=number,
            due_on=due_on,
            amount=Money(sum(shares.values()), currency),
            allocation=tuple((year, Money(m, currency)) for year, m in sorted(shares.items())),
        )
        for number, (due_on, shares) in enumerate(
            sorted(back, key=lambda part: (part[0], min(part[1]))), start=last_number + 1
        )
    )


def tax_of(net: Money, basis_points: int) -> Money:
    """Tax on a net sum, in hundredths of a percent, rounded half up to the minor unit."""
    return share_of(net, basis_points)


def share_of(amount: Money, basis_points: int) -> Money:
    """So many hundredths of a percent, rounded half up to the minor unit."""
    return Money((amount.minor * basis_points + 5_000) // 10_000, amount.currency)


def fiscal_year(day: date, starts_in: int) -> int:
    """Named after the calendar year in which it ends; `starts_in` is its first month."""
    return day.year + (starts_in > 1 and day.month >= starts_in)


def fiscal_quarter(day: date, starts_in: int) -> int:
    """1 to 4, counted from the fiscal year's first month."""
    return (day.month - starts_in) % 12 // 3 + 1


def fiscal_year_starts_on(year: int, starts_in: int) -> date:
    """The first day of the fiscal year of that name."""
    return date(year - (starts_in > 1), starts_in, 1)


def earliest_first(parts: Sequence[int], settled: int) -> list[int]:
    """What of each part is settled, in minor units: the first ones are before the later ones."""
    found = []
    for part in parts:
        taken = max(0, min(part, settled))
        found.append(taken)
        settled -= taken
    return found


def free_since(
    on: date, received_on: date, amount_minor: int, moves: Sequence[tuple[date, int]]
) -> int:
    """What of a payment was free on a day and has been ever since: used by none of its `moves`,
    its allocations by day, of which negative ones give back. Nothing before it came in."""
    if on < received_on:
        return 0
    used = most = sum(minor for day, minor in moves if day <= on)
    for _, minor in sorted(move for move in moves if move[0] > on):
        used += minor
        most = max(most, used)
    return amount_minor - most


def state_on(
    day: date,
    *,
    issued_on: date | None,
    due_on: date,
    owed_minor: int,
    paid_minor: int,
    written_off: bool,
) -> State:
    """The state of an invoice on a day, by the sums known now. `search.CONDITIONS` is its twin."""
    if issued_on is None:
        return State.DRAFT
    if owed_minor > 0:
        return State.OVERDUE if due_on < day else State.OPEN
    if written_off:
        return State.WRITTEN_OFF
    return State.PAID if paid_minor else State.VOIDED
