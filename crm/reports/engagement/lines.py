"""A line of what a company took part in or got, and for whom and which days lines are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, select, true
from sqlalchemy.orm import Session

from crm.accounts.policy import Viewer
from crm.kit.periods import Period
from crm.programme.models import Challenge


class Sort(StrEnum):
    """What kind of thing happened: as a report's column has it."""

    MEMBERSHIP = "Membership"
    SEAT = "Seat"
    MEETING = "Meeting"
    VOTE = "Vote"
    GROUP = "Working group"
    GROUP_MEETING = "Working group meeting"
    GROUP_OUTPUT = "Group publication"
    PROJECT = "Project"
    PROJECT_OUTPUT = "Project output"
    STUDENT = "Student"
    SEATS = "Course and training seats"
    FACILITY = "Facility"
    CONTRIBUTION = "Contribution"
    PARTNERSHIP = "Major partnership"
    CONVENING = "Convening"
    BENEFIT = "Benefit used"
    CONTACT = "Contact"
    GOAL = "Goal reached"


@dataclass(frozen=True, kw_only=True)
class Line:
    """`url` is its record's page, `id` the record's number. No line carries a sum of money."""

    company_id: int
    on: date
    sort: Sort
    what: str
    id: int
    url: str
    company_people: str = ""
    university_people: str = ""
    challenges: str = ""
    outcome: str = ""
    link: str = ""
    """Where what came of it is read by everybody it is for; empty: nowhere."""
    number: int = 1
    """Of what is counted: seats, places; else itself."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Which lines: of whose days, as known today; of one company, or of all of them."""

    days: Period
    viewer: Viewer
    today: date
    zone: str
    company_id: int | None = None
    handed_on: bool = False
    """To be read by the company, too: nothing that a contact report says, whoever asks."""

    def of(self, column: SQLColumnExpression[int] | SQLColumnExpression[int | None]) -> Any:
        """Whether a column names the company asked for, or any."""
        return column.is_not(None) if self.company_id is None else column == self.company_id

    def within(self, column: SQLColumnExpression[Any]) -> ColumnElement[bool]:
        """Whether a day stands between those asked for."""
        before = self.days.ends_before
        return and_(column >= self.days.starts_on, true() if before is None else column < before)

    @property
    def last_day(self) -> date:
        return self.days.last_day or self.today

    def on(self, days: Period) -> Asked:
        return replace(self, days=days)


def challenge_names(session: Session, tie: Any, owner: Any, ids: Iterable[int]) -> dict[int, str]:
    """The challenges of projects, groups …, by what their table of ties calls the owner."""
    found: Select[Any] = (
        select(owner, Challenge.name)
        .join(Challenge, Challenge.id == tie.challenge_id)
        .where(owner.in_(set(ids)))
        .order_by(owner, Challenge.number, Challenge.id)
    )
    return joined(session.execute(found))


def joined(pairs: Iterable[Any]) -> dict[Any, str]:
    """(key, name) … as one text for each key, in their order; a name stands once."""
    named: dict[Any, dict[str, None]] = defaultdict(dict)
    for *key, name in pairs:
        named[tuple(key) if len(key) > 1 else key[0]][name] = None
    return {key: "; ".join(names) for key, names in named.items()}
