"""A project's files: handed in by whoever may change it, served to whoever may read it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.acts import accepted
from crm.office.projects import scope
from crm.office.projects.forms import FileForm
from crm.office.projects.views import pages
from crm.projects import files
from crm.web import documents
from crm.web.access import UPLOAD
from crm.web.database import db


@pages.form("/<id:project_id>/files/new", needs=P.PROJECTS_EDIT, takes=UPLOAD)
def add_file(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    form = FileForm.of_request()

    def add() -> None:
        files.add(db.session(), documents.store(), project, form.wanted(), **scope.dated())

    back = url_for("projects.show", project_id=project_id, _anchor="files")
    if request.method == "POST" and accepted(form, add):
        flash("The file is with the project.", "success")
        return redirect(back)
    page = render_template(
        "office/projects/file.html", form=form, back=back, trail=scope.trail(project)
    )
    return page, 422 if request.method == "POST" else 200


@pages.get("/files/<id:project_file_id>", needs=P.PROJECTS_READ)
def file(project_file_id: int) -> ResponseReturnValue:
    return documents.served(files.get(db.session(), project_file_id).document)
