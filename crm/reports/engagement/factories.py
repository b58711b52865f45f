"""Facilities a company takes part in, and what it gave or lent. Without a value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.partnerships.facility_models import Facility, Participation
from crm.partnerships.models import Contribution, ContributionStep
from crm.people.models import Person
from crm.reports.engagement.lines import Asked, Line, Sort


def participations(session: Session, asked: Asked) -> Iterable[Line]:
    """That it began to take part."""
    part = Participation
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            part.id, part.company_id, part.facility_id, part.kind, part.starts_on, Facility.name
        )
        .join(part.facility)
        .where(asked.of(part.company_id), asked.within(part.starts_on))
    )
    return [
        Line(
            company_id=row.company_id,
            on=row.starts_on,
            sort=Sort.FACILITY,
            what=row.name,
            outcome=f"Part in its {row.kind}",
            url=f"/office/engagements/facilities/{row.facility_id}",
            id=row.id,
        )
        for row in session.execute(found)
    ]


def contributions(session: Session, asked: Asked) -> Iterable[Line]:
    """Each stage it came to; what was struck did not happen. Whom we thank is named as on its
    page."""
    given, step = Contribution, ContributionStep
    named = asked.viewer.may(P.PEOPLE_READ_ALL)
    found: Select[Any] = (
        select(  # type: ignore[assignment]
            given.id,
            given.company_id,
            given.title,
            given.kind,
            given.given,
            step.id.label("step_id"),
            step.stage,
            step.on,
            Person.name,
        )
        .join(step, step.contribution_id == given.id)
        .outerjoin(Person, Person.id == given.contact_id)
        .where(asked.of(given.company_id), asked.within(step.on), step.struck_at.is_(None))
    )
    return [
        Line(
            company_id=row.company_id,
            on=row.on,
            sort=Sort.CONTRIBUTION,
            what=f"{row.title} ({row.kind}, {row.given})",
            company_people=row.name if named and row.name else "",
            outcome=row.stage.capitalize(),
            url=f"/office/engagements/contributions/{row.id}",
            id=row.id,
        )
        for row in session.execute(found)
    ]
