"""What a person answers for here, or is asked about at the company: for their page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.partnerships.models import Contribution
from crm.partnerships.queries import stage_on

MOST = 40


def of_person(
    session: Session, person_id: int, day: date, *, as_contact: bool
) -> Sequence[Row[Any]]:
    """Id, title, company, stage on the day, and whether they answer for it; the latest first. One
    SELECT; `as_contact`: also of what they are the company's contact for."""
    answers = Contribution.responsible_id == person_id
    named = or_(answers, Contribution.contact_id == person_id) if as_contact else answers
    stage = stage_on(day)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            Contribution.id,
            Contribution.title,
            Company.name.label("company"),
            stage.label("stage"),
            answers.is_(True).label("answers"),
        )
        .join(Contribution.company)
        .where(named, stage.is_not(None))
    )
    return session.execute(found.order_by(Contribution.id.desc()).limit(MOST)).all()
