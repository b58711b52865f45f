"""Who may do what with a project: faculty those they lead, directors and staff all."""

from __future__ import annotations

from typing import Any

from flask import url_for

from crm.accounts.policy import Permission as P
from crm.kit.errors import NotFound
from crm.office.acts import Act
from crm.projects import queries
from crm.projects.models import Project
from crm.web import clock, programme
from crm.web.database import db
from crm.web.session import the_viewer


def may_edit(project_id: int) -> bool:
    viewer = the_viewer()
    if viewer.may(P.PROJECTS_MANAGE):
        return True
    return viewer.may(P.PROJECTS_EDIT) and queries.leads_on(
        db.session(), project_id, viewer.id, programme.today()
    )


def to_edit(project_id: int) -> Project:
    """The project, for whoever may change it; to others it is as if it were not there."""
    project = queries.get(db.session(), project_id)
    if not may_edit(project_id):
        raise NotFound("There is no such project, or it is not yours to change.")
    return project


def act_on(project: Project, endpoint: str, *, anchor: str = "", **words: Any) -> Act:
    """The page of one act; what `endpoint` needs beside the project stands in `args`."""
    args = words.pop("args", {"project_id": project.id})
    back = url_for("projects.show", project_id=project.id, _anchor=anchor or None)
    url = url_for(f"projects.{endpoint}", **args)
    return Act(url=url, back=back, trail=trail(project), **words)


def trail(project: Project) -> tuple[tuple[str, str], ...]:
    return (
        ("Projects", url_for("projects.index")),
        (project.title, url_for("projects.show", project_id=project.id)),
    )


def edge() -> dict[str, Any]:
    return {"by": the_viewer().actor, "now": clock.now()}


def dated() -> dict[str, Any]:
    return {**edge(), "today": programme.today()}
