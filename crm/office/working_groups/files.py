"""A group's files: handed in by whoever may change it, served to whoever may read it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.acts import accepted
from crm.office.working_groups import scope
from crm.office.working_groups.forms import FileForm
from crm.office.working_groups.views import pages
from crm.web import documents
from crm.web.access import UPLOAD
from crm.web.database import db
from crm.working_groups import files, queries


@pages.form("/<id:group_id>/files/new", needs=P.GROUPS_EDIT, takes=UPLOAD)
def add_file(group_id: int) -> ResponseReturnValue:
    group = scope.to_edit(group_id)
    form = FileForm.of_request()

    def add() -> None:
        files.add(
            db.session(),
            documents.store(),
            group,
            form.wanted(),
            **scope.dated(),
        )

    if request.method == "POST" and accepted(form, add):
        flash("The file is with the group.", "success")
        return redirect(url_for("working_groups.show", group_id=group_id, _anchor="files"))
    page = render_template(
        "office/working_groups/file.html", group=group, form=form, trail=scope.trail(group)
    )
    return page, 422 if request.method == "POST" else 200


@pages.get("/files/<id:group_file_id>", needs=P.COUNCIL_READ)
def file(group_file_id: int) -> ResponseReturnValue:
    return documents.served(queries.get_file(db.session(), group_file_id).document)
