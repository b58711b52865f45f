"""What of projects a company's dossier tells, on the edges of its period."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from crm.kit.periods import Period
from crm.programme.models import Challenge
from crm.projects import dossier
from crm.projects.rules import CompanyRole, Readers, Source, Stage
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.projects import (
    FacultyFactory,
    OutputFactory,
    ProjectFactory,
    SeatsFactory,
    TieFactory,
)

COLUMNS = ["day", "kind", "title", "people", "challenge", "outcome", "url", "id"]


def told(session, company, starts_on, ends_before=None):
    found = session.execute(dossier.lines(company.id, Period(starts_on, ends_before)))
    assert list(found.keys()) == COLUMNS
    return sorted((row.day, row.kind, row.title, row.people, row.outcome) for row in found)


def test_a_company_s_lines_lie_in_the_period(session):
    company = CompanyFactory()
    challenge = session.scalars(select(Challenge)).first()
    course = ProjectFactory(
        title="School", seats=6, stage=Stage.RUNNING, starts_on=date(2026, 2, 1),
        ends_before=date(2026, 7, 1), source=Source.GIFT, budget_minor=5, currency="USD",
        challenge_ids=(challenge.id,),
    )  # fmt: skip
    own = {"project_id": course.id}
    TieFactory(company=company, role=CompanyRole.MENTOR, **own)
    FacultyFactory(person=PersonFactory(name="Tomas Iriarte"), **own)
    SeatsFactory(company=company, seats=4, taken_on=date(2026, 3, 1), **own)
    OutputFactory(title="Syllabus", came_on=date(2026, 4, 1), **own)
    OutputFactory(title="Minutes", readers=Readers.OFFICE, came_on=date(2026, 4, 1), **own)
    OutputFactory(title="Of others", project_id=ProjectFactory().id)
    for stage in (Stage.PROPOSED, Stage.NOT_SELECTED, Stage.DROPPED):
        TieFactory(company=company, project_id=ProjectFactory(stage=stage).id)
    tie = ("course, mentor", "School", "Tomas Iriarte", "running")
    seats = (date(2026, 3, 1), "course", "School", "Tomas Iriarte", "4 seats")
    link = "https://papers.example/castings"
    output = (date(2026, 4, 1), "Output", "Syllabus", "Tomas Iriarte", link)
    assert told(session, company, date(2026, 1, 1)) == [(date(2026, 2, 1), *tie), seats, output]
    assert told(session, company, date(2026, 1, 1), date(2026, 2, 1)) == []
    day = date(2026, 3, 1)
    assert told(session, company, day, date(2026, 3, 2)) == [seats, (day, *tie)]
    assert told(session, company, date(2026, 7, 1)) == []
    (row, *_) = session.execute(dossier.lines(company.id, Period(date(2026, 1, 1), None)))
    assert row.challenge == challenge.name


def test_without_a_first_day_it_is_that_of_its_selection(session):
    company = CompanyFactory()
    project = ProjectFactory(stage=Stage.SELECTED)  # a step of 5 January
    TieFactory(company=company, project_id=project.id)
    assert [line[0] for line in told(session, company, date(2025, 1, 1))] == [date(2026, 1, 5)]


def test_what_is_finished_goes_on_no_more(session):
    company = CompanyFactory()
    project = ProjectFactory(stage=Stage.FINISHED, starts_on=date(2025, 6, 1))  # on 5 January
    TieFactory(company=company, project_id=project.id)
    assert len(told(session, company, date(2026, 1, 4))) == 1
    assert told(session, company, date(2026, 1, 5)) == []
