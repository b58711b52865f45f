"""What comes of a project: milestones, outputs with their readers, files."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy import text as text_of
from sqlalchemy.exc import IntegrityError

from crm.projects.models import ProjectMilestone
from crm.projects.people_models import (
    ProjectFile,
    ProjectOutput,
)
from crm.projects.rules import Readers, Stage
from tests.cast import told
from tests.conftest import TODAY
from tests.factories.memberships import PDF
from tests.factories.projects import (
    MilestoneFactory,
    OutputFactory,
    ProjectFactory,
)
from tests.office.project_pages import DAY, PROJECTS, led_by


def test_milestones_and_outputs_are_written_and_changed(sam, session):
    base = f"{PROJECTS}/{ProjectFactory(running=True).id}"
    session.commit()
    sam.post(f"{base}/milestones/new", {"title": "First melt", "due_on": "2026-06-01"})
    assert "Overdue" in sam.get(base).words
    assert "1 overdue" in sam.get(PROJECTS).words
    milestone = told(session, select(ProjectMilestone.id))
    done = {"title": "First melt", "due_on": "2026-06-01", "done_on": DAY, "version": "1"}
    sam.post(f"{PROJECTS}/milestones/{milestone}/edit", done)
    sam.post(f"{PROJECTS}/milestones/{milestone}/edit", done, status=409)
    assert "Overdue" not in sam.get(base).words
    paper = {"title": "Paper", "link": "http://a.example", "readers": "public", "came_on": DAY}
    assert "https://" in sam.post(f"{base}/outputs/new", paper, status=422).words
    sam.post(f"{base}/outputs/new", {**paper, "link": "https://a.example/p"})
    assert "Everybody" in sam.get(base).words
    output = told(session, select(ProjectOutput.id))
    changed = {**paper, "link": "https://b.example/p", "version": "1"}
    sam.post(f"{PROJECTS}/outputs/{output}/edit", changed)
    sam.post(f"{PROJECTS}/outputs/{output}/edit", changed, status=409)
    assert "https://b.example/p" in sam.get(base).text


def test_a_milestone_is_reached_today_by_one_link(sam, session):
    milestone = MilestoneFactory(project_id=ProjectFactory(running=True).id)
    page = f"{PROJECTS}/{milestone.project_id}"
    change = f"{PROJECTS}/milestones/{milestone.id}/edit"
    session.commit()
    link = sam.get(page).html.find("a", string="Reached")["href"]
    for address, day in ((link, DAY), (change, "")):
        done = sam.get(address).html.find("input", attrs={"name": "done_on"})
        assert done.get("value", "") == day


def test_an_output_is_read_by_whom_it_is_for(sam, rea, fay, session):
    mine, other = led_by(fay, session), ProjectFactory(title="Another").id
    for project_id in (mine, other):
        for readers in Readers:
            OutputFactory(project_id=project_id, readers=readers, title=f"For the {readers}")
    session.commit()
    titles = {f"For the {readers}" for readers in Readers}
    for who, project_id, hidden in (
        (sam, other, set()),
        (rea, other, set()),
        (fay, mine, set()),
        (fay, other, {"For the office"}),
    ):
        page = who.get(f"{PROJECTS}/{project_id}").text
        assert {title for title in titles if title not in page} == hidden


def test_an_overdue_milestone_stands_on_the_home_page(sam, fay, session):
    mine, other = led_by(fay, session), ProjectFactory(title="Another").id
    over = ProjectFactory(title="Dropped", stage=Stage.DROPPED).id
    yesterday = TODAY - timedelta(days=1)
    for project_id, title in ((mine, "First melt"), (other, "Not mine"), (over, "Never")):
        MilestoneFactory(project_id=project_id, title=title, due_on=yesterday)
    MilestoneFactory(project_id=mine, title="Today", due_on=TODAY)
    MilestoneFactory(project_id=mine, title="Done", due_on=yesterday, done_on=TODAY)
    session.commit()
    office, theirs = sam.get("/office/").words, fay.get("/office/").words
    assert "Milestones overdue" in office
    assert "First melt Reading castings due yesterday" in theirs
    assert "Not mine" in office
    for title in ("Not mine", "Never", "Today Reading", "Done Reading"):
        assert title not in theirs
    assert "Never" not in office


def test_a_file_is_kept_with_a_project_and_stays(sam, fay, session):
    mine, other = led_by(fay, session), ProjectFactory().id
    session.commit()
    many = {"content_type": "multipart/form-data"}
    pdf = {"file": (io.BytesIO(PDF), "proposal.pdf"), "title": "The proposal"}
    fay.post(f"{PROJECTS}/{mine}/files/new", pdf, **many)
    assert "The proposal proposal.pdf" in sam.get(f"{PROJECTS}/{mine}").words
    file = told(session, select(ProjectFile.id))
    served = fay.get(f"{PROJECTS}/files/{file}").response
    assert served.headers["Content-Disposition"].startswith("attachment")
    served.close()
    text = {"file": (io.BytesIO(b"text"), "proposal.pdf"), "title": "The proposal"}
    refused = fay.post(f"{PROJECTS}/{mine}/files/new", text, status=422, **many)
    assert "neither a PDF nor a Word document" in refused.words
    fay.get(f"{PROJECTS}/{other}/files/new", status=404)
    for statement in ("UPDATE project_file SET title = 'x'", "DELETE FROM project_file"):
        with pytest.raises(IntegrityError, match=r"for_good|stays"), session.begin_nested():
            session.execute(text_of(statement))
