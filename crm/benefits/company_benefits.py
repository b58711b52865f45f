"""Uses that were entered by hand, as parts of what a company's pages and papers tell."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    String,
    case,
    cast,
    false,
    literal,
    select,
)

from crm.benefits.models import BenefitUse
from crm.memberships.benefit_models import Benefit

HOW_MANY = (
    cast(BenefitUse.number, String)
    + " "
    + case((BenefitUse.number == 1, Benefit.unit), else_=Benefit.units)
)


def events(company_id: BindParameter[int], until: BindParameter[date]) -> Select[Any]:
    """For its time line: what, id, on, title, text, by, by_id, confidential; the latest first.

    `until`: the last day that is told.
    """
    use = BenefitUse
    return (
        select(  # type: ignore[return-value]
            literal("benefit"),
            use.id,
            use.on,
            Benefit.name,
            HOW_MANY,
            use.by_name,
            literal(0),
            false(),
        )
        .join(Benefit, Benefit.id == use.benefit_id)
        .where(use.company_id == company_id, use.struck_at.is_(None), use.on <= until)
        .order_by(use.on.desc(), use.id.desc())
    )
