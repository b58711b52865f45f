"""The companies, as list, count and export ask for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    SQLColumnExpression,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount, UserRole
from crm.accounts.rules import Role
from crm.companies import queries as companies
from crm.companies.models import Company, CompanyChallenge, CompanyDomain
from crm.kit.countries import name_of
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.memberships.rules import Status
from crm.programme.models import Challenge
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked

SORTS = ("name", "sector", "owner", "touch", "created")
NO_CHALLENGE = "none"
"""As `challenge`: companies that name none."""
NOBODY = 0
"""As `owner_id`: companies nobody looks after."""
MOST_MATCHES = 1000
"""So many matches of a text are listed; an export has all of them."""


class Standing(StrEnum):
    """What a company is to the alliance on a day, as one filters by it."""

    MEMBER = "member"
    PROSPECT = "prospect"
    """No member: one to be, one that waits for a signature, one that was."""
    ACTIVE = "active"
    GRACE = "grace"
    UPCOMING = "upcoming"
    AWAITING = "awaiting signature"
    FORMER = "former"
    NEVER = "never"


class Archived(StrEnum):
    WITHOUT = "without"
    ONLY = "only"
    WITH = "with"

    @property
    def is_(self) -> bool | None:
        """Whether those found are archived; None: some."""
        return {Archived.WITHOUT: False, Archived.ONLY: True, Archived.WITH: None}[self]


@dataclass(frozen=True, kw_only=True)
class CompanySearch:
    """Which companies, on a day. The order cannot tie."""

    as_of: date
    q: str = ""
    sector: str = ""
    owner_id: int | None = None
    challenge: str | None = None
    standing: Standing | None = None
    archived: Archived = Archived.WITHOUT
    country: str | None = None
    sort: str = "name"

    @property
    def filtered(self) -> bool:
        return (
            self.owner_id is not None
            or self.archived is not Archived.WITHOUT
            or any((self.q, self.sector, self.challenge, self.standing, self.country))
        )

    def select(self) -> Select[Any]:
        """A row of the list; built once for equal searches."""
        return _listed(self)

    def over(self, columns: Select[Any], most: int | None) -> Select[Any]:
        """These columns of the companies found, in order; of a text's matches at `most`."""
        joined = columns.outerjoin(UserAccount, UserAccount.id == Company.owner_id)
        return self.ordered(self.narrow(joined, most))

    def counted(self) -> Select[Any]:
        """The companies of the list, without order and adornment."""
        return _counted(self)

    def export(self) -> Select[Any]:
        """The same companies, every one, with what another system wants of them."""
        domains = (
            select(func.aggregate_strings(CompanyDomain.domain, " "))
            .where(CompanyDomain.company_id == Company.id)
            .correlate(Company)
            .scalar_subquery()
        )
        found: Select[Any] = select(
            Company.id,
            Company.name,
            Company.legal_name,
            domains,
            Company.website,
            Company.sector,
            Company.headcount,
            Company.city,
            Company.region,
            Company.country,
            UserAccount.name,
            Company.last_touch_on,
            Company.archived_on,
        )
        return self.over(found, None)

    def narrow(self, found: Select[Any], most: int | None) -> Select[Any]:
        """Only those companies that are searched for."""
        if self.q:
            question = asked(f"{self.q} {self.sector}") if asked(self.q) else ()
            others = (self.owner_id, self.country, self.challenge, self.standing)
            alone = all(other is None for other in others)  # else the first might all drop out
            ids = matching_ids(Kind.COMPANY, question, most if alone else None, self.archived.is_)
            found = found.where(Company.id.op("IN")(ids) if question else false())
        if self.sector:
            found = found.where(Company.sector == self.sector)
        if self.owner_id is not None:
            owned = self.owner_id == NOBODY
            found = found.where(
                Company.owner_id.is_(None) if owned else Company.owner_id == self.owner_id
            )
        if self.country is not None:
            found = found.where(Company.country == self.country)
        if self.challenge == NO_CHALLENGE:
            found = found.where(Company.id.not_in(select(CompanyChallenge.company_id)))
        elif self.challenge is not None:
            caring = (
                select(CompanyChallenge.company_id)
                .join(Challenge, Challenge.id == CompanyChallenge.challenge_id)
                .where(CompanyChallenge.company_id == Company.id, Challenge.key == self.challenge)
            )
            found = found.where(caring.correlate(Company).exists())
        if self.archived is not Archived.WITH:
            archived = Company.archived_on.is_not(None)
            found = found.where(archived if self.archived is Archived.ONLY else ~archived)
        if self.standing is not None:
            found = found.where(_stands(self.standing, self.as_of))
        return found

    def ordered(self, found: Select[Any]) -> Select[Any]:
        back = self.sort.startswith("-")
        name, id_ = Company.name_key, Company.id
        order: Sequence[SQLColumnExpression[Any]]
        match self.sort.removeprefix("-"):
            case "sector":
                order = _turn(back, Company.sector, name, id_)
            case "owner":
                order = _turn(back, UserAccount.name, name, id_)
            case "touch":  # never touched: longest ago
                touched = Company.last_touch_on
                order = (
                    (touched.desc().nulls_last(), id_.desc())
                    if back
                    else (touched.asc().nulls_first(), id_.asc())
                )
            case "created":
                order = (id_.desc(),) if back else (id_.asc(),)
            case _:
                order = _turn(back, name, id_)
        return found.order_by(*order)


@lru_cache(maxsize=256)
def _listed(search: CompanySearch) -> Select[Any]:
    columns: Select[Any] = select(  # type: ignore[assignment]
        Company.id,
        Company.name,
        Company.sector,
        Company.city,
        Company.region,
        Company.country,
        _owner_name(search).label("owner"),
        Company.last_touch_on,
        Company.archived_on,
    )
    if search.sort.removeprefix("-") == "owner":
        return search.over(columns, MOST_MATCHES)
    return search.ordered(search.narrow(columns, MOST_MATCHES))


def _owner_name(search: CompanySearch) -> ColumnElement[str]:
    """Asked for the rows that are shown, and joined to all only where they are sorted by it."""
    if search.sort.removeprefix("-") == "owner":
        return UserAccount.name.expression
    owner = select(UserAccount.name).where(UserAccount.id == Company.owner_id)
    return owner.correlate(Company).scalar_subquery()


@lru_cache(maxsize=256)
def _counted(search: CompanySearch) -> Select[Any]:
    return search.narrow(select(Company.id), MOST_MATCHES)


HEADINGS = (
    "Company id",
    "Company",
    "Legal name",
    "Domains",
    "Website",
    "Sector",
    "Head-count",
    "City",
    "Region",
    "Country",
    "Relationship manager",
    "Last contact",
    "Archived on",
)


@dataclass(frozen=True, kw_only=True)
class Options:
    """What one can filter by."""

    owners: list[tuple[str, str]]
    challenges: list[tuple[str, str]]
    sectors: Sequence[str]

    def sectors_with(self, chosen: str) -> list[tuple[str, str]]:
        """The first sectors by name; the one that is chosen in any case."""
        more = [chosen] if chosen and chosen not in self.sectors else []
        return [(sector, sector) for sector in (*self.sectors, *more)]

    def challenges_with(self, chosen: str | None) -> list[tuple[str, str]]:
        """Those of today, none, and the one that is chosen in any case."""
        offered = [(NO_CHALLENGE, "None named"), *self.challenges]
        known = {key for key, _ in offered}
        more = [(chosen, f"{chosen} (retired)")] if chosen and chosen not in known else []
        return [*offered, *more]


def options(session: Session) -> Options:
    """One SELECT, however many companies there are."""
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(_options())]
    return Options(
        owners=[(str(row[1]), row[2]) for row in _of(rows, "owner")],
        challenges=[
            (row[3], f"{row[1]}. {row[2]}")
            for row in sorted(_of(rows, "challenge"), key=lambda row: (row[1], row[3]))
        ],
        sectors=[row[2] for row in _of(rows, "sector")],
    )


@cache
def _options() -> Executable:
    owners = (
        select(literal("owner"), UserAccount.id, UserAccount.name, literal(""))
        .where(
            UserAccount.disabled_at.is_(None),
            UserAccount.id.in_(select(UserRole.user_id).where(UserRole.role.in_(OWNERS))),
        )
        .order_by(UserAccount.name)
        .limit(100)
    )
    challenges = select(
        literal("challenge"), Challenge.number, Challenge.name, Challenge.key
    ).where(Challenge.retired_on.is_(None))
    sectors = companies.sectors().subquery()
    in_use = select(literal("sector"), literal(0), sectors.c.sector, literal(""))
    return select(owners.subquery()).union_all(challenges, in_use)


OWNERS = (Role.DIRECTOR, Role.STAFF, Role.FACULTY)
"""Who can look after a company."""


def place(city: str | None, region: str | None, country: str | None) -> str:
    """`Toledo, Ohio` or `Oslo, Norway`."""
    return ", ".join(part for part in (city, region or name_of(country)) if part)


def _of(rows: Sequence[tuple[Any, ...]], kind: str) -> list[tuple[Any, ...]]:
    return [row for row in rows if row[0] == kind]


def _turn(back: bool, *columns: SQLColumnExpression[Any]) -> tuple[SQLColumnExpression[Any], ...]:
    """Empty ones last, and first when turned: an index answers both on both databases."""
    if back:
        return tuple(column.desc().nulls_first() for column in columns)
    return tuple(column.asc().nulls_last() for column in columns)


def _stands(standing: Standing, day: date) -> ColumnElement[bool]:
    terms = select(Membership.company_id)
    status = memberships.status_on(day)
    if standing is Standing.NEVER:
        return Company.id.not_in(terms.where(Membership.withdrawn_on.is_(None)))
    if standing is Standing.MEMBER:
        return Company.id.in_(terms.where(memberships.in_force_on(day)))
    if standing is Standing.PROSPECT:
        return Company.id.not_in(terms.where(memberships.in_force_on(day)))
    if standing is Standing.FORMER:
        ended = terms.where(status.in_([Status.LAPSED.value, Status.TERMINATED.value]))
        running = terms.where(
            status.in_([Status.ACTIVE.value, Status.GRACE.value, Status.UPCOMING.value])
        )
        return Company.id.in_(ended) & Company.id.not_in(running)
    return Company.id.in_(terms.where(status == standing.value))
