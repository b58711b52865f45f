"""Reads of companies, their domains and affiliations."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company, CompanyDomain
from crm.kit.errors import NotFound


def get(session: Session, company_id: int) -> Company:
    """Raises `NotFound`."""
    found = session.get(Company, company_id)
    if found is None:
        raise NotFound("There is no such company.")
    return found


def find_by_domain(session: Session, domain: str, *, verified: bool = False) -> Company | None:
    """The company this exact domain belongs to; with `verified`, only if somebody checked it."""
    found = select(Company).join(Company.domains).where(CompanyDomain.domain == domain)
    if verified:
        found = found.where(CompanyDomain.verified.is_(True))
    return session.scalars(found).one_or_none()


def with_ancestors(session: Session, company_id: int) -> set[int]:
    """The company's id and those of all companies above it."""
    chain = (
        select(Company.id, Company.parent_id).where(Company.id == company_id).cte(recursive=True)
    )
    chain = chain.union(
        select(Company.id, Company.parent_id).where(Company.id == chain.c.parent_id)
    )
    return set(session.scalars(select(chain.c.id)))
