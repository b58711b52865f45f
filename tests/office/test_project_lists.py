"""The list of projects and their report: what is found, sorted, and taken along."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from sqlalchemy import select

from crm.programme.models import Challenge
from crm.projects.models import ProjectStage
from crm.projects.rules import CompanyRole, Source, Stage
from tests.conftest import TODAY
from tests.factories.companies import (
    CompanyFactory,
    PersonFactory,
)
from tests.factories.projects import (
    CallFactory,
    FacultyFactory,
    ProjectFactory,
    SeatsFactory,
    TieFactory,
)
from tests.office.project_pages import PROJECTS


def test_filters_find_what_is_asked_for(sam, session):
    challenge = session.scalars(select(Challenge.id).where(Challenge.number == 2)).one()
    ProjectFactory(title="Night school", seats=3, challenge_ids=(challenge,))
    ProjectFactory(title="Reading castings")
    ProjectFactory(title="Given up", stage=Stage.DROPPED)
    session.commit()

    def titles(question: str) -> list[str]:
        return [row[0].split(" Course")[0].split(" Seed")[0] for row in
                sam.get(f"{PROJECTS}?{question}").rows()[1:]]  # fmt: skip

    assert titles("") == ["Night school", "Reading castings"]
    assert titles("kind=course") == ["Night school"]
    assert titles(f"challenge={challenge}") == ["Night school"]
    assert titles("q=read") == ["Reading castings"]
    assert titles("show=over") == ["Given up"]
    assert titles("show=all&q=nothing") == []
    assert "No project is like that" in sam.get(f"{PROJECTS}?q=nothing").words
    closed = CallFactory(closes_on=TODAY - timedelta(days=1), title="Past call")
    assert closed.title
    session.commit()
    assert "Past call" not in sam.get(f"{PROJECTS}/calls").words
    assert "Past call" in sam.get(f"{PROJECTS}/calls?show=closed").words


def test_a_project_is_found_by_its_companies_and_its_people(sam, session):
    castings, school, third = (
        ProjectFactory(title="Reading castings", starts_on=date(2026, 3, 1)),
        ProjectFactory(title="Night school", seats=3),
        ProjectFactory(title="A third", starts_on=date(2026, 1, 1)),
    )
    north = TieFactory(project_id=castings.id, company=CompanyFactory(name="Northlake Works"))
    SeatsFactory(project_id=school.id, company=north.company)
    FacultyFactory(project_id=third.id, person=PersonFactory(name="Öland Nord"))
    id_ = north.company_id
    session.commit()

    def titles(question: str) -> list[str]:
        page = sam.get(f"{PROJECTS}?{question}").html
        return [one.find("a").text for one in page.select("tbody th")]

    assert titles("q=northlake") == ["Night school", "Reading castings"]
    assert titles("q=öland") == ["A third"]
    assert titles(f"company={id_}") == ["Night school", "Reading castings"]
    assert titles("sort=-title") == ["Reading castings", "Night school", "A third"]
    assert titles("sort=starts") == ["A third", "Reading castings", "Night school"]
    assert titles("sort=-starts") == ["Reading castings", "A third", "Night school"]
    page = sam.get(f"{PROJECTS}?company={id_}")
    assert page.html.find("h1").text.strip() == "Projects with Northlake Works"
    assert page.html.find("input", attrs={"name": "company", "value": str(id_)})
    every = f"{PROJECTS}?company={id_}&show=all"
    assert sam.get(f"/office/companies/{id_}").html.find("a", href=every)
    sam.get(f"{PROJECTS}?company=999", status=404)


def test_the_list_is_taken_along_as_it_is_filtered(sam, fay, session):
    project = ProjectFactory(title="Night school", seats=9, source=Source.GIFT)
    ProjectFactory(title="Given up", stage=Stage.DROPPED)
    FacultyFactory(project_id=project.id, person=PersonFactory(name="Tomas Iriarte"))
    company = CompanyFactory(name="Acme")
    TieFactory(project_id=project.id, company=company, role=CompanyRole.HOST)
    SeatsFactory(project_id=project.id, company=company, seats=4)
    id_ = project.id
    session.commit()
    link = sam.get(f"{PROJECTS}?kind=course").html.find("a", attrs={"aria-label": "Export as CSV"})
    assert link["href"] == f"{PROJECTS}/list.csv?kind=course"
    for who in (sam, fay):
        rows = list(csv.DictReader(io.StringIO(who.get(link["href"]).text.lstrip("\ufeff"))))
        assert [(row["Project"], row["Led by"], row["Companies"]) for row in rows] == [
            ("Night school", "Tomas Iriarte", "Acme (host), Acme (4 seats)")
        ]
        assert rows[0]["Seats taken"] == "4"
        assert rows[0]["Project id"] == str(id_)
    sam.get(f"{PROJECTS}/list.xlsx")


def test_the_report_tells_projects_by_challenge_as_they_stood(fay, session):
    first, second = session.scalars(select(Challenge).order_by(Challenge.number).limit(2)).all()
    project = ProjectFactory(
        title="=Reading castings", challenge_ids=(first.id, second.id), source=Source.GIFT,
        budget_minor=7_314_190, currency="USD",
    )  # fmt: skip
    session.add(
        ProjectStage(project_id=project.id, stage=Stage.SELECTED, on=TODAY, by_name="Sam Okafor")
    )
    project.stage = Stage.SELECTED
    FacultyFactory(project_id=project.id, person=PersonFactory(name="Tomas Iriarte"))
    company = CompanyFactory(name="Halvorsen Bearings")
    TieFactory(project_id=project.id, company=company, role=CompanyRole.MENTOR)
    ProjectFactory(title="Untold")
    names = [first.name, second.name]
    page = f"{PROJECTS}/{project.id}"
    session.commit()
    address = "/office/reports/projects-by-challenge"
    told = fay.get(address).words
    for words in (*names, "=Reading castings", "Halvorsen Bearings (mentor)", "selected", "gift"):
        assert words in told
    assert "No challenge named" in told
    assert fay.get(address).html.find("a", href=page, string="=Reading castings")
    assert "73,141" not in told
    then = fay.get(f"{address}?as_of=2026-06-14").words
    assert "proposed" in then
    assert "selected" not in then
    assert "=Reading castings" not in fay.get(f"{address}?as_of=2026-01-04").words
    for ending in ("xlsx", "pdf"):
        fay.get(f"{address}.{ending}").response.close()
    lines = fay.get(f"{address}.csv").text.lstrip("\ufeff").splitlines()
    heads = "Challenge,Project,Kind,Stage,Led by,Companies,Paid from,Starts on,id,Last day"
    assert lines[0] == heads
    assert sum("'=Reading castings" in line for line in lines) == 2
