"""How the programme bills, as its file says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.invoices.rules import InvoicingWay
from crm.programme.models import Programme


@dataclass(frozen=True, kw_only=True)
class DuesSettings:
    """The defaults hold where the file was loaded before it said anything about dues."""

    invoicing: InvoicingWay = InvoicingWay.CENTRAL
    finance_office: str = "Finance office"
    finance_email: str = ""
    bill_days_before: int = 30
    payment_days: int = 30
    tax_name: str = "Tax"
    tax_basis_points: int = 0
    remit_to: str = ""
    fiscal_year_starts_in: int = 7
    institution_charge_basis_points: int = 0
    renewal_probability_percent: int = 80
    remind_after_days: tuple[int, ...] = (7, 21, 45)


def of_facts(facts: Mapping[str, Any]) -> DuesSettings:
    told: Mapping[str, Any] = facts.get("dues") or {}
    known = {field.name: told[field.name] for field in fields(DuesSettings) if field.name in told}
    if "invoicing" in known:
        known["invoicing"] = InvoicingWay(known["invoicing"])
    if "remind_after_days" in known:
        known["remind_after_days"] = tuple(known["remind_after_days"])
    return DuesSettings(**known)


def current(session: Session) -> DuesSettings:
    return of_facts(session.scalar(select(Programme.facts)) or {})
