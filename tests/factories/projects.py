from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory

from crm.documents import operations as documents
from crm.documents.operations import NewFile
from crm.documents.store import store_at
from crm.kit.actors import SYSTEM
from crm.projects.models import (
    Project,
    ProjectCall,
    ProjectChallenge,
    ProjectMilestone,
    ProjectStage,
)
from crm.projects.people_models import (
    ProjectCompany,
    ProjectFaculty,
    ProjectFile,
    ProjectOutput,
    ProjectSeats,
    ProjectStudent,
)
from crm.projects.rules import CompanyRole, FacultyRole, ProjectKind, Readers, Stage
from tests.factories.base import SESSION, Factory
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.memberships import PDF, STORE

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class CallFactory(Factory):
    """For seed research, open from May to the end of June 2026; `closed=True`: until the end of
    May."""

    class Meta:
        model = ProjectCall

    class Params:
        closed = factory.Trait(closes_on=date(2026, 5, 31))

    title = factory.Sequence("Seed research {}".format)
    kind = ProjectKind.SEED_RESEARCH
    text = "## What we look for\nTwo pages."
    opens_on = date(2026, 5, 1)
    closes_on = date(2026, 6, 30)
    created_at = THEN


class ProjectFactory(Factory):
    """Seed research, proposed in January 2026, or `since=`; `running=True`, or a course with
    `seats=`. `challenge_ids=`."""

    class Meta:
        model = Project

    class Params:
        running = factory.Trait(stage=Stage.RUNNING, starts_on=date(2026, 2, 1))
        seats = None

    title = factory.Sequence("Reading castings {}".format)
    kind = factory.LazyAttribute(
        lambda made: ProjectKind.COURSE if made.seats else ProjectKind.SEED_RESEARCH
    )
    seats_offered = factory.LazyAttribute(lambda made: made.seats)
    stage = Stage.PROPOSED
    about = "What a casting says while it cools."
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        challenge_ids = values.pop("challenge_ids", ())
        since = values.pop("since", date(2026, 1, 5))
        made = super()._create(model_class, *args, **values)
        session = SESSION.get()
        session.add(
            ProjectStage(project_id=made.id, stage=made.stage, on=since, by_name="Sam Okafor")
        )
        session.add_all(
            ProjectChallenge(project_id=made.id, challenge_id=id_) for id_ in challenge_ids
        )
        session.flush()
        return made


class FacultyFactory(Factory):
    """A lead since January 2026."""

    class Meta:
        model = ProjectFaculty

    person = factory.SubFactory(PersonFactory)
    role = FacultyRole.LEAD
    starts_on = date(2026, 1, 5)


class StudentFactory(Factory):
    """By initials; `named=True` for one who agreed to more."""

    class Meta:
        model = ProjectStudent

    class Params:
        named = factory.Trait(
            name="Ines Moreau", consented_on=date(2026, 2, 1), consent_recorded="form on file"
        )

    initials = "I. M."
    studies = "SM, mechanical engineering"
    starts_on = date(2026, 2, 1)


class TieFactory(Factory):
    """A participant since February 2026."""

    class Meta:
        model = ProjectCompany

    company = factory.SubFactory(CompanyFactory)
    role = CompanyRole.PARTICIPANT
    starts_on = date(2026, 2, 1)


class SeatsFactory(Factory):
    class Meta:
        model = ProjectSeats

    company = factory.SubFactory(CompanyFactory)
    seats = 1
    taken_on = date(2026, 6, 1)
    by_name = "Sam Okafor"


class MilestoneFactory(Factory):
    class Meta:
        model = ProjectMilestone

    title = factory.Sequence("First melt read {}".format)
    due_on = date(2026, 9, 1)


class OutputFactory(Factory):
    class Meta:
        model = ProjectOutput

    title = factory.Sequence("Paper {}".format)
    link = "https://papers.example/castings"
    readers = Readers.PUBLIC
    came_on = date(2026, 6, 1)


class ProjectFileFactory(Factory):
    class Meta:
        model = ProjectFile

    title = "The proposal"
    added_on = date(2026, 1, 5)
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        kept = NewFile(name="proposal.pdf", content=PDF)
        values["document"] = documents.keep(
            SESSION.get(), store_at(STORE), kept, by=SYSTEM, now=THEN
        )
        return super()._create(model_class, *args, **values)
