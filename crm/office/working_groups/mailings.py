"""Letters to a group's members: written, looked at with the number of recipients, let out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.errors import NotFound
from crm.mail import operations as mail
from crm.office.acts import accepted
from crm.office.working_groups import scope
from crm.office.working_groups.forms import MailingForm, ReleaseForm
from crm.office.working_groups.views import pages
from crm.web import programme
from crm.web.database import db
from crm.web.session import the_viewer
from crm.working_groups import letters, mailings, queries
from crm.working_groups.letters import Recipient
from crm.working_groups.models import GroupMailing, WorkingGroup


@pages.form("/<id:group_id>/mailings/new", needs=P.GROUPS_EDIT)
def write_mailing(group_id: int) -> ResponseReturnValue:
    group = scope.to_edit(group_id)
    form = MailingForm.of_request()
    written: list[GroupMailing] = []

    def write() -> None:
        written.append(mailings.write(db.session(), group, form.wanted(), **scope.dated()))

    if request.method == "POST" and accepted(form, write):
        return redirect(url_for("working_groups.mailing", mailing_id=written[0].id))
    return _form(group, form, None)


@pages.get("/mailings/<id:mailing_id>", needs=P.COUNCIL_READ)
def mailing(mailing_id: int) -> ResponseReturnValue:
    """A draft is shown to whoever may let it out; what is out, to whoever reads the group."""
    found = queries.get_mailing(db.session(), mailing_id)
    group = queries.get(db.session(), found.group_id)
    may_edit = scope.may_edit(group.body)
    if found.released_at is None and not may_edit:
        raise NotFound("There is no such letter.")
    is_draft = found.released_at is None
    today = programme.today()
    audience = mailings.audience_on(db.session(), group.id, today) if is_draft else None
    subject, text = mail.preview(
        letters.group_mailing(
            found.id,
            (group.id, group.body.name),
            Recipient(person_id=0, name="…", email=""),
            subject=found.subject,
            text=found.text,
            writer=found.released_by or the_viewer().name,
            reply_to=None,
        )
    )
    return render_template(
        "office/working_groups/mailing.html",
        group=group,
        mailing=found,
        trail=scope.trail(group),
        audience=audience,
        subject=subject,
        text=text,
        acts=is_draft and may_edit and group.is_open(today),
        may_release=is_draft and scope.may_release(group.body),
    )


@pages.form("/mailings/<id:mailing_id>/edit", needs=P.GROUPS_EDIT)
def edit_mailing(mailing_id: int) -> ResponseReturnValue:
    found = queries.get_mailing(db.session(), mailing_id)
    group = scope.to_edit(found.group_id)
    form = MailingForm.of_request(subject=found.subject, text=found.text, version=found.version)

    def change() -> None:
        version = form.version.data or 0
        mailings.rewrite(db.session(), found, form.wanted(), version=version)

    if request.method == "POST" and accepted(form, change):
        return redirect(url_for("working_groups.mailing", mailing_id=mailing_id))
    return _form(group, form, found)


@pages.post("/mailings/<id:mailing_id>/release", needs=P.GROUPS_EDIT)
def release(mailing_id: int) -> ResponseReturnValue:
    """Directors and staff let out any, who chairs a group its own."""
    found = queries.get_mailing(db.session(), mailing_id)
    group = scope.to_edit(found.group_id)
    if not scope.may_release(group.body):
        raise NotFound("There is no such letter, or it is not yours to let out.")
    form = ReleaseForm.of_request()
    form.validate()
    number = mailings.release(
        db.session(),
        group,
        found,
        version=form.version.data or 0,
        reply_to=the_viewer().email,
        **scope.dated(),
    )
    flash(f"Let out: {number} {'letter goes' if number == 1 else 'letters go'} out.", "success")
    return redirect(url_for("working_groups.show", group_id=group.id, _anchor="mailings"))


@pages.post("/mailings/<id:mailing_id>/discard", needs=P.GROUPS_EDIT)
def discard(mailing_id: int) -> ResponseReturnValue:
    found = queries.get_mailing(db.session(), mailing_id)
    group = scope.to_edit(found.group_id)
    mailings.discard(db.session(), found)
    flash("The letter is discarded.", "success")
    return redirect(url_for("working_groups.show", group_id=group.id, _anchor="mailings"))


def _form(
    group: WorkingGroup, form: MailingForm, found: GroupMailing | None
) -> ResponseReturnValue:
    page = render_template(
        "office/working_groups/write.html",
        group=group,
        form=form,
        mailing=found,
        trail=scope.trail(group),
    )
    return page, 422 if request.method == "POST" else 200
