"""Reads of companies, their domains and affiliations."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from crm.companies.models import Affiliation, Company, CompanyDomain, CompanyParent
from crm.kit.days import runs_on
from crm.kit.db import MAX_ID
from crm.kit.errors import NotFound, RuleBroken
from crm.kit.text import company_key, fold
from crm.people.models import Person
from crm.people.rules import name_key
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked, rank

ABOVE = aliased(CompanyParent)
SUGGESTED_FROM = 100
MEANT = 3
_NUMBERED = re.compile(r"\(#([1-9][0-9]{0,9})\)$")


class NoSuchCompany(RuleBroken):
    """What was typed into a company picker names none, or several."""


class CompanyArchived(RuleBroken):
    """With an archived company nothing new begins."""


def get(session: Session, company_id: int) -> Company:
    """Raises `NotFound`."""
    found = session.get(Company, company_id)
    if found is None:
        raise NotFound("There is no such company.")
    return found


def get_with_ties(session: Session, company_id: int) -> Company:
    """With its parent, owner and challenges. Raises `NotFound`."""
    found = session.scalars(
        select(Company)
        .where(Company.id == company_id)
        .options(
            joinedload(Company.parent),
            joinedload(Company.owner),
            selectinload(Company.challenges),
        )
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such company.")
    return found


def get_domain(session: Session, company_id: int, domain_id: int) -> CompanyDomain:
    """A domain of this company. Raises `NotFound`."""
    found = session.get(CompanyDomain, domain_id)
    if found is None or found.company_id != company_id:
        raise NotFound("This company has no such domain.")
    return found


def get_affiliation(session: Session, affiliation_id: int) -> Affiliation:
    """With its person and company. Raises `NotFound`."""
    found = session.scalars(
        select(Affiliation)
        .where(Affiliation.id == affiliation_id)
        .options(joinedload(Affiliation.person), joinedload(Affiliation.company))
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such affiliation.")
    return found


def affiliations_of(session: Session, person_id: int) -> Sequence[Affiliation]:
    """Those that have not ended, with their company."""
    found = select(Affiliation).where(
        Affiliation.person_id == person_id, Affiliation.ends_before.is_(None)
    )
    return session.scalars(
        found.options(joinedload(Affiliation.company)).order_by(Affiliation.id)
    ).all()


def suggest(session: Session, text: str, *, limit: int) -> Sequence[Row[int, str]]:
    """Companies whose name has words that begin so, for a field to offer: id and name."""
    question = asked(text)
    if not question:
        return ()
    ids = matching_ids(Kind.COMPANY, question, SUGGESTED_FROM)
    found = select(Company.id, Company.name).where(
        Company.id.op("IN")(ids), Company.archived_on.is_(None)
    )
    rows = session.execute(found.order_by(Company.name_key, Company.id)).all()
    return sorted(rows, key=lambda row: rank(question, row.name))[:limit]


def find_by_domain(session: Session, domain: str, *, verified: bool = False) -> Company | None:
    """The company this exact domain belongs to; with `verified`, only if somebody checked it."""
    found = select(Company).join(Company.domains).where(CompanyDomain.domain == domain)
    if verified:
        found = found.where(CompanyDomain.verified.is_(True))
    return session.scalars(found).one_or_none()


def named_alike(session: Session, name: str) -> Sequence[Company]:
    """Companies on record under this name, whatever their legal form; archived ones last."""
    key = company_key(name)[:200]
    same = Company.match_key == key if key else Company.name_key == fold(name)[:200]
    found = select(Company).where(same).order_by(Company.archived_on.is_not(None), Company.id)
    return session.scalars(found.limit(5)).all()


def picked(session: Session, text: str, *, field: str = "company") -> Company | None:
    """The company a picker's text names: `Name (#12)`, or a name only one company has.

    None when nothing was typed. Raises `NoSuchCompany`, for the form field concerned.
    """
    typed = text.strip()
    if not typed:
        return None
    numbered = _NUMBERED.search(typed)
    if numbered is not None:
        found = session.get(Company, int(numbered[1])) if int(numbered[1]) <= MAX_ID else None
        if found is None:
            raise NoSuchCompany("There is no company with that number.", field=field)
        return found
    named = session.scalars(select(Company).where(Company.name_key == fold(typed)).limit(2)).all()
    if len(named) != 1:
        many = "Several companies are" if named else "No company is"
        meant = [f"{row.name} (#{row.id})" for row in suggest(session, typed, limit=MEANT)]
        asks = f"Is it {', or '.join(meant)}?" if meant else "Type a few letters and pick one."
        raise NoSuchCompany(f"{many} called “{typed[:80]}”. {asks}", field=field)
    return named[0]


def refuse_archived(session: Session, company_id: int, *, field: str = "company") -> Company:
    """A company with which something new may begin. Raises `NotFound`, or `CompanyArchived`."""
    found = get(session, company_id)
    if found.archived_on is not None:
        raise CompanyArchived(f"{found.name} is archived. Restore it first.", field=field)
    return found


def is_at(session: Session, person_id: int, company_id: int, day: date) -> bool:
    """Whether somebody who is not archived works at a company on a day."""
    there = (
        select(Affiliation.id)
        .join(Affiliation.person)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.company_id == company_id,
            Person.archived_on.is_(None),
            runs_on(Affiliation, day),
        )
    )
    return session.scalar(there.limit(1)) is not None


def find_colleague(session: Session, company_id: int, name: str) -> int | None:
    """The id of somebody of this name who is at the company."""
    found = (
        select(Person.id)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.company_id == company_id,
            Affiliation.ends_before.is_(None),
            Person.name_key == name_key(name),
        )
    )
    return session.scalars(found.order_by(Person.id).limit(1)).first()


def parents_of(session: Session, company_id: int) -> Sequence[CompanyParent]:
    """Those of before and today's, in their order."""
    found = select(CompanyParent).where(CompanyParent.company_id == company_id)
    return sorted(session.scalars(found), key=lambda row: row.starts_on or date.min)


def parents_on(session: Session, companies: Collection[int], day: date) -> dict[int, int]:
    """From these companies, and all above them on a day, to the parent of each. One SELECT."""
    up = (
        select(CompanyParent.company_id, CompanyParent.parent_id)
        .where(CompanyParent.company_id.in_(companies), runs_on(CompanyParent, day))
        .cte(recursive=True)
    )
    up = up.union(  # and not `union_all`: a circle of parents ends here
        select(ABOVE.company_id, ABOVE.parent_id)
        .join(up, ABOVE.company_id == up.c.parent_id)
        .where(runs_on(ABOVE, day))
    )
    return {row.company_id: row.parent_id for row in session.execute(select(up))}


def sectors(most: int = 60) -> Select[Any]:
    """The sectors in use, by name, walked along their index: not every company is read."""
    first = select(func.min(Company.sector).label("sector")).cte("sectors", recursive=True)
    following = (
        select(func.min(Company.sector))
        .where(Company.sector > first.c.sector)
        .correlate(first)
        .scalar_subquery()
    )
    all_of_them = first.union_all(select(following).where(first.c.sector.is_not(None)))
    return select(all_of_them.c.sector).where(all_of_them.c.sector.is_not(None)).limit(most)
