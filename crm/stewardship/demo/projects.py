"""The projects' stories: called for, ranked, run, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies.models import Company
from crm.council.ballot_models import Ballot
from crm.kit.money import Money
from crm.people.models import Person
from crm.projects import calls, companies, faculty, following, operations, queries, selecting
from crm.projects import students as students_
from crm.projects.calls import NewCall
from crm.projects.following import NewMilestone, NewOutput
from crm.projects.models import Project, ProjectCall
from crm.projects.operations import Budget, NewProject
from crm.projects.rules import CompanyRole, FacultyRole, ProjectKind, Readers, Source, Stage
from crm.projects.students import NewStudent
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts
from crm.stewardship.demo.words import Words

CALLED, LINKED, PROPOSED, CAME, PAID, SEATED, MOVED, PUBLISHED = range(360, 520, 20)
"""Minutes after nine."""
BY_BALLOT = "by ballot"


def call_story(chronicle: Chronicle, facts: Facts) -> None:
    """A call, and the council's ballot that ranks what came in."""
    session, workday = chronicle.session, chronicle.calendar.workday

    def announce(moment: Moment) -> None:
        draft = NewCall(
            title=facts["title"],
            kind=ProjectKind(facts["kind"]),
            text=facts["text"].strip(),
            opens_on=moment.today,
            closes_on=workday(facts["closes"]),
        )
        calls.announce(session, draft, by=moment.by, now=moment.now)

    def link(moment: Moment) -> None:
        ballot = session.scalars(select(Ballot).where(Ballot.title == facts["ballot"])).one()
        call = queries.get_call(session, _call_id(session, facts["title"]))
        calls.link_ballot(session, call, ballot, by=moment.by, now=moment.now)

    chronicle.add(workday(facts["opens"]), CALLED, "director", announce)
    if "ballot" in facts:
        chronicle.add(workday(facts["linked"]), LINKED + MOVED, "director", link)


class ProjectStory:
    """Gathers a project's events into the chronicle; its people come from other stories."""

    def __init__(
        self, chronicle: Chronicle, words: Words, everyone: dict[str, Person], facts: Facts
    ) -> None:
        self._chronicle = chronicle
        self._workday = chronicle.calendar.workday
        self._session: Session = chronicle.session
        self._words = words
        self._everyone = everyone
        self._facts = facts
        self._project_id = 0

    def gather(self) -> None:
        facts = self._facts
        self._add(facts["proposed"], PROPOSED, self._propose)
        if "budget" in facts:
            self._add(facts["budget"]["on"], PAID, self._pay)
        for one in facts["faculty"]:
            self._add(one["from"], CAME, partial(self._lead, one))
        for one in facts.get("students", ()):
            self._add(one["from"], CAME, partial(self._study, one))
        for one in facts.get("companies", ()):
            self._add(one["on"], CAME, partial(self._bring_in, one))
        for one in facts.get("taken", ()):
            self._add(one["on"], SEATED, partial(self._seat, one))
        for stage, on, *why in facts["stages"]:
            self._add(on, MOVED, partial(self._move, stage, why[0] if why else None))
        for one in facts.get("milestones", ()):
            self._plan(one)
        for one in facts.get("outputs", ()):
            self._add(one["on"], PUBLISHED, partial(self._publish, one))

    def _add(self, day: int, minutes: int, do: Callable[[Moment], None]) -> None:
        self._chronicle.add(self._workday(day), minutes, self._facts["by"], do)

    def _propose(self, moment: Moment) -> None:
        facts, call = self._facts, None
        if "call" in facts:
            call = queries.get_call(self._session, _call_id(self._session, facts["call"]))
        draft = NewProject(
            title=facts["title"],
            kind=ProjectKind(facts["kind"]),
            about=facts["about"].strip(),
            starts_on=self._day("starts"),
            ends_before=self._day("ends"),
            seats_offered=facts.get("seats"),
            challenge_ids=tuple(self._words.challenges[key] for key in facts["challenges"]),
        )
        made = operations.propose(self._session, draft, call=call, **_dated(moment))
        self._project_id = made.id

    def _day(self, key: str) -> date | None:
        return self._workday(self._facts[key]) if key in self._facts else None

    def _pay(self, moment: Moment) -> None:
        told, project = self._facts["budget"], self._project()
        budget = Budget(source=Source(told["source"]), amount=Money(told["amount"] * 100, "USD"))
        operations.set_budget(
            self._session, project, budget, version=project.version, by=moment.by, now=moment.now
        )

    def _lead(self, told: Facts, moment: Moment) -> None:
        faculty.take_in(
            self._session, self._project(), self._everyone[told["name"]].id,
            FacultyRole(told["role"]), on=moment.today, by=moment.by, now=moment.now,
        )  # fmt: skip

    def _study(self, told: Facts, moment: Moment) -> None:
        draft = NewStudent(
            initials=told["initials"],
            studies=told["studies"],
            name=told.get("name"),
            consented_on=self._workday(told["consent"]) if "consent" in told else None,
            consent_recorded=told.get("how"),
            starts_on=moment.today,
            ends_before=self._workday(told["until"]) if "until" in told else None,
        )
        students_.take_in(self._session, self._project(), draft, today=moment.today)

    def _bring_in(self, told: Facts, moment: Moment) -> None:
        companies.bring_in(
            self._session, self._project(), [self._company(name) for name in told["names"]],
            CompanyRole(told["role"]), on=moment.today, by=moment.by, now=moment.now,
        )  # fmt: skip

    def _seat(self, told: Facts, moment: Moment) -> None:
        companies.take_seats(
            self._session, self._project(), self._company(told["name"]), told["seats"],
            **_dated(moment),
        )  # fmt: skip

    def _move(self, stage: str, reason: str | None, moment: Moment) -> None:
        if stage == BY_BALLOT:
            selecting.select_by_ballot(self._session, self._project(), **_dated(moment))
            return
        operations.move(
            self._session, self._project(), Stage(stage), on=moment.today, reason=reason,
            **_dated(moment),
        )  # fmt: skip

    def _plan(self, told: Facts) -> None:
        """Planned when the project is proposed; done, if it is, on its day."""
        made: list[Any] = []

        def draft(done_on: date | None = None) -> NewMilestone:
            return NewMilestone(
                title=told["title"], due_on=self._workday(told["due"]), done_on=done_on
            )

        def plan(moment: Moment) -> None:
            made.append(following.plan(self._session, self._project(), draft(), today=moment.today))

        def reach(moment: Moment) -> None:
            following.change(
                self._session, made[0], draft(moment.today), version=made[0].version,
                today=moment.today,
            )  # fmt: skip

        self._add(self._facts["proposed"], CAME, plan)
        if "done" in told:
            self._add(told["done"], PUBLISHED, reach)

    def _publish(self, told: Facts, moment: Moment) -> None:
        draft = NewOutput(
            title=told["title"],
            link=told["link"],
            readers=Readers(told["readers"]),
            came_on=moment.today,
        )
        following.publish(self._session, self._project(), draft)

    def _project(self) -> Project:
        return queries.get(self._session, self._project_id)

    def _company(self, name: str) -> int:
        return self._session.scalars(select(Company.id).where(Company.name == name)).one()


def _dated(moment: Moment) -> dict[str, Any]:
    return {"by": moment.by, "now": moment.now, "today": moment.today}


def _call_id(session: Session, title: str) -> int:
    return session.scalars(select(ProjectCall.id).where(ProjectCall.title == title)).one()
