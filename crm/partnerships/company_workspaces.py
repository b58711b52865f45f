"""What a company's major partnerships are and brought, as parts of other statements. No sums.

Beside others of its page: what, id, text, more, starts_on, ends_before; of its timeline: what, id,
on, title, text, by, by_id, confidential.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BindParameter,
    Select,
    String,
    cast,
    false,
    literal,
    select,
)

from crm.partnerships.area_models import Area
from crm.partnerships.workspace_models import (
    Handoff,
    Partnership,
    Screening,
)

NOTHING: Any = literal("")


def screenings(company_id: BindParameter[int]) -> Select[Any]:
    """What came of each that stands, who looked, when, and until when it is good; latest first."""
    made = Screening
    return (
        select(  # type: ignore[return-value]
            literal("screening"),
            made.id,
            cast(made.result, String),
            made.screened_by,
            made.screened_on,
            made.valid_until,
        )
        .where(made.company_id == company_id, made.struck_at.is_(None))
        .order_by(made.screened_on.desc(), made.id.desc())
    )


def steps(company_id: BindParameter[int]) -> Select[Any]:
    """Areas agreed and scopes handed over, the latest first; convenings are contact reports, and
    stages their opportunity's."""
    agreed: Any = (
        select(
            literal("partnership").label("what"),
            Partnership.id.label("id"),
            Area.agreed_on.label("on"),
            literal("Area agreed").label("title"),
            Area.title.label("text"),
            Area.by_name.label("by"),
            literal(0).label("by_id"),
            false().label("confidential"),
        )
        .join(Area, Area.partnership_id == Partnership.id)
        .where(Partnership.company_id == company_id, Area.agreed_on.is_not(None))
    )
    handed: Any = (
        select(
            literal("partnership"),
            Partnership.id,
            Handoff.on,
            literal("Handed to the research office"),
            Partnership.title,
            Handoff.by_name,
            literal(0),
            false(),
        )
        .join(Handoff, Handoff.partnership_id == Partnership.id)
        .where(Partnership.company_id == company_id, Handoff.struck_at.is_(None))
    )
    both = agreed.union_all(handed).subquery()
    found: Select[Any] = select(both)
    return found.order_by(both.c.on.desc(), both.c.id.desc())
