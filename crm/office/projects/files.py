"""A project's files: handed in by whoever may change it, served to whoever may read it."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.handing_in import hand_in
from crm.office.projects import scope
from crm.office.projects.views import pages
from crm.projects import files
from crm.web import documents
from crm.web.access import UPLOAD
from crm.web.database import db


@pages.form("/<id:project_id>/files/new", needs=P.PROJECTS_EDIT, takes=UPLOAD)
def add_file(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    act = scope.act_on(
        project,
        "add_file",
        anchor="files",
        title="Add a file",
        says=(
            "A PDF or a Word document, at most 20 MiB. Earlier files stay. All faculty may read "
            "it: no sums, please.",
        ),
        submit="Add file",
        done="The file is with the project.",
    )
    return hand_in(
        act,
        lambda wanted: files.add(db.session(), documents.store(), project, wanted, **scope.dated()),
    )


@pages.get("/files/<id:project_file_id>", needs=P.PROJECTS_READ)
def file(project_file_id: int) -> ResponseReturnValue:
    return documents.served(files.get(db.session(), project_file_id).document)
