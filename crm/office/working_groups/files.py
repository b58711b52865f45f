"""A group's files: handed in by whoever may change it, served to whoever may read it."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.handing_in import hand_in
from crm.office.working_groups import scope
from crm.office.working_groups.views import pages
from crm.web import documents
from crm.web.access import UPLOAD
from crm.web.database import db
from crm.working_groups import files, queries


@pages.form("/<id:group_id>/files/new", needs=P.GROUPS_EDIT, takes=UPLOAD)
def add_file(group_id: int) -> ResponseReturnValue:
    group = scope.to_edit(group_id)
    act = scope.act_on(
        group,
        url_for("working_groups.add_file", group_id=group_id),
        anchor="files",
        title="Add a file",
        says=(
            "A PDF or a Word document, at most 20 MiB. Whoever may read the group may read it; "
            "earlier files stay.",
        ),
        submit="Add file",
        done="The file is with the group.",
    )
    return hand_in(
        act,
        lambda wanted: files.add(db.session(), documents.store(), group, wanted, **scope.dated()),
    )


@pages.get("/files/<id:group_file_id>", needs=P.COUNCIL_READ)
def file(group_file_id: int) -> ResponseReturnValue:
    return documents.served(queries.get_file(db.session(), group_file_id).document)
