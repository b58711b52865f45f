"""Benefits used that no other record tells of: places at a symposium, introductions of students.

What is counted from projects is told by the projects.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.benefits.company_benefits import HOW_MANY
from crm.benefits.models import BenefitUse, BenefitUsePerson
from crm.memberships.benefit_models import Benefit
from crm.people.models import Person
from crm.reports.acquaintances import people_of
from crm.reports.engagement.lines import Asked, Line, Sort, joined


def lines(session: Session, asked: Asked) -> Iterable[Line]:
    use = BenefitUse
    found: Select[Any] = (
        select(use.id, use.company_id, use.on, use.number, Benefit.name, HOW_MANY.label("many"))  # type: ignore[assignment]
        .join(Benefit, Benefit.id == use.benefit_id)
        .where(asked.of(use.company_id), asked.within(use.on), use.struck_at.is_(None))
    )
    rows = session.execute(found).all()
    people = _people(session, asked, {row.id for row in rows}) if rows else {}
    return [
        Line(
            company_id=row.company_id,
            on=row.on,
            sort=Sort.BENEFIT,
            what=row.name,
            company_people=people.get(row.id, ""),
            outcome=row.many,
            url=f"/office/benefits/uses/{row.id}",
            id=row.id,
            number=row.number,
        )
        for row in rows
    ]


def _people(session: Session, asked: Asked, ids: set[int]) -> dict[int, str]:
    """Who had it, of those the viewer may know."""
    who = BenefitUsePerson
    found: Select[Any] = (
        select(who.benefit_use_id, Person.name)  # type: ignore[assignment]
        .join(Person, Person.id == who.person_id)
        .where(who.benefit_use_id.in_(ids))
        .order_by(who.benefit_use_id, Person.name_key, Person.id)
    )
    scope = people_of(asked.viewer, asked.today)
    if scope is not None:
        found = found.where(Person.id.in_(scope))
    return joined(session.execute(found))
