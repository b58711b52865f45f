"""Writing about companies, their domains and who works there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.orm import Session

from crm.companies import parents, queries
from crm.companies.models import Affiliation, Company, CompanyChallenge, CompanyDomain
from crm.companies.rules import Headcount
from crm.kit import db, ties
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.text import company_key, fold, web_address, web_domain
from crm.people import operations as people
from crm.people.models import Person
from crm.people.operations import PersonDraft

AT_A_TIME = 1000


class DomainTaken(RuleBroken):
    """A domain is one company's identity."""


class NotADomain(RuleBroken):
    """What was given names no registered domain."""


class NotAnAddress(RuleBroken):
    """What was given as a website is no address a browser fetches."""


class AlreadyThere(RuleBroken):
    """A person is at a company once at a time."""


class WrongOrder(RuleBroken):
    """Something would end before it began."""


@dataclass(frozen=True, kw_only=True)
class NewCompany:
    """What is written about a company. `domains` are taken as verified."""

    name: str
    legal_name: str | None = None
    website: str | None = None
    sector: str | None = None
    headcount: Headcount | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    incorporated_in: str | None = None
    ultimate_parent_country: str | None = None
    parent_id: int | None = None
    parent_since: date | None = None
    """When the parent is another than before: since when. None: ever since."""
    owner_id: int | None = None
    about: str | None = None
    source: str | None = None
    challenge_ids: tuple[int, ...] = ()
    domains: tuple[str, ...] = ()


#: The columns of a draft that are the company's own, with what people call them.
LABELS: Mapping[str, str] = {
    "name": "Name",
    "legal_name": "Legal name",
    "website": "Website",
    "sector": "Sector",
    "headcount": "Head-count",
    "city": "City",
    "region": "Region",
    "country": "Country",
    "incorporated_in": "Incorporated in",
    "ultimate_parent_country": "Ultimate parent's country",
    "parent_id": "Parent company",
    "owner_id": "Relationship manager",
    "about": "About",
    "source": "Source",
}


def add_company(session: Session, draft: NewCompany, *, now: datetime) -> Company:
    """A new company. Its domains must be free; its parent must exist, and is so ever since."""
    domains = [_domain(text) for text in draft.domains]
    for domain in domains:
        _refuse_taken(session, domain)
    if draft.parent_id is not None:
        queries.get(session, draft.parent_id)
    company = Company(created_at=now, **_columns(draft))
    session.add(company)
    session.flush()
    for domain in dict.fromkeys(domains):
        session.add(CompanyDomain(company_id=company.id, domain=domain, verified=True))
    if draft.parent_id is not None:
        parents.keep(session, company.id, draft.parent_id, since=None)
    _set_challenges(session, company, draft.challenge_ids)
    session.flush()
    return company


def edit_company(
    session: Session, company: Company, draft: NewCompany, *, version: int, today: date
) -> None:
    """Make the company say what the draft says; its domains are left alone.

    Raises `Stale` with both versions if somebody changed it since `version` was read, and
    `OwnAncestor`, `NotYet` or `KnownLater` where another parent cannot be its own.
    """
    columns = _columns(draft)
    if company.version != version:
        shown = {
            name: label
            for name, label in LABELS.items()
            if (getattr(company, name) or None) != (columns[name] or None)
        }
        raise Stale(
            company.name,
            theirs={label: str(getattr(company, name) or "") for name, label in shown.items()},
            yours={label: str(columns[name] or "") for name, label in shown.items()},
        )
    moves = draft.parent_id != company.parent_id
    if moves:
        parents.check(session, company.id, draft.parent_id, since=draft.parent_since, today=today)
    for name, value in columns.items():
        if getattr(company, name) != value:
            setattr(company, name, value)
    session.flush()  # who says another parent at the same moment is told, or waits
    if moves:
        parents.keep(session, company.id, draft.parent_id, since=draft.parent_since)
    if _set_challenges(session, company, draft.challenge_ids):
        db.renew(session, company, seen=version)
    session.flush()


def archive_company(session: Session, company: Company, *, on: date) -> None:
    """Out of the lists; everything about it stays."""
    company.archived_on = company.archived_on or on
    session.flush()


def restore_company(session: Session, company: Company) -> None:
    company.archived_on = None
    session.flush()


def add_domain(
    session: Session, company: Company, domain: str, *, verified: bool = True
) -> CompanyDomain:
    """One more web domain (an address as typed will do). Verified ones match inquiries."""
    name = _domain(domain)
    _refuse_taken(session, name, but=company)
    known = session.scalar(select(CompanyDomain).where(CompanyDomain.domain == name))
    if known is None:
        known = CompanyDomain(company_id=company.id, domain=name, verified=verified)
        session.add(known)
    elif verified:
        known.verified = True
    session.flush()
    return known


def change_domain(session: Session, domain: CompanyDomain, act: str) -> None:
    """`verify` it, `doubt` it (it no longer matches by itself), or `remove` it."""
    if act == "remove":
        session.delete(domain)
    elif act in ("verify", "doubt"):
        domain.verified = act == "verify"
    else:
        raise NotFound("A domain is verified, doubted or removed.")
    session.flush()


def affiliate(
    session: Session,
    *,
    person_id: int,
    company_id: int,
    title: str | None,
    starts_on: date | None,
    ends_before: date | None = None,
    champion: bool = False,
    main_contact: bool = False,
    billing: bool = False,
) -> Affiliation:
    """A person begins at a company. Whoever is there already is not there twice."""
    if starts_on is not None and ends_before is not None and ends_before < starts_on:
        raise WrongOrder("The last day lies before the first.", field="ends_before")
    _keep_to_oneself(session, person_id)
    others = session.scalars(
        select(Affiliation).where(
            Affiliation.person_id == person_id, Affiliation.company_id == company_id
        )
    )
    if any(_meet(other, starts_on, ends_before) for other in others):
        raise AlreadyThere(
            "This person is already at this company at that time. Change that entry, or end it "
            "first.",
            field="company",
        )
    affiliation = Affiliation(
        person_id=person_id,
        company_id=company_id,
        title=title,
        starts_on=starts_on,
        ends_before=ends_before,
        champion=champion,
        main_contact=main_contact,
        billing=billing,
    )
    session.add(affiliation)
    session.flush()
    return affiliation


def add_person_at(
    session: Session,
    draft: PersonDraft,
    *,
    email: str | None,
    company_id: int | None,
    title: str | None,
    starts_on: date | None,
    now: datetime,
) -> Person:
    """A new person and, if one is named, the company they are at. Known addresses are refused."""
    person = people.add_person(session, draft, email=email, now=now)
    if company_id is not None:
        affiliate(
            session, person_id=person.id, company_id=company_id, title=title, starts_on=starts_on
        )
    return person


def change_job(
    session: Session,
    person: Person,
    *,
    leaves: Affiliation | None,
    company_id: int,
    title: str | None,
    on: date,
    email: str | None,
    today: date,
) -> Affiliation:
    """The old affiliation ends, the new one begins, the old address stays as an alias. One act."""
    if leaves is not None:
        end_affiliation(session, leaves, ends_before=on)
    begun = affiliate(
        session, person_id=person.id, company_id=company_id, title=title, starts_on=on
    )
    if email is not None:
        people.add_address(session, person, email, primary=True, today=today)
    return begun


def find_or_affiliate(
    session: Session, *, person_id: int, company_id: int, title: str | None, starts_on: date | None
) -> Affiliation:
    """The affiliation that stands today, else a new one. For what arrives more than once."""
    _keep_to_oneself(session, person_id)
    standing = session.scalars(
        select(Affiliation)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.company_id == company_id,
            Affiliation.ends_before.is_(None),
        )
        .limit(1)
    ).one_or_none()
    if standing is not None:
        return standing
    return affiliate(
        session, person_id=person_id, company_id=company_id, title=title, starts_on=starts_on
    )


def end_affiliation(session: Session, affiliation: Affiliation, *, ends_before: date) -> None:
    """The person leaves; the first day without them is `ends_before`."""
    if affiliation.starts_on is not None and ends_before < affiliation.starts_on:
        raise WrongOrder("That is before they began there.", field="ends_before")
    affiliation.ends_before = ends_before
    session.flush()


def change_affiliation(
    session: Session,
    affiliation: Affiliation,
    *,
    title: str | None,
    champion: bool,
    main_contact: bool,
    billing: bool,
    starts_on: date | None,
    ends_before: date | None,
    version: int,
) -> None:
    """Title, roles and days, as they are now known.

    Raises `Stale` if somebody changed them since `version` was read.
    """
    if affiliation.version != version:
        raise Stale(
            "where this person works",
            theirs={"Title": affiliation.title or ""},
            yours={"Title": title or ""},
        )
    if starts_on is not None and ends_before is not None and ends_before < starts_on:
        raise WrongOrder("The last day lies before the first.", field="last_day")
    _keep_to_oneself(session, affiliation.person_id)
    others = session.scalars(
        select(Affiliation).where(
            Affiliation.person_id == affiliation.person_id,
            Affiliation.company_id == affiliation.company_id,
            Affiliation.id != affiliation.id,
        )
    )
    if any(_meet(other, starts_on, ends_before) for other in others):
        raise AlreadyThere(
            "Another entry has this person at this company at that time.", field="starts_on"
        )
    affiliation.starts_on, affiliation.ends_before = starts_on, ends_before
    affiliation.title, affiliation.champion = title, champion
    affiliation.main_contact, affiliation.billing = main_contact, billing
    session.flush()


def keep_last_touches(
    session: Session, company_ids: Sequence[int], latest: ScalarSelect[Any]
) -> None:
    """Remember each company's last contact that everyone may know of; activities tells it.

    `latest` is correlated to `Company`. By Core, so that the version people edit against stays:
    nothing they wrote changes.
    """
    connection = session.connection()
    for start in range(0, len(company_ids), AT_A_TIME):
        some = company_ids[start : start + AT_A_TIME]
        connection.execute(update(Company).where(Company.id.in_(some)).values(last_touch_on=latest))


def _columns(draft: NewCompany) -> dict[str, object]:
    if draft.website is not None and web_address(draft.website) != draft.website:
        raise NotAnAddress(
            "This is not a web address, such as https://www.acme.example.", field="website"
        )
    own: dict[str, object] = {name: getattr(draft, name) for name in LABELS}
    own["name_key"] = fold(draft.name)[:200] or draft.name
    own["match_key"] = company_key(draft.name)[:200]
    return own


def _domain(text: str) -> str:
    name = web_domain(text)
    if name is None:
        raise NotADomain(
            f"“{text[:80]}” is not a web domain, such as acme.example.", field="domains"
        )
    return name


def _refuse_taken(session: Session, domain: str, but: Company | None = None) -> None:
    holder = queries.find_by_domain(session, domain)
    if holder is not None and holder is not but:
        raise DomainTaken(
            f"{domain} already belongs to {holder.name} (#{holder.id}). A domain is one "
            "company's: take it off there first, or open that company instead.",
            field="domains",
        )


def _set_challenges(session: Session, company: Company, ids: tuple[int, ...]) -> bool:
    tie = CompanyChallenge
    return ties.keep(session, tie.company_id, company.id, tie.challenge_id, ids)


def _keep_to_oneself(session: Session, person_id: int) -> None:
    """Until this transaction ends nobody else says where this person works: of two who say it at
    once, the second sees what the first wrote."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def _meet(other: Affiliation, starts_on: date | None, ends_before: date | None) -> bool:
    return (other.ends_before is None or (starts_on or date.min) < other.ends_before) and (
        ends_before is None or (other.starts_on or date.min) < ends_before
    )
