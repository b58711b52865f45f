"""What a group makes: planned, changed, moved from stage to stage."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.office.acts import Act, accepted, carry_out
from crm.office.working_groups import scope
from crm.office.working_groups.forms import DeliverableForm, StageForm
from crm.office.working_groups.views import pages
from crm.programme import queries as programmes
from crm.web import programme
from crm.web.database import db
from crm.working_groups import deliverables, queries, rules
from crm.working_groups.models import Deliverable, WorkingGroup
from crm.working_groups.rules import Readers, Stage


@pages.get("/deliverables/<id:deliverable_id>", needs=P.COUNCIL_READ)
def deliverable(deliverable_id: int) -> ResponseReturnValue:
    found = queries.get_deliverable(db.session(), deliverable_id)
    today = programme.today()
    return render_template(
        "office/working_groups/deliverable.html",
        deliverable=found,
        trail=scope.trail(found.group),
        stages=queries.stages_of(db.session(), deliverable_id),
        overdue=rules.is_overdue(today, due_on=found.due_on, stage=found.stage),
        may_edit=scope.may_edit(found.group.body),
        readers="Everybody" if found.readers is Readers.PUBLIC else "Members",
    )


@pages.form("/<id:group_id>/deliverables/new", needs=P.GROUPS_EDIT)
def new_deliverable(group_id: int) -> ResponseReturnValue:
    group = scope.to_edit(group_id)
    form = _offered(DeliverableForm.of_request(readers=Readers.MEMBERS.value), group, None)
    made: list[Deliverable] = []

    def plan() -> None:
        made.append(deliverables.plan(db.session(), group, form.draft(), **scope.dated()))

    if request.method == "POST" and accepted(form, plan):
        flash("The deliverable is planned.", "success")
        return redirect(url_for("working_groups.deliverable", deliverable_id=made[0].id))
    return _form(group, form, None)


@pages.form("/deliverables/<id:deliverable_id>/edit", needs=P.GROUPS_EDIT)
def edit_deliverable(deliverable_id: int) -> ResponseReturnValue:
    found = queries.get_deliverable(db.session(), deliverable_id)
    group = scope.to_edit(found.group_id)
    form = _offered(
        DeliverableForm.of_request(
            title=found.title,
            kind=found.kind.value,
            due_on=found.due_on,
            readers=found.readers.value,
            about=found.about,
            link=found.link,
            file=str(found.file_id or ""),
            authors=[str(author.id) for author in found.authors],
            challenges=[str(challenge.id) for challenge in found.challenges],
            version=found.version,
        ),
        group,
        found,
    )

    def change() -> None:
        version = form.version.data or 0
        deliverables.edit(db.session(), found, form.draft(), version=version)

    if request.method == "POST" and accepted(form, change):
        flash("Saved.", "success")
        return redirect(url_for("working_groups.deliverable", deliverable_id=deliverable_id))
    return _form(group, form, found)


@pages.form("/deliverables/<id:deliverable_id>/stage", needs=P.GROUPS_EDIT)
def move_deliverable(deliverable_id: int) -> ResponseReturnValue:
    found = queries.get_deliverable(db.session(), deliverable_id)
    group = scope.to_edit(found.group_id)
    today = programme.today()
    form = StageForm.of_request(on=today, link=found.link)
    back = url_for("working_groups.deliverable", deliverable_id=deliverable_id)
    act = Act(
        title=f"Stage of “{found.title}”",
        says=(f"{found.stage.capitalize()} now.",),
        submit="Change stage",
        done="The stage is changed.",
        url=url_for("working_groups.move_deliverable", deliverable_id=deliverable_id),
        back=back,
        trail=scope.trail(group),
    )
    return carry_out(
        act,
        form,
        lambda: deliverables.move(
            db.session(),
            found,
            Stage(form.stage.data),
            on=form.on.data,
            reason=form.reason.data or None,
            link=form.link.data or None,
            **scope.dated(),
        ),
    )


def _offered(
    form: DeliverableForm, group: WorkingGroup, found: Deliverable | None
) -> DeliverableForm:
    session = db.session()
    authors = [(author.id, author.name) for author in found.authors] if found else []
    kept = found.challenges if found else group.challenges
    form.offer(
        people=[
            *authors,
            *((id_, name) for id_, name in queries.possible_authors(session, group.id)),
        ],
        files=[(file.id, file.title) for file in queries.files_of(session, group.id)],
        challenges=[
            (challenge.id, challenge.name) for challenge in [*programmes.challenges(session), *kept]
        ],
    )
    return form


def _form(
    group: WorkingGroup, form: DeliverableForm, found: Deliverable | None
) -> ResponseReturnValue:
    page = render_template(
        "office/working_groups/deliverable_form.html",
        group=group,
        form=form,
        deliverable=found,
        trail=scope.trail(group),
    )
    return page, 422 if request.method == "POST" else 200
