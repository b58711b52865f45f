"""Uses of contributions in the browser's words: from both pages, both ways."""

from __future__ import annotations

from sqlalchemy import select

from crm.partnerships.rules import Stage
from crm.partnerships.use_models import ContributionUse
from crm.projects.rules import Stage as ProjectStage
from tests.conftest import TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.partnerships import ContributionFactory, UseFactory, step
from tests.factories.projects import ProjectFactory

BASE = "/office/engagements"
PATH = (Stage.ACCEPTED, Stage.DELIVERED)
FROM = {"starts_on": "2026-02-01"}


def both(session) -> tuple[int, int]:
    """Ids of a mill that is here and of a course that runs."""
    company = CompanyFactory(name="Sagamore Machine Tools")
    mill = ContributionFactory(title="Five-axis mill", company=company, lent=True, stages=PATH)
    course = ProjectFactory(title="Machining school", seats=6, stage=ProjectStage.RUNNING)
    ids = (mill.id, course.id)
    session.commit()
    return ids


def the_use(session) -> int:
    use = session.scalars(select(ContributionUse.id)).one()
    session.rollback()
    return use


def test_a_use_is_recorded_from_the_contribution_ended_and_taken_back(sam, session):
    mill, course = both(session)
    page, project = f"{BASE}/contributions/{mill}", f"/office/projects/{course}"
    assert "No project and no course uses it." in sam.get(page).words
    sent = {**FROM, "project": str(course), "note": "Labs on Tuesdays"}
    early = sam.post(f"{page}/uses/new", {**sent, "starts_on": "2026-01-18"}, status=422)
    assert "delivered on January 19, 2026" in early.words
    assert "Choose" in sam.post(f"{page}/uses/new", {**sent, "project": ""}, status=422).words
    sam.post(f"{page}/uses/new", {**sent, "project": "99999"}, status=422)
    sam.post(f"{page}/uses/new", sent)
    twice = sam.post(f"{page}/uses/new", sent, status=422)
    assert "The project uses it since February 1, 2026" in twice.words
    words = sam.get(page).words
    assert "Machining school Course · Labs on Tuesdays Since Feb 1, 2026" in words
    assert "Use of a contribution begun: Machining school" in words
    assert "Five-axis mill Sagamore Machine Tools · Labs on Tuesdays" in sam.get(project).words
    edit = f"{BASE}/uses/{the_use(session)}/edit"
    sam.post(edit, {**FROM, "last_day": "2026-05-31", "version": "1"})
    sam.post(edit, {**FROM, "version": "1"}, status=409)
    assert "Since Feb 1, 2026, until before Jun 1, 2026" in sam.get(page).words
    sam.post(f"{BASE}/uses/{the_use(session)}/take-back")
    assert "No project and no course uses it." in sam.get(page).words


def test_a_use_is_recorded_from_the_project(sam, session):
    mill, course = both(session)
    address = f"{BASE}/projects/{course}/uses/new"
    assert address in sam.get(f"/office/projects/{course}").text
    assert "Five-axis mill, Sagamore Machine Tools" in sam.get(address).words
    sam.post(address, {**FROM, "contribution": str(mill)})
    assert "Machining school" in sam.get(f"{BASE}/contributions/{mill}").words


def test_what_went_back_shows_until_when_it_was_used(fay, session):
    mill = ContributionFactory(lent=True, stages=PATH)
    course = ProjectFactory(stage=ProjectStage.RUNNING)
    UseFactory(contribution_id=mill.id, project_id=course.id)
    step(mill, Stage.RETURNED, TODAY)
    ids = (mill.id, course.id)
    session.commit()
    for page in (f"{BASE}/contributions/{ids[0]}", f"/office/projects/{ids[1]}"):
        words = fay.get(page).words
        assert "Since Feb 1, 2026, until before Jun 15, 2026" in words
        assert "Add a" not in words


def test_before_its_delivery_nothing_uses_it(sam, fay, session):
    mill = ContributionFactory(stages=(Stage.ACCEPTED,))
    page = f"{BASE}/contributions/{mill.id}"
    session.commit()
    assert "that begins with its delivery" in sam.get(page).words
    assert "Add a project" not in sam.get(page).words
    fay.get(f"{page}/uses/new", status=403)
