"""What strangers read of projects: what is for everybody, once it is out, and nobody's name."""

from __future__ import annotations

from datetime import timedelta

from crm.projects.rules import Readers, Source
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.projects import (
    FacultyFactory,
    OutputFactory,
    ProjectFactory,
    StudentFactory,
    TieFactory,
)


def test_strangers_read_what_is_for_everybody(stranger, session):
    project = ProjectFactory(
        title="Reading castings", source=Source.GIFT, budget_minor=73_131_700, currency="USD"
    )
    own = {"project_id": project.id}
    FacultyFactory(person=PersonFactory(name="Tomas Iriarte"), **own)
    StudentFactory(named=True, **own)
    TieFactory(company=CompanyFactory(name="Halvorsen Bearings"), **own)
    OutputFactory(title="Last year's paper", came_on=TODAY - timedelta(days=300), **own)
    OutputFactory(title="Today's paper", came_on=TODAY, link="https://a.example/p", **own)
    OutputFactory(title="Tomorrow's paper", came_on=TODAY + timedelta(days=1), **own)
    for readers in (Readers.OFFICE, Readers.MEMBERS):
        OutputFactory(title=f"For the {readers}", readers=readers, **own)
    session.commit()
    page = stranger.get("/results")
    assert [one.get_text() for one in page.html.select("h2")][:2] == [
        "Today's paper",
        "Last year's paper",
    ]
    assert "Reading castings, seed research project" in page.words
    assert "https://a.example/p" in page.text
    for kept in ("Tomorrow", "For the", "Iriarte", "Moreau", "Halvorsen", "731"):
        assert kept not in page.text


def test_before_anything_is_out_the_page_says_what_will_stand_there(stranger):
    assert "will stand here" in stranger.get("/results").words
