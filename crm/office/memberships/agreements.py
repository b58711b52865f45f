"""A term's agreement: its versions as files, and the draft that its data make."""

from __future__ import annotations

import io

from flask import flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.documents.rules import PDF, tidy_name
from crm.memberships import agreements, queries
from crm.office.acts import accepted
from crm.office.memberships.acts import act_on, edge
from crm.office.memberships.forms import AgreementForm
from crm.office.memberships.views import pages
from crm.reports import agreement as paper
from crm.web import documents, exports, programme
from crm.web.access import UPLOAD
from crm.web.database import db
from crm.web.session import the_viewer


@pages.form(
    "/memberships/<id:membership_id>/agreements/new", needs=P.MEMBERSHIPS_EDIT, takes=UPLOAD
)
def add_agreement(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    executed = membership.executed_on is not None
    form = AgreementForm.of_request(signed=executed)
    act = act_on(
        membership,
        "add_agreement",
        title="Add the signed agreement" if executed else "Add a version of the agreement",
        says=(
            "A PDF or a Word document, at most 20 MiB. "
            + (
                "The agreement is fully executed: this is the file with both signatures. Once it "
                "is on file, it stays as it is, and no other is added."
                if executed
                else "A draft or a redline: whoever may see sums may read it. All versions stay."
            ),
        ),
        submit="Add agreement",
        done="The agreement is on file.",
    )

    def add() -> None:
        agreements.add(db.session(), documents.store(), membership, form.wanted(), **edge())

    if request.method == "POST" and accepted(form, add):
        flash(act.done, "success")
        return redirect(act.back)
    page = render_template(
        "office/memberships/agreement.html", act=act, form=form, executed=executed
    )
    return page, 422 if request.method == "POST" else 200


@pages.get("/memberships/<id:membership_id>/agreements/<id:agreement_id>", needs=P.AGREEMENTS_READ)
def agreement(membership_id: int, agreement_id: int) -> ResponseReturnValue:
    found = agreements.get(db.session(), membership_id, agreement_id)
    return documents.served(found.document)


@pages.get("/memberships/<id:membership_id>/agreement.pdf", needs=P.AGREEMENTS_READ)
def draft_agreement(membership_id: int) -> ResponseReturnValue:
    """What the term's data make of it, to be read, changed and signed."""
    membership = queries.get(db.session(), membership_id)
    name = f"agreement-{membership.agreement_number or membership.id}"
    exports.note_export(f"agreement of membership {membership.id}.pdf", the_viewer())
    shown = programme.current()
    pdf = paper.as_pdf(
        db.session(),
        membership,
        programme=shown.name,
        facts=shown.facts,
        today=programme.today(),
    )
    return send_file(
        io.BytesIO(pdf),
        mimetype=exports.TYPES["pdf"],
        as_attachment=True,
        download_name=tidy_name(f"{name}.pdf", PDF),
    )
