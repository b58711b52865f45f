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
    func,
    literal,
    null,
    select,
)

from crm.benefits.models import BenefitUse, BenefitUsePerson
from crm.memberships.benefit_models import Benefit
from crm.people.models import Person

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


def dated(company_id: int, since: date, until: date, *, named: bool) -> Select[Any]:
    """What the company used from one day up to, not including, another, the earliest first.

    Columns: day, kind, title, people, challenge, outcome, url, id. `named`: with the names of who
    had it, and the note; who may not read all people gets neither. What is counted from projects
    is told by the projects.
    """
    use, who = BenefitUse, BenefitUsePerson
    people = (
        select(func.aggregate_strings(Person.name, ", "))
        .join(who, who.person_id == Person.id)
        .where(who.benefit_use_id == use.id)
        .correlate(use)
        .scalar_subquery()
    )
    nothing = cast(null(), String)
    return (
        select(
            use.on.label("day"),
            literal("benefit").label("kind"),
            (Benefit.name + ": " + HOW_MANY).label("title"),
            (people if named else nothing).label("people"),
            nothing.label("challenge"),
            (use.note if named else nothing).label("outcome"),
            (literal("/office/benefits/uses/") + cast(use.id, String)).label("url"),
            use.id.label("id"),
        )
        .join(Benefit, Benefit.id == use.benefit_id)
        .where(
            use.company_id == company_id,
            use.struck_at.is_(None),
            use.on >= since,
            use.on < until,
        )
        .order_by(use.on, use.id)
    )
