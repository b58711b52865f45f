"""What the pages of engagements have in common: their tabs, where a record lies, the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from sqlalchemy import Row

from crm.office.acts import Act
from crm.partnerships.facility_models import Facility
from crm.partnerships.models import Contribution
from crm.people import queries as people
from crm.people.models import Person
from crm.web import clock, programme
from crm.web.database import db
from crm.web.filters import ago
from crm.web.session import the_viewer

TABS = (
    ("Facilities", "engagements.index"),
    ("Participations", "engagements.participations"),
    ("Contributions", "engagements.contributions"),
    ("Major partnerships", "engagements.partnerships"),
)


def tabs(here: str) -> Sequence[tuple[str, str, bool, None]]:
    return [(label, url_for(page), page == here, None) for label, page in TABS]


@dataclass(frozen=True, kw_only=True)
class AlarmLine:
    """What is due, of which contribution; `state` is that of the badge."""

    id: int
    title: str
    company: str
    what: str
    on: date
    when: str
    state: str


def alarm_lines(rows: Sequence[Row[Any]], today: date) -> Sequence[AlarmLine]:
    """Of the rows of `queries.due_soon`."""
    return [
        AlarmLine(
            id=row.id,
            title=row.title,
            company=row.company,
            what=row.alarm.capitalize(),
            on=row.on,
            when=ago((today - row.on).days),
            state=state_of(row.on, today),
        )
        for row in rows
    ]


def state_of(on: date, today: date) -> str:
    return "late" if on < today else "soon"


def edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now()}


def dated() -> dict[str, Any]:
    return {**edge(), "today": programme.today()}


def trail_of_facility(facility: Facility | None = None) -> tuple[tuple[str, str], ...]:
    lies = (("Engagements", url_for("engagements.index")),)
    if facility is None:
        return lies
    return (*lies, (facility.name, url_for("engagements.facility", facility_id=facility.id)))


def trail_of_contribution(
    contribution: Contribution | None = None,
) -> tuple[tuple[str, str], ...]:
    lies = (
        ("Engagements", url_for("engagements.index")),
        ("Contributions", url_for("engagements.contributions")),
    )
    if contribution is None:
        return lies
    page = url_for("engagements.contribution", contribution_id=contribution.id)
    return (*lies, (contribution.title, page))


def act_on(contribution: Contribution, page: str, *, anchor: str = "", **words: Any) -> Act:
    """An act on a contribution; `page` is its view, what that needs else stands in `args`."""
    args = words.pop("args", {"contribution_id": contribution.id})
    return Act(
        url=url_for(f"engagements.{page}", **args),
        back=url_for(
            "engagements.contribution", contribution_id=contribution.id, _anchor=anchor or None
        ),
        trail=trail_of_contribution(contribution),
        **words,
    )


def person_id(typed: str | None, field: str) -> int | None:
    """Whom a field names. Raises `people.queries.NoSuchPerson`, beside it."""
    return people.picked(db.session(), typed, field=field).id if typed else None


def naming(person: Person | None) -> str:
    """As a field takes it: the number tells two of one name apart."""
    return f"{person.name} (#{person.id})" if person else ""
