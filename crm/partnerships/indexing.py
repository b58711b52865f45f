"""What is found of facilities, contributions and major partnerships: what they are and where. No
value, no basis, no needs and no notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, exists, func, select

from crm.companies.models import Company
from crm.partnerships.area_models import Area
from crm.partnerships.facility_models import Facility, FacilityStep
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import OVER, FacilityStage
from crm.partnerships.workspace_models import Partnership
from crm.people.models import Person
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


def partnerships(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    areas = (
        select(func.aggregate_strings(Area.title, " "))
        .where(Area.partnership_id == Partnership.id, Area.dropped_on.is_(None))
        .correlate(Partnership)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(
            Partnership.id,
            Partnership.title,
            Company.name,
            Person.name,
            areas,
            Partnership.closed_on,
        )
        .join(Partnership.company)
        .outerjoin(Partnership.lead)
        .where(Partnership.id.in_(ids))
    )
    for id_, title, company, lead, about, closed_on in rows:
        yield Entry(
            record_id=id_,
            title=title,
            subtitle=f"{company}: major partnership",
            texts=(company, lead, about),
            archived=closed_on is not None,
        )


def _with_company(company: Company) -> Select[Any]:
    return select(Partnership.id).where(Partnership.company_id == company.id)


def _led_by(person: Person) -> Select[Any]:
    return select(Partnership.id).where(Partnership.lead_id == person.id)


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
    Source(
        kind=Kind.PARTNERSHIP,
        entries=partnerships,
        concerned={
            Partnership: lambda partnership: (partnership.id,),
            Area: lambda area: (area.partnership_id,),
            Company: _with_company,
            Person: _led_by,
        },
    ),
)
