"""What `programme.toml` says of dues: `[dues]`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from crm.kit.sections import Section

INVOICING = ("central", "own")


@dataclass(frozen=True, kw_only=True)
class DuesFacts:
    """How dues are billed. Percentages are hundredths of a percent."""

    invoicing: str
    finance_office: str
    finance_email: str
    bill_days_before: int
    payment_days: int
    tax_name: str
    tax_basis_points: int
    remit_to: str
    fiscal_year_starts_in: int
    institution_charge_basis_points: int
    renewal_probability_percent: int
    remind_after_days: tuple[int, ...]


def dues(section: Section) -> DuesFacts:
    facts = DuesFacts(
        invoicing=section.choice("invoicing", INVOICING),
        finance_office=section.text("finance_office"),
        finance_email=section.mail("finance_email"),
        bill_days_before=section.whole("bill_days_before", least=0, most=366),
        payment_days=section.whole("payment_days", least=0, most=366),
        tax_name=section.text("tax_name", most=40),
        tax_basis_points=_percent(section, "tax_percent"),
        remit_to=section.text("remit_to", most=1000),
        fiscal_year_starts_in=section.whole("fiscal_year_starts_in", least=1, most=12),
        institution_charge_basis_points=_percent(section, "institution_charge_percent"),
        renewal_probability_percent=section.whole("renewal_probability_percent", least=0, most=100),
        remind_after_days=_ladder(section),
    )
    section.done()
    return facts


def _percent(section: Section, name: str) -> int:
    """`8.25` or "8.25" as 825 hundredths of a percent."""
    written = section.raw(name)
    try:
        found = Decimal(str(written)) * 100
        if isinstance(written, bool) or found != int(found) or not 0 <= found <= 10_000:
            raise ValueError
    except (ArithmeticError, ValueError):
        section.fault(f"“{name}” has to be a percentage from 0 to 100, such as 8.25", name)
        return 0
    return int(found)


def _ladder(section: Section) -> tuple[int, ...]:
    written = section.raw("remind_after_days")
    days = written if isinstance(written, list) else [None]
    right = all(
        isinstance(day, int) and not isinstance(day, bool) and 0 < day < 1000 for day in days
    )
    if not right or not 1 <= len(days) <= 6 or list(days) != sorted(set(days)):
        section.fault(
            "“remind_after_days” has to list one to six growing numbers, such as [7, 21, 45]",
            "remind_after_days",
        )
        return (7,)
    return tuple(days)
