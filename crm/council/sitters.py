"""Who holds a role on a seat on a day: the part that every statement about seats has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists
from sqlalchemy.orm import aliased

from crm.companies.models import Affiliation
from crm.council.models import Holding, Seat
from crm.council.rules import HoldingRole, Vacancy
from crm.kit.days import lasts_beyond, runs_on
from crm.people.models import Person

# Built once: a statement is a value, and building one costs more than running it.
HOLDINGS = {role: aliased(Holding, name=f"as_{role}") for role in HoldingRole}
PEOPLE = {role: aliased(Person, name=f"the_{role}") for role in HoldingRole}
EMPLOYMENT = aliased(Affiliation)
WIDTH = 6
"""Columns of each role."""


@dataclass(frozen=True, kw_only=True)
class Sitter:
    """Who holds a role on the day; `here`: they still belong to a company whose seat it is."""

    holding_id: int
    person_id: int
    name: str
    since: date
    until: date | None
    here: bool
    company_id: int | None = None
    """Of a seat that several companies share: at which of them they are."""

    @property
    def vacancy(self) -> Vacancy | None:
        return None if self.here else Vacancy.LEFT


def with_sitters(
    found: Select[Any], day: date, belongs: Callable[[type[Holding]], SQLColumnExpression[bool]]
) -> Select[Any]:
    """A statement over `Seat` with the columns of each role behind its own."""
    for role in HoldingRole:
        holding, person = HOLDINGS[role], PEOPLE[role]
        sits = and_(holding.seat_id == Seat.id, holding.role == role, runs_on(holding, day))
        found = (
            found.outerjoin(holding, sits)
            .outerjoin(person, person.id == holding.person_id)
            .add_columns(
                holding.id,
                person.id,
                person.name,
                holding.starts_on,
                holding.ends_before,
                belongs(holding),
            )
        )
    return found


def sitters(row: Sequence[Any]) -> dict[str, Sitter | None]:
    """By role, from the last columns of a row."""
    representative, alternate = row[-2 * WIDTH : -WIDTH], row[-WIDTH:]
    return {"representative": _sitter(representative), "alternate": _sitter(alternate)}


def _sitter(columns: Sequence[Any]) -> Sitter | None:
    holding_id, person_id, name, since, until, here = columns
    if holding_id is None:
        return None
    return Sitter(
        holding_id=holding_id,
        person_id=person_id,
        name=name,
        since=since,
        until=until,
        here=bool(here),
    )


def employed_on(day: date) -> ColumnElement[bool]:
    """Whether the affiliation `EMPLOYMENT` runs on a day."""
    return runs_on(EMPLOYMENT, day)


def employed_after(day: date) -> ColumnElement[bool]:
    """Whether the affiliation `EMPLOYMENT` runs on a day, or is to begin after it."""
    return lasts_beyond(EMPLOYMENT, day)


def belongs_on(
    day: date, person_id: SQLColumnExpression[int], company_id: SQLColumnExpression[Any]
) -> ColumnElement[bool]:
    """Whether the person is affiliated with the company on a day."""
    return exists().where(
        EMPLOYMENT.person_id == person_id,
        EMPLOYMENT.company_id == company_id,
        employed_on(day),
    )
