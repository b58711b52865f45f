"""What is found of facilities and contributions: what they are and where. No value, no basis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, exists, select

from crm.companies.models import Company
from crm.partnerships.facility_models import Facility, FacilityStep
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import OVER, FacilityStage
from crm.search.operations import Entry, Source
from crm.search.rules import Kind


def facilities(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    last = (
        select(FacilityStep.stage)
        .where(FacilityStep.facility_id == Facility.id)
        .order_by(FacilityStep.on.desc(), FacilityStep.id.desc())
        .limit(1)
        .correlate(Facility)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(Facility.id, Facility.name, Facility.place, Facility.about, last).where(
            Facility.id.in_(ids)
        )
    )
    for id_, name, place, about, stage in rows:
        yield Entry(
            record_id=id_,
            title=name,
            subtitle=place or "",
            texts=(place, about),
            archived=stage is FacilityStage.CLOSED,
        )


def contributions(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    over = exists().where(
        ContributionStep.contribution_id == Contribution.id,
        ContributionStep.stage.in_(OVER),
        ContributionStep.struck_at.is_(None),
    )
    rows = connection.execute(
        select(
            Contribution.id,
            Contribution.title,
            Company.name,
            Contribution.kind,
            Contribution.given,
            Contribution.about,
            Contribution.location,
            Contribution.property_tag,
            Facility.name,
            over,
        )
        .join(Contribution.company)
        .outerjoin(Contribution.facility)
        .where(Contribution.id.in_(ids))
    )
    for id_, title, company, kind, given, about, location, tag, facility, is_over in rows:
        yield Entry(
            record_id=id_,
            title=title,
            subtitle=f"{company}: {kind}, {given}",
            texts=(company, about, location, tag, facility),
            archived=is_over,
        )


def _of_company(company: Company) -> Select[Any]:
    return select(Contribution.id).where(Contribution.company_id == company.id)


def _in_facility(facility: Facility) -> Select[Any]:
    return select(Contribution.id).where(Contribution.facility_id == facility.id)


SOURCES = (
    Source(
        kind=Kind.FACILITY,
        entries=facilities,
        concerned={
            Facility: lambda facility: (facility.id,),
            FacilityStep: lambda step: (step.facility_id,),
        },
    ),
    Source(
        kind=Kind.CONTRIBUTION,
        entries=contributions,
        concerned={
            Contribution: lambda contribution: (contribution.id,),
            ContributionStep: lambda step: (step.contribution_id,),
            Company: _of_company,
            Facility: _in_facility,
        },
    ),
)
