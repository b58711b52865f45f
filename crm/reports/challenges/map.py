"""The challenge map: who and what works on each grand challenge, counted as their lists count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.companies.models import CompanyChallenge
from crm.people.models import ProfileChallenge
from crm.programme.models import Challenge
from crm.projects.models import Project, ProjectChallenge
from crm.projects.search import ProjectSearch
from crm.reports.challenges.ahead import ahead
from crm.reports.challenges.rules import Part, gaps
from crm.reports.columns import Column, Kind, Report, Row
from crm.reports.companies import NO_CHALLENGE as NONE
from crm.reports.companies import CompanySearch, Standing
from crm.reports.people import NO_CHALLENGE as NOWHERE
from crm.reports.people import PeopleSearch
from crm.working_groups.models import WorkingGroup, WorkingGroupChallenge
from crm.working_groups.queries import GroupSearch


@dataclass(frozen=True, kw_only=True)
class Line:
    """A challenge on a day; `retired`: it was no longer one of the programme's."""

    challenge: Challenge
    retired: bool
    counts: Mapping[Part, int]
    gaps: Sequence[Part]


@dataclass(frozen=True, kw_only=True)
class ChallengeMap:
    """The programme's challenges by number, then retired ones that still have records; and how
    many companies and faculty name none, and so are nowhere on it."""

    lines: Sequence[Line]
    nowhere: Mapping[Part, int]


def challenge_map(session: Session, *, day: date, today: date, viewer: Viewer) -> ChallengeMap:
    """Two SELECTs. What companies and faculty care about has no dates: it is as of today, and so is
    whom the viewer may see."""
    counts: dict[int, dict[Part, int]] = {}
    for part, challenge_id, number in session.execute(_counted(day, today, viewer)):
        counts.setdefault(challenge_id, {})[Part(part)] = number
    every = session.scalars(select(Challenge).order_by(Challenge.number, Challenge.id))
    found = [
        Line(challenge=one, retired=retired, counts=own, gaps=gaps(own, retired=retired))
        for one in every
        for retired in (one.retired_on is not None and one.retired_on <= day,)
        for own in ({part: counts.get(one.id, {}).get(part, 0) for part in Part},)
        if not retired or any(own.values())
    ]
    return ChallengeMap(
        lines=sorted(found, key=lambda line: line.retired), nowhere=counts.get(NOWHERE, {})
    )


def _counted(day: date, today: date, viewer: Viewer) -> Any:
    """part, challenge, number: each counted among the rows of the list it opens."""
    member, prospect = (
        CompanySearch(as_of=day, standing=standing).counted()
        for standing in (Standing.MEMBER, Standing.PROSPECT)
    )
    people = PeopleSearch(viewer=viewer, today=today).counted()
    nameless = PeopleSearch(viewer=viewer, today=today, challenge_id=NOWHERE).counted()
    running = _ids(ProjectSearch(day=day, as_of=day, show="running").select(), Project.id)
    groups = _ids(GroupSearch(day=day, as_of=True).select(), WorkingGroup.id)
    of_company, of_project = CompanyChallenge, ProjectChallenge
    of_group, of_person = WorkingGroupChallenge, ProfileChallenge
    coming = ahead(day)
    return union_all(
        _by_challenge(Part.MEMBERS, of_company.challenge_id, of_company.company_id, member),
        _by_challenge(Part.PROSPECTS, of_company.challenge_id, of_company.company_id, prospect),
        _by_challenge(Part.FACULTY, of_person.challenge_id, of_person.person_id, people),
        _by_challenge(Part.PROJECTS, of_project.challenge_id, of_project.project_id, running),
        _by_challenge(Part.GROUPS, of_group.challenge_id, of_group.group_id, groups),
        *(
            _nowhere(part, CompanySearch(as_of=day, standing=standing, challenge=NONE).counted())
            for part, standing in (
                (Part.MEMBERS, Standing.MEMBER),
                (Part.PROSPECTS, Standing.PROSPECT),
            )
        ),
        _nowhere(Part.FACULTY, nameless),
        select(literal(Part.AHEAD.value), coming.c.challenge_id, func.count()).group_by(
            coming.c.challenge_id
        ),
    )


def _nowhere(part: Part, listed: Select[Any]) -> Select[Any]:
    counted: Select[Any] = select(  # type: ignore[assignment]
        literal(part.value), literal(NOWHERE), func.count()
    )
    return counted.select_from(listed.subquery())


def _ids(listed: Select[Any], id_: InstrumentedAttribute[int]) -> Select[Any]:
    """The same rows, by their ids alone."""
    return listed.order_by(None).with_only_columns(id_, maintain_column_froms=True)


def _by_challenge(
    part: Part,
    challenge_id: InstrumentedAttribute[int],
    id_: InstrumentedAttribute[int],
    listed: Select[Any],
) -> Select[Any]:
    counted: Select[Any] = select(literal(part.value), challenge_id, func.count())  # type: ignore[assignment]
    return counted.where(id_.in_(listed)).group_by(challenge_id)


COLUMNS = (
    Column("Challenge", share=2.4),
    *(Column(part.value.capitalize(), Kind.NUMBER, 0.9) for part in Part),
    Column("Missing", share=2),
    Column("Retired", Kind.FLAG, 0.7),
    Column("Challenge id", Kind.ID, printed=False),
)


def columns(viewer: Viewer) -> Sequence[Column]:
    return COLUMNS


def rows(session: Session, *, day: date, viewer: Viewer, now: datetime) -> Sequence[Row]:
    """`now` in the programme's zone."""
    return [
        (
            line.challenge.name,
            *(line.counts[part] for part in Part),
            ", ".join(line.gaps),
            line.retired,
            line.challenge.id,
        )
        for line in challenge_map(session, day=day, today=now.date(), viewer=viewer).lines
    ]


REPORT = Report(
    name="challenge-map",
    title="Challenge map",
    about="Who and what works on each grand challenge, and what is missing.",
    needs=P.COMPANIES_READ,
    columns=columns,
    rows=rows,
    asks=frozenset({"now"}),
    note="Whoever works on several challenges is counted for each of them. What companies and "
    "faculty care about is as of today; standing, stages, groups and what lies ahead are as of "
    "the day.",
)
