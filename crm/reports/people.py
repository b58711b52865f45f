"""The people a viewer may see, as list, count and export ask for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Executable,
    Row,
    Select,
    and_,
    false,
    func,
    select,
)
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import Affiliation, Company
from crm.kit.among import among
from crm.kit.days import runs_on
from crm.people.models import Person, PersonAddress, Profile, ProfileChallenge
from crm.reports.acquaintances import people_of, works
from crm.reports.companies import MOST_MATCHES, Archived
from crm.search.queries import matching_ids
from crm.search.rules import Kind, asked, rank

SORTS = ("name", "created")
SUGGESTED_FROM = 200
NO_CHALLENGE = 0


class Part(StrEnum):
    """What a person is at their company, as one filters by it."""

    CHAMPION = "champion"
    MAIN_CONTACT = "main contact"
    BILLING = "billing"


_PARTS = {
    Part.CHAMPION: Affiliation.champion,
    Part.MAIN_CONTACT: Affiliation.main_contact,
    Part.BILLING: Affiliation.billing,
}


@dataclass(frozen=True, kw_only=True)
class Job:
    """Where somebody works today."""

    company_id: int
    company: str
    title: str
    parts: Sequence[Part]


@dataclass(frozen=True, kw_only=True)
class PeopleSearch:
    """Which people, for a viewer. The order cannot tie."""

    viewer: Viewer
    today: date
    q: str = ""
    company_id: int | None = None
    part: Part | None = None
    challenge_id: int | None = None
    """What they work on: people of the university; 0: those who name nothing."""
    archived: Archived = Archived.WITHOUT
    sort: str = "name"

    @property
    def filtered(self) -> bool:
        narrowed = (self.q, self.company_id, self.part)
        on_something = self.challenge_id is not None
        return any(narrowed) or on_something or self.archived is not Archived.WITHOUT

    def select(self) -> Select[Any]:
        """A row of the list."""
        return _listed(self)

    def counted(self) -> Select[Any]:
        """The people of the list, without order and adornment."""
        return _counted(self)

    def export(self) -> Select[Any]:
        """The same people, with where each works today (the last begun, if at several)."""
        latest = (
            select(func.max(Affiliation.id))
            .where(Affiliation.person_id == Person.id, runs_on(Affiliation, self.today))
            .correlate(Person)
            .scalar_subquery()
        )
        phone: list[Any] = [Person.phone] if self.viewer.may(P.PEOPLE_READ_ALL) else []
        found: Select[Any] = select(
            Person.id,
            Person.name,
            PersonAddress.email,
            *phone,
            Affiliation.title,
            Company.name,
            Company.id,
            Affiliation.starts_on,
            Affiliation.champion,
            Affiliation.main_contact,
            Affiliation.billing,
            Person.archived_on,
        )
        joined = found.select_from(Person).outerjoin(Affiliation, Affiliation.id == latest)
        at_work = joined.outerjoin(Company, Company.id == Affiliation.company_id)
        return self.over(at_work, None)

    def headings(self) -> Sequence[str]:
        phone = ["Phone"] if self.viewer.may(P.PEOPLE_READ_ALL) else []
        return (
            "Person id",
            "Name",
            "E-mail",
            *phone,
            "Title",
            "Company",
            "Company id",
            "There since",
            "Champion",
            "Main contact",
            "Billing",
            "Archived on",
        )

    def over(self, columns: Select[Any], most: int | None) -> Select[Any]:
        """These columns of the people found, in order; of a text's matches at `most`."""
        primary = and_(PersonAddress.person_id == Person.id, PersonAddress.is_primary.is_(True))
        return self._ordered(self.narrow(columns.outerjoin(PersonAddress, primary), most))

    def narrow(self, found: Select[Any], most: int | None) -> Select[Any]:
        """Only those people who are searched for."""
        scope = people_of(self.viewer, self.today)
        if scope is not None:
            found = found.where(Person.id.in_(scope))
        if self.q:
            question = asked(self.q)
            others = (scope, self.company_id, self.part, self.challenge_id)
            alone = all(other is None for other in others)
            at_most = most if alone else None  # else the first might all drop out
            ids = matching_ids(Kind.PERSON, question, at_most, self.archived.is_)
            found = found.where(Person.id.op("IN")(ids) if question else false())
        if self.company_id is not None or self.part is not None:
            at = select(Affiliation.person_id).where(Affiliation.person_id == Person.id)
            if self.company_id is not None:
                at = at.where(Affiliation.company_id == self.company_id)
            if self.part is not None:
                at = at.where(_PARTS[self.part].is_(True), runs_on(Affiliation, self.today))
            found = found.where(at.correlate(Person).exists())
        if self.challenge_id is not None:
            found = found.where(Person.id.in_(_working_on(self.challenge_id)))
        if self.archived is not Archived.WITH:
            archived = Person.archived_on.is_not(None)
            found = found.where(archived if self.archived is Archived.ONLY else ~archived)
        return found

    def _ordered(self, found: Select[Any]) -> Select[Any]:
        match self.sort:
            case "-name":
                return found.order_by(Person.name_key.desc(), Person.id.desc())
            case "created":
                return found.order_by(Person.id.asc())
            case "-created":
                return found.order_by(Person.id.desc())
        return found.order_by(Person.name_key.asc(), Person.id.asc())


def _working_on(challenge_id: int) -> Select[Any]:
    """Ids of people with a profile."""
    working = select(ProfileChallenge.person_id)
    if challenge_id == NO_CHALLENGE:
        return select(Profile.id).where(Profile.id.not_in(working))
    return working.where(ProfileChallenge.challenge_id == challenge_id)


@lru_cache(maxsize=256)
def _listed(search: PeopleSearch) -> Select[Any]:
    columns: Select[Any] = select(  # type: ignore[assignment]
        Person.id, Person.name, PersonAddress.email, Person.archived_on
    )
    return search.over(columns, MOST_MATCHES)


@lru_cache(maxsize=256)
def _counted(search: PeopleSearch) -> Select[Any]:
    return search.narrow(select(Person.id), MOST_MATCHES)


def suggested(
    session: Session, search: PeopleSearch, *, limit: int, university: bool = False
) -> Sequence[Row[Any]]:
    """Those whose name has words that begin so, for a field to offer: id and name, the best first.

    `university`: only who works at no company on the day.
    """
    question = asked(search.q)
    if not question:
        return ()
    names: Select[Any] = select(Person.id, Person.name)  # type: ignore[assignment]
    found = search.narrow(names, SUGGESTED_FROM)
    if university:
        found = found.where(~works(Person.id, search.today))
    rows = session.execute(found.order_by(Person.name_key, Person.id).limit(SUGGESTED_FROM)).all()
    return sorted(rows, key=lambda row: rank(question, row.name))[:limit]


def jobs_of(session: Session, person_ids: Sequence[int], day: date) -> dict[int, list[Job]]:
    """Where each of these people works on a day. One SELECT."""
    jobs: dict[int, list[Job]] = defaultdict(list)
    for row in session.execute(_jobs(day), {"people": person_ids}):
        jobs[row.person_id].append(
            Job(
                company_id=row.company_id,
                company=row.company,
                title=row.title or "",
                parts=parts_of(row),
            )
        )
    return jobs


@lru_cache(maxsize=64)
def _jobs(day: date) -> Executable:
    return (
        select(
            Affiliation.person_id,
            Affiliation.company_id,
            Affiliation.title,
            Affiliation.champion,
            Affiliation.main_contact,
            Affiliation.billing,
            Company.name.label("company"),
        )
        .join(Affiliation.company)
        .where(among(Affiliation.person_id, "people"), runs_on(Affiliation, day))
        .order_by(Affiliation.person_id, Affiliation.id)
    )


def parts_of(affiliation: Affiliation | Row[Any]) -> list[Part]:
    return [part for part, column in _PARTS.items() if getattr(affiliation, column.key)]
