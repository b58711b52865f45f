"""One project, what it costs, and taking it from stage to stage."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.activities import interests
from crm.activities.models import Interest
from crm.council.ballot_rules import BallotStatus
from crm.kit.days import day_before
from crm.office.acts import carry_out
from crm.office.projects import past, scope
from crm.office.projects.forms import READERS, BudgetForm, StageForm
from crm.partnerships import use_queries
from crm.projects import files, operations, part_queries, queries, rules, selecting
from crm.projects.models import Project
from crm.projects.people_models import ProjectCompany, ProjectFaculty
from crm.projects.rules import CHOSEN, FOLLOWS, WITH_SEATS, ProjectKind, Readers, Stage
from crm.reports.acquaintances import seen
from crm.web import clock, programme
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("projects", __name__, url_prefix="/office/projects")

KINDS = [(kind.value, kind.value.capitalize()) for kind in ProjectKind]
MAY_BE_SELECTED = frozenset(stage for stage in Stage if Stage.SELECTED in FOLLOWS[stage])


@pages.get("/<id:project_id>", needs=P.PROJECTS_READ)
def show(project_id: int) -> str:
    viewer, today, session = the_viewer(), programme.today(), db.session()
    project = queries.get(session, project_id)
    may_edit = scope.may_edit(project_id)
    seats = part_queries.seats_of(session, project_id) if project.kind in WITH_SEATS else ()
    faculty = part_queries.faculty_of(session, project_id)
    companies = part_queries.companies_of(session, project_id)
    return render_template(
        "office/projects/show.html",
        project=project,
        faculty=faculty,
        students=part_queries.students_of(session, project_id),
        companies=companies,
        stakes=_stakes(faculty, companies),
        seats=seats,
        taken=sum(one.seats for one in seats),
        has_seats=project.kind in WITH_SEATS,
        milestones=[
            (one, rules.is_overdue(
                today, due_on=one.due_on, done_on=one.done_on, stage=project.stage
            ))
            for one in queries.milestones_of(session, project_id)
        ],
        outputs=part_queries.outputs_of(session, project_id, _readable(faculty)),
        readers=dict(READERS),
        files=files.of_project(session, project_id),
        uses=use_queries.in_project(session, project_id) if viewer.may(P.ENGAGEMENTS_READ) else (),
        may_use=viewer.may(P.ENGAGEMENTS_EDIT) and project.stage in CHOSEN,
        stages=queries.stages_of(session, project_id),
        place=_place(project, viewer),
        last_day=day_before(project.ends_before),
        may_edit=may_edit,
        manages=viewer.may(P.PROJECTS_MANAGE),
        sees_money=viewer.may(P.MONEY_READ),
        seen=seen(session, {one.person_id for one in faculty}, viewer, today),
        history=past.told("project", project_id, currency=project.currency),
        today=today,
    )  # fmt: skip


def _readable(faculty: Sequence[ProjectFaculty]) -> frozenset[Readers]:
    """Whose outputs the viewer reads."""
    viewer = the_viewer()
    in_it = any(one.person.user_id == viewer.id for one in faculty)
    return rules.readable(office=viewer.may(P.PROJECTS_READ_ALL), in_it=in_it)


def _stakes(
    faculty: Sequence[ProjectFaculty], companies: Sequence[ProjectCompany]
) -> list[tuple[Interest, str]]:
    """What its faculty have declared in its companies, as it stands today; with the company."""
    today = programme.today()
    people = {one.person_id for one in faculty if one.is_in_it_on(today)}
    names = {one.company_id: one.company.name for one in companies}
    declared = interests.in_companies(db.session(), names.keys(), today)
    return [
        (interest, names[company_id])
        for company_id, found in declared.items()
        for interest in found
        if interest.person_id in people
    ]


def _place(project: Project, viewer: Viewer) -> int | None:
    """Where the council's ballot has put it, for whoever may select it."""
    ballot = None if project.call is None else project.call.ballot
    if ballot is None or not viewer.may(P.PROJECTS_MANAGE) or project.stage not in MAY_BE_SELECTED:
        return None
    if ballot.status_at(clock.now()) is not BallotStatus.CLOSED or _too_early(project):
        return None
    return selecting.ranking(db.session(), ballot).place(project)


def _too_early(project: Project) -> str | None:
    """Why it cannot be selected today, while its call takes proposals."""
    if project.call is None or project.stage not in MAY_BE_SELECTED:
        return None
    try:
        rules.check_deadline(programme.today(), closes_on=project.call.closes_on)
    except rules.TooEarly as refusal:
        return str(refusal)
    return None


@pages.form("/<id:project_id>/stage", needs=P.PROJECTS_MANAGE)
def move(project_id: int) -> ResponseReturnValue:
    project = queries.get(db.session(), project_id)
    form = StageForm.of_request(on=programme.today())
    form.offer(project.stage)
    says = f"{project.stage.capitalize()} now. Each step is kept with its day and reason."
    act = scope.act_on(
        project,
        "move",
        title=f"Stage of “{project.title}”",
        says=(says, *filter(None, (_too_early(project),))),
        submit="Change stage",
        done="The stage is changed.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.move(
            db.session(),
            project,
            Stage(form.stage.data),
            on=form.on.data,
            reason=form.reason.data or None,
            **scope.dated(),
        ),
    )


@pages.post("/<id:project_id>/select", needs=P.PROJECTS_MANAGE)
def select_by_ballot(project_id: int) -> ResponseReturnValue:
    project = queries.get(db.session(), project_id)
    selecting.select_by_ballot(db.session(), project, **scope.dated())
    flash("It is selected, as the council has ranked it.", "success")
    return redirect(url_for("projects.show", project_id=project_id))


@pages.form("/<id:project_id>/budget", needs=P.PROJECTS_MANAGE)
def budget(project_id: int) -> ResponseReturnValue:
    project = queries.get(db.session(), project_id)
    amount = project.budget
    form = BudgetForm.of_request(
        source=project.source and project.source.value,
        amount=f"{amount.decimal:,f}" if amount else None,
        currency=project.currency or programme.current().facts.get("currency", "USD"),
        version=project.version,
    )
    act = scope.act_on(
        project,
        "budget",
        title=f"Budget of “{project.title}”",
        says=("Faculty see who pays, never how much.",),
        submit="Save budget",
        done="The budget is noted.",
    )
    return carry_out(
        act,
        form,
        lambda: operations.set_budget(
            db.session(),
            project,
            form.wanted(),
            version=form.version.data or 0,
            **scope.edge(),
        ),
    )
