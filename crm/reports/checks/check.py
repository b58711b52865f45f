"""What a check is, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from crm.kit.money import Money, plain

Owed = Mapping[tuple[int, str], int]
"""Minor units by company and currency."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A row that breaks the rule. `about`: kind and id of the record it belongs to; an invoice
    is known by its number."""

    about: tuple[str, int | str] | None
    label: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was looked at, what it sums to, and what is wrong with it."""

    count: int
    of: str
    """What was counted, in the plural."""
    sums: tuple[Money, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Check:
    name: str
    proves: str
    look: Callable[[Session, date], Outcome]


@dataclass(frozen=True, kw_only=True)
class Result:
    """A check that was made: green, or red with its rows."""

    check: Check
    outcome: Outcome
    green: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "green", not self.outcome.faults)

    @property
    def counted(self) -> str:
        """`12,400 invoices`."""
        return f"{self.outcome.count:,} {self.outcome.of}"


def by_currency(sums: Iterable[tuple[str, int]]) -> tuple[Money, ...]:
    """What was summed, once for each currency."""
    found: dict[str, int] = {}
    for currency, minor in sums:
        found[currency] = found.get(currency, 0) + int(minor)
    return tuple(Money(minor, currency) for currency, minor in sorted(found.items()))


def said(minor: int, currency: str) -> str:
    """`1234.50 USD`."""
    return f"{plain(Money(int(minor), currency))} {currency}"


def invoice(number: str | None, company_id: int) -> tuple[str, int | str]:
    """Where an invoice's fault is seen: on its page, a draft's on its company's."""
    return ("invoice", number) if number else ("company", company_id)
