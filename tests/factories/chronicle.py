"""Some years of a company at random, with a count of our own of what is to be told of them.

The count is kept while the records are made: whatever reads them is held against it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from crm.companies.models import Company
from crm.council.meeting_rules import Presence
from crm.kit.periods import Period
from crm.partnerships.rules import Stage as Given
from crm.partnerships.workspace_models import Convening
from crm.pipeline.models import LostReason
from crm.projects.models import ProjectStage
from crm.projects.rules import CompanyRole, Readers
from crm.projects.rules import Stage as Project
from crm.reports.engagement.lines import Sort
from crm.retention.models import Goal
from crm.retention.rules import GoalState
from crm.working_groups.models import DeliverableStage
from crm.working_groups.rules import Stage as Made
from tests.factories.activities import TouchFactory
from tests.factories.base import SESSION
from tests.factories.benefits import BenefitUseFactory
from tests.factories.companies import THEN, AffiliationFactory, CompanyFactory
from tests.factories.council import SeatFactory
from tests.factories.meetings import AttendeeFactory, MeetingFactory
from tests.factories.memberships import MembershipFactory
from tests.factories.partnerships import (
    ContributionFactory,
    FacilityFactory,
    ParticipationFactory,
    step,
)
from tests.factories.projects import (
    OutputFactory,
    ProjectFactory,
    SeatsFactory,
    StudentFactory,
    TieFactory,
)
from tests.factories.working_groups import DeliverableFactory, PlaceFactory, WorkingGroupFactory
from tests.factories.workspaces import (
    AreaFactory,
    HandoffFactory,
    PartnershipFactory,
    ScopeFactory,
)

FIRST = date(2024, 1, 1)
DAYS = 900
"""Up to the middle of June 2026."""
BEGAN = date(2023, 7, 1)
"""The company's membership, and its people's seats: before all that is counted at random."""


@dataclass
class Chronicle:
    """`happened`: day, kind and number of each line there is to be."""

    company: Company
    dice: random.Random
    happened: list[tuple[date, Sort, int]] = field(default_factory=list)
    attended: list[date] = field(default_factory=list)
    invited: list[date] = field(default_factory=list)
    """Days of meetings of the council."""
    accepted: list[tuple[date, int]] = field(default_factory=list)
    """Day and value of contributions."""

    def note(self, day: date, sort: Sort, number: int = 1) -> None:
        self.happened.append((day, sort, number))

    def day(self) -> date:
        return FIRST + timedelta(days=self.dice.randrange(DAYS))

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    def totals(self, days: Period) -> dict[Sort, int]:
        found: dict[Sort, int] = {}
        for day, sort, number in self.happened:
            if day in days:
                found[sort] = found.get(sort, 0) + number
        return found


def write(dice: random.Random, company: Company | None = None) -> Chronicle:
    """A founding member of three years with a seat, and what happened to it."""
    told = Chronicle(company or CompanyFactory(), dice)
    MembershipFactory(
        company=told.company, tier="founding", starts_on=BEGAN,
        company_signed_on=BEGAN, programme_signed_on=BEGAN,
    )  # fmt: skip
    told.note(BEGAN, Sort.MEMBERSHIP, 2)  # signed, and begun
    SeatFactory(company=told.company)
    for what in (
        _contact,
        _meeting,
        _group,
        _project,
        _course,
        _give,
        _facility,
        _goal,
        _use,
        _partner,
    ):
        _often(told, what)
    SESSION.get().flush()
    return told


def _often(told: Chronicle, what: Callable[[Chronicle], None]) -> None:
    for _ in range(told.dice.randrange(1, 5)):
        what(told)


def _contact(told: Chronicle) -> None:
    """One to be told of, one that was struck, and a confidential one."""
    for struck, confidential in ((False, False), (True, False), (False, True)):
        made = TouchFactory(
            company=told.company, on=told.day(), struck=struck, confidential=confidential
        )
        if not struck and not confidential:
            told.note(made.on, Sort.CONTACT)


def _meeting(told: Chronicle) -> None:
    day, presence = told.day(), told.dice.choice([*Presence, None])
    starts = datetime.combine(day, time(14))
    meeting = MeetingFactory(
        starts_local=starts, ends_local=starts + timedelta(hours=2), cancelled=told.maybe(0.2)
    )
    AttendeeFactory(meeting_id=meeting.id, company_id=told.company.id, presence=presence)
    AttendeeFactory(meeting_id=meeting.id, presence=Presence.PRESENT)
    if meeting.cancelled_on is None and presence is not None:
        told.invited.append(day)
        if presence is Presence.PRESENT:
            told.attended.append(day)
            told.note(day, Sort.MEETING)


def _group(told: Chronicle) -> None:
    """A place in a group, which publishes one thing, before or after."""
    joined, published = told.day(), told.day()
    group = WorkingGroupFactory(founded_on=FIRST)
    person = AffiliationFactory(company=told.company).person
    PlaceFactory(group=group, company=told.company, person=person, starts_on=joined)
    told.note(joined, Sort.GROUP)
    taken_back = told.maybe(0.2)
    made = DeliverableFactory(group=group, link="https://read.example/it", since=FIRST)
    days = [(Made.PUBLISHED, published)]
    if taken_back:
        days.append((Made.REVIEW, published))
    SESSION.get().add_all(
        DeliverableStage(deliverable_id=made.id, stage=stage, on=on, by_name="Sam Okafor")
        for stage, on in days
    )
    made.stage = days[-1][0]
    if joined <= published and not taken_back:
        told.note(published, Sort.GROUP_OUTPUT)


def _project(told: Chronicle) -> None:
    """That runs and perhaps ends, with a student and two outputs, one for the office alone."""
    began = told.day()
    project = ProjectFactory(since=FIRST)
    own = {"project_id": project.id}
    stages = [(Project.SELECTED, began), (Project.RUNNING, began)]
    if told.maybe(0.5):
        stages.append((Project.FINISHED, began + timedelta(days=told.dice.randrange(200))))
    SESSION.get().add_all(
        ProjectStage(stage=stage, on=on, by_name="Sam Okafor", reason="So it is", **own)
        for stage, on in stages
    )
    project.stage = stages[-1][0]
    for role in told.dice.sample(list(CompanyRole), told.dice.randrange(1, 3)):
        TieFactory(company=told.company, role=role, **own)
    for stage, on in stages[1:]:
        assert stage in (Project.RUNNING, Project.FINISHED)
        told.note(on, Sort.PROJECT)
    student = StudentFactory(starts_on=told.day(), **own)
    told.note(student.starts_on, Sort.STUDENT)
    output = OutputFactory(came_on=told.day(), **own)
    told.note(output.came_on, Sort.PROJECT_OUTPUT)
    OutputFactory(came_on=told.day(), readers=Readers.OFFICE, **own)


def _course(told: Chronicle) -> None:
    course, seats = ProjectFactory(seats=9), told.dice.randrange(1, 6)
    taken = SeatsFactory(
        project_id=course.id, company=told.company, seats=seats, taken_on=told.day()
    )
    told.note(taken.taken_on, Sort.SEATS, seats)


def _give(told: Chronicle) -> None:
    day, value = told.day(), told.dice.randrange(1, 10**9)
    made = ContributionFactory(company=told.company, valued=value)
    told.note(date(2026, 1, 5), Sort.CONTRIBUTION)  # the day on which the factory has it offered
    if told.maybe(0.7):
        accepted = date(2026, 1, 5) + timedelta(days=day.toordinal() % 150)
        step(made, Given.ACCEPTED, accepted)
        told.note(accepted, Sort.CONTRIBUTION)
        told.accepted.append((accepted, value))


def _facility(told: Chronicle) -> None:
    part = ParticipationFactory(
        facility=FacilityFactory(), company=told.company, starts_on=told.day()
    )
    told.note(part.starts_on, Sort.FACILITY)


def _goal(told: Chronicle) -> None:
    state = told.dice.choice(list(GoalState))
    closed_on = None if state is GoalState.OPEN else told.day()
    SESSION.get().add(
        Goal(
            company_id=told.company.id, text="Two hires", set_on=FIRST, state=state,
            closed_on=closed_on,
        )
    )  # fmt: skip
    if state is GoalState.REACHED and closed_on is not None:
        told.note(closed_on, Sort.GOAL)


def _use(told: Chronicle) -> None:
    """One that stands and one that was struck."""
    for struck in (False, True):
        made = BenefitUseFactory(
            company=told.company, on=told.day(), number=told.dice.randrange(1, 4), struck=struck
        )
        if not struck:
            told.note(made.on, Sort.BENEFIT, made.number)


def _partner(told: Chronicle) -> None:
    """Needs, an area that is agreed on, a scope, a hand-off perhaps taken back, a convening."""
    pipe = {"lost_on": FIRST, "lost_reason_id": _reason()}
    workspace = PartnershipFactory(
        company=told.company, needs_text="A line", needs_on=told.day(), pipe=pipe
    )
    own = {"partnership_id": workspace.id}
    told.note(workspace.needs_on, Sort.PARTNERSHIP)
    area = AreaFactory(wanted=True, agreed_on=date(2026, 4, 1), **own)
    AreaFactory(**own)
    scope = ScopeFactory(written_on=told.day(), estimate_minor=told.dice.randrange(1, 10**9), **own)
    for day in (area.agreed_on, scope.written_on):
        told.note(day, Sort.PARTNERSHIP)
    struck = told.maybe(0.5)
    taken_back = {"struck_at": THEN, "struck_reason": "Too soon", "struck_by": "Sam Okafor"}
    handed = HandoffFactory(
        scope_id=scope.id, on=told.day(), **own, **(taken_back if struck else {})
    )
    if not struck:
        told.note(handed.on, Sort.PARTNERSHIP)
    touch = TouchFactory(company=told.company, on=told.day())
    SESSION.get().add(Convening(touch_id=touch.id, **own))
    told.note(touch.on, Sort.CONVENING)


def _reason() -> int:
    return SESSION.get().scalars(select(LostReason.id).limit(1)).one()


def others(dice: random.Random) -> list[Any]:
    """Two more companies with years of their own, which none of the first's lines may hold."""
    return [write(dice), write(dice)]
