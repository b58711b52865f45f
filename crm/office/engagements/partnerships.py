"""Major partnerships: board and list of one search, a workspace, its stage."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.kit.pages import page_of
from crm.office.acts import accepted, carry_out
from crm.office.engagements import partnership_board as board
from crm.office.engagements import scope
from crm.office.engagements import workspace_scope as lies
from crm.office.engagements.views import pages
from crm.office.engagements.workspace_forms import CloseForm, NewPartnershipForm, PartnershipForm
from crm.office.pipeline.forms import MoveForm, StepForm
from crm.partnerships import workspace_queries, workspaces
from crm.pipeline import operations, partnering, queries, steps
from crm.pipeline import workspaces as majors
from crm.pipeline.models import Opportunity
from crm.pipeline.workspaces import SHOWN, PartnershipSearch
from crm.web import programme, query
from crm.web.database import db
from crm.web.lately import lately
from crm.web.session import the_viewer


@pages.get("/partnerships", needs=P.ENGAGEMENTS_READ)
def partnerships() -> str:
    """Cards without any sum for who may see none."""
    session, today = db.session(), programme.today()
    table = query.one_of("display", ("board", "table")) == "table"
    search = PartnershipSearch(
        day=today,
        q=query.text("q"),
        stage_id=query.number("stage") if table else None,
        owner_id=query.number("owner"),
        person_id=query.number("faculty"),
        show=(query.one_of("show", SHOWN) if table else None) or "open",
    )
    around: dict[str, Any] = {
        "search": search,
        "table": table,
        "tabs": scope.tabs(lies.LIST),
        "owners": lately("pipeline owners", lambda: queries.owners(session)),
        "faculty": [(id_, name) for id_, name in majors.faculty_in(session)],
        "stages": [(one.id, one.name) for one in board.mode().stages],
        "clear": url_for(lies.LIST, display="table" if table else None) if search.filtered else "",
        "today": today,
    }
    if not table:
        may_move = the_viewer().may(P.PIPELINE_EDIT)
        return render_template(
            "office/engagements/partnerships.html",
            columns=board.columns(search),
            move_action=url_for("engagements.move_card") if may_move else "",
            page=None,
            lines=(),
            **around,
        )
    page = page_of(session, search.select(), number=query.page())
    return render_template(
        "office/engagements/partnerships.html",
        columns=(),
        move_action="",
        page=page,
        lines=[(row, majors.nda_of(row, today), row.verdict) for row in page.items],
        **around,
    )


@pages.post("/partnerships/move", needs=P.PIPELINE_EDIT)
def move_card() -> ResponseReturnValue:
    """From the board: a card dragged, or its menu."""
    partnership_id, stage_id = (_number(name) for name in ("card", "stage"))
    opportunity = majors.opportunity_of(db.session(), partnership_id)
    stage = operations.move(
        db.session(), opportunity, stage_id, on=programme.today(), **scope.dated()
    )
    flash(f"{opportunity.company.name}: moved to “{stage.name}”.", "success")
    return redirect(url_for(lies.LIST))


def _number(name: str) -> int:
    typed = request.form.get(name, "")
    if not typed.isascii() or not typed.isdigit() or len(typed) > 9:
        abort(400)
    return int(typed)


@pages.form("/partnerships/new", needs=P.ENGAGEMENTS_EDIT)
def new_partnership() -> ResponseReturnValue:
    viewer = the_viewer()
    shown: dict[str, object] = {"on": programme.today(), "owner": str(viewer.id)}
    company_id = query.number("company")
    if company_id is not None:
        company = companies.get(db.session(), company_id)
        shown["company"] = f"{company.name} (#{company.id})"
    form = NewPartnershipForm.of_request(**shown)
    form.offer(queries.owners(db.session()))
    made: list[Opportunity] = []

    def open_it() -> None:
        whose = companies.picked(db.session(), form.company.data or "")
        assert whose is not None  # needed, or the form is not valid
        made.append(
            partnering.open_workspace(
                db.session(),
                whose.id,
                form.draft(**_people(form)),
                owner_id=int(form.owner.data) if form.owner.data else None,
                on=form.on.data,
                **scope.dated(),
            )
        )

    if request.method == "POST" and accepted(form, open_it):
        flash("The workspace is open.", "success")
        return redirect(lies.page_of(made[0].partnership_id or 0))
    return _form(form, lies.trail(), None)


@pages.form("/partnerships/<id:partnership_id>/edit", needs=P.ENGAGEMENTS_EDIT)
def edit_partnership(partnership_id: int) -> ResponseReturnValue:
    found = workspace_queries.get(db.session(), partnership_id)
    form = PartnershipForm.of_request(
        **{name: getattr(found, name) for name in workspaces.LABELS if not name.endswith("_id")},
        needs_by=scope.naming(found.needs_by),
        lead=scope.naming(found.lead),
        version=found.version,
    )

    def change() -> None:
        workspaces.edit(
            db.session(),
            found,
            form.draft(**_people(form)),
            version=form.version.data or 0,
            today=programme.today(),
        )

    if request.method == "POST" and accepted(form, change):
        flash("Saved.", "success")
        return redirect(lies.page_of(partnership_id))
    return _form(form, lies.trail(found), found.title)


@pages.form("/partnerships/<id:partnership_id>/stage", needs=P.PIPELINE_EDIT)
def move_partnership(partnership_id: int) -> ResponseReturnValue:
    """The stage is the opportunity's: here and on either board it is moved by one call."""
    found = workspace_queries.get(db.session(), partnership_id)
    opportunity = majors.opportunity_of(db.session(), partnership_id)
    form = MoveForm.of_request(
        stage=str(opportunity.stage_id), on=programme.today(), version=opportunity.version
    )
    form.stage.choices = [(str(one.id), one.name) for one in board.mode().stages]
    act = lies.act_on(
        found,
        "move_partnership",
        title=f"Stage of “{found.title}”",
        says=(f"It stands at “{opportunity.stage.name}”. Each change keeps its day.",),
        submit="Move",
        done="Moved.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.move(
            db.session(),
            opportunity,
            int(form.stage.data),
            on=form.on.data,
            version=form.seen(),
            **scope.dated(),
        ),
    )


@pages.form("/partnerships/<id:partnership_id>/step", needs=P.PIPELINE_EDIT)
def plan_step(partnership_id: int) -> ResponseReturnValue:
    found = workspace_queries.get(db.session(), partnership_id)
    opportunity = majors.opportunity_of(db.session(), partnership_id)
    form = StepForm.of_request(owner=str(opportunity.owner_id or the_viewer().id))
    owners = [(str(id_), name) for id_, name in queries.owners(db.session())]
    form.owner.choices = [("", "Me"), *owners]
    act = lies.act_on(
        found,
        "plan_step",
        anchor="tasks",
        title="Plan the next step",
        says=(),
        submit="Add step",
        done="Planned.",
    )
    return carry_out(
        act,
        form,
        lambda: steps.plan_step(db.session(), opportunity, form.draft(), **scope.edge()),
    )


@pages.form("/partnerships/<id:partnership_id>/close", needs=P.ENGAGEMENTS_EDIT)
def close_partnership(partnership_id: int) -> ResponseReturnValue:
    found = workspace_queries.get(db.session(), partnership_id)
    opportunity = majors.opportunity_of(db.session(), partnership_id)
    form = CloseForm.of_request(on=programme.today())
    act = lies.act_on(
        found,
        "close_partnership",
        title=f"Close “{found.title}”",
        says=("Once its opportunity is won or lost. What is in it stays to be read.",),
        submit="Close workspace",
        done="The workspace is closed.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: partnering.close(
            db.session(),
            found,
            opportunity,
            on=form.on.data,
            how=form.how.data or "",
            **scope.dated(),
        ),
    )


@pages.post("/partnerships/<id:partnership_id>/reopen", needs=P.ENGAGEMENTS_EDIT)
def reopen_partnership(partnership_id: int) -> ResponseReturnValue:
    found = workspace_queries.get(db.session(), partnership_id)
    workspaces.reopen(db.session(), found, **scope.edge())
    flash("The workspace is open again.", "success")
    return redirect(lies.page_of(partnership_id))


def _people(form: PartnershipForm) -> dict[str, int | None]:
    return {
        "needs_by_id": scope.person_id(form.needs_by.data, "needs_by"),
        "lead_id": scope.person_id(form.lead.data, "lead"),
    }


def _form(
    form: PartnershipForm, trail: tuple[tuple[str, str], ...], title: str | None
) -> ResponseReturnValue:
    page = render_template(
        "office/engagements/partnership_form.html", form=form, trail=trail, title=title
    )
    return page, 422 if request.method == "POST" else 200
