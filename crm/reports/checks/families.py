"""The check of who belongs to whom."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from crm.companies.models import Company, CompanyParent
from crm.kit.days import runs_on
from crm.reports.checks.check import Check, Fault, Outcome


def parents(session: Session, day: date) -> Outcome:
    """A company's parent is that of the row that holds on the day."""
    kept, told = aliased(Company), aliased(Company)
    holds = and_(CompanyParent.company_id == Company.id, runs_on(CompanyParent, day))
    found = session.execute(
        select(Company.id, Company.name, Company.parent_id, CompanyParent.parent_id)
        .add_columns(kept.name, told.name)
        .outerjoin(CompanyParent, holds)
        .outerjoin(kept, kept.id == Company.parent_id)
        .outerjoin(told, told.id == CompanyParent.parent_id)
        .where(Company.parent_id.is_not(None) | CompanyParent.parent_id.is_not(None))
        .order_by(Company.id)
    ).all()
    return Outcome(
        count=len(found),
        of="subsidiaries",
        faults=tuple(
            Fault(
                about=("company", id_),
                label=name,
                says=f"Its parent is {shown or 'none'}; by its days it is {meant or 'none'}.",
            )
            for id_, name, parent_id, held_id, shown, meant in found
            if parent_id != held_id
        ),
    )


CHECKS = (
    Check(
        name="Parents",
        proves="Each company’s parent is the one to which it belongs today by its days.",
        look=parents,
    ),
)
