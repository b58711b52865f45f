"""Which projects use a contribution: said from either's page."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.days import day_before
from crm.office.acts import Act, carry_out
from crm.office.engagements import scope
from crm.office.engagements.forms import UsedForm, UseForm, UsingForm
from crm.office.engagements.views import pages
from crm.partnerships import queries, use_queries, uses
from crm.projects import queries as projects
from crm.web import programme
from crm.web.database import db

SAYS = "It may be used from the day of its delivery to that of its return."


@pages.form("/contributions/<id:contribution_id>/uses/new", needs=P.ENGAGEMENTS_EDIT)
def use_contribution(contribution_id: int) -> ResponseReturnValue:
    session, found = db.session(), queries.get(db.session(), contribution_id)
    form = UsingForm.of_request(starts_on=programme.today())
    form.offer([(id_, title) for id_, title in use_queries.projects_that_may(session)])
    act = scope.act_on(
        found,
        "use_contribution",
        anchor="uses",
        title=f"What uses “{found.title}”",
        says=(SAYS,),
        submit="Save use",
        done="The use is on record.",
    )

    def begin() -> None:
        project = projects.get(session, int(form.project.data))
        uses.begin(session, found, project, form.wanted(), **scope.edge())

    return carry_out(act, form, begin)


@pages.form("/projects/<id:project_id>/uses/new", needs=P.ENGAGEMENTS_EDIT)
def use_in_project(project_id: int) -> ResponseReturnValue:
    session, project = db.session(), projects.get(db.session(), project_id)
    form = UsedForm.of_request(starts_on=programme.today())
    form.offer([(id_, what, of) for id_, what, of in use_queries.what_may_be_used(session)])
    back = url_for("projects.show", project_id=project_id, _anchor="uses")
    act = Act(
        title=f"What “{project.title}” uses",
        says=(SAYS,),
        submit="Save use",
        done="The use is on record.",
        url=url_for("engagements.use_in_project", project_id=project_id),
        back=back,
        trail=(("Projects", url_for("projects.index")), (project.title, back)),
    )

    def begin() -> None:
        contribution = queries.get(session, int(form.contribution.data))
        uses.begin(session, contribution, project, form.wanted(), **scope.edge())

    return carry_out(act, form, begin)


@pages.form("/uses/<id:use_id>/edit", needs=P.ENGAGEMENTS_EDIT)
def edit_use(use_id: int) -> ResponseReturnValue:
    """Put it right, or say when it ended."""
    use = use_queries.get(db.session(), use_id)
    form = UseForm.of_request(
        starts_on=use.starts_on,
        last_day=day_before(use.ends_before),
        note=use.note,
        version=use.version,
    )
    act = scope.act_on(
        use.contribution,
        "edit_use",
        args={"use_id": use_id},
        anchor="uses",
        title=f"“{use.project.title}” uses “{use.contribution.title}”",
        says=("Say when it ended, or put right what was written.", SAYS),
        submit="Save use",
        done="The use is put right.",
    )
    return carry_out(
        act,
        form,
        lambda: uses.correct(
            db.session(), use, form.wanted(), version=form.version.data or 0, **scope.edge()
        ),
    )


@pages.post("/uses/<id:use_id>/take-back", needs=P.ENGAGEMENTS_EDIT)
def take_back_use(use_id: int) -> ResponseReturnValue:
    use = use_queries.get(db.session(), use_id)
    uses.take_back(db.session(), use, **scope.edge())
    flash("The use is taken back.", "success")
    page = url_for("engagements.contribution", contribution_id=use.contribution_id, _anchor="uses")
    return redirect(page)
