"""What is found of companies and of people: a person is shown with where they work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from crm.companies.models import Affiliation, Company, CompanyDomain
from crm.kit.among import among
from crm.people.models import Person, PersonAddress
from crm.search.operations import Entry, Source
from crm.search.rules import Kind

_DOMAINS = select(CompanyDomain.company_id, CompanyDomain.domain).where(
    among(CompanyDomain.company_id, "ids")
)
_COMPANIES = select(
    Company.id,
    Company.name,
    Company.legal_name,
    Company.sector,
    Company.city,
    Company.region,
    Company.archived_on,
).where(among(Company.id, "ids"))


def companies(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    domains: dict[int, list[str]] = defaultdict(list)
    for company_id, domain in connection.execute(_DOMAINS, {"ids": ids}).all():
        domains[company_id].append(domain)
    rows = connection.execute(_COMPANIES, {"ids": ids}).all()
    for id_, name, legal_name, sector, city, region, archived_on in rows:
        yield Entry(
            record_id=id_,
            title=name,
            subtitle=" · ".join(part for part in (sector, city, region) if part),
            texts=(legal_name, *domains[id_], sector, city, region),
            archived=archived_on is not None,
        )


def people(connection: Connection, ids: Sequence[int]) -> Iterator[Entry]:
    addresses: dict[int, list[str]] = defaultdict(list)
    found = select(PersonAddress.person_id, PersonAddress.email)
    for person_id, email in connection.execute(found.where(PersonAddress.person_id.in_(ids))):
        addresses[person_id].append(email)
    works_at = {
        person_id: ", ".join(part for part in (title, company) if part)
        for person_id, title, company in connection.execute(
            select(Affiliation.person_id, Affiliation.title, Company.name)
            .join(Affiliation.company)
            .where(Affiliation.person_id.in_(ids), Affiliation.ends_before.is_(None))
            .order_by(Affiliation.id)
        )
    }
    rows = connection.execute(
        select(Person.id, Person.name, Person.archived_on).where(Person.id.in_(ids))
    )
    for id_, name, archived_on in rows:
        yield Entry(
            record_id=id_,
            title=name,
            subtitle=works_at.get(id_, ""),
            texts=addresses[id_],
            archived=archived_on is not None,
        )


def _there(company: Company) -> Select[Any]:
    return select(Affiliation.person_id).where(Affiliation.company_id == company.id)


SOURCES = (
    Source(
        kind=Kind.COMPANY,
        entries=companies,
        concerned={
            Company: lambda company: (company.id,),
            CompanyDomain: lambda domain: (domain.company_id,),
        },
    ),
    Source(
        kind=Kind.PERSON,
        entries=people,
        concerned={
            Person: lambda person: (person.id,),
            PersonAddress: lambda address: (address.person_id,),
            Affiliation: lambda affiliation: (affiliation.person_id,),
            Company: _there,
        },
    ),
)
