"""Writing a project down, with all that is known of it, and changing what is written."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.kit.days import day_before
from crm.office import appointing
from crm.office.acts import accepted
from crm.office.challenges.filter import offered
from crm.office.projects import scope
from crm.office.projects.forms import ProjectForm, ProposalForm
from crm.office.projects.views import pages
from crm.projects import operations, proposing, queries
from crm.projects.models import Project, ProjectCall
from crm.projects.proposing import Proposal
from crm.projects.rules import CompanyRole
from crm.web import programme, query
from crm.web.database import db
from crm.web.session import the_viewer


@pages.form("/new", needs=P.PROJECTS_MANAGE)
def new() -> ResponseReturnValue:
    """With `?call=` a proposal to that call, with `?company=` with that company in it. Whoever
    manages projects sees money."""
    session, call_id, company_id = db.session(), query.number("call"), query.number("company")
    call = None if call_id is None else queries.get_call(session, call_id)
    company = None if company_id is None else companies.get(session, company_id)
    form = ProposalForm.of_request(
        kind=call.kind.value if call else None,
        company_1=f"{company.name} (#{company.id})" if company else "",
        currency=programme.current().facts.get("currency", "USD"),
    )
    _offer_challenges(form)
    made: list[Project] = []

    def put_forward(lead_id: int | None = None) -> None:
        proposal = Proposal(
            project=form.draft(),
            lead_id=lead_id,
            companies=tuple(_companies(form)),
            budget=form.wanted(),
        )
        made.append(proposing.put_forward(session, proposal, call=call, **scope.dated()))

    def enter() -> None:
        if form.email.data:
            appointing.appoint(
                session,
                form.email.data,
                viewer=the_viewer(),
                today=programme.today(),
                do=put_forward,
            )
        else:
            put_forward()

    if request.method == "POST" and accepted(form, enter):
        flash(f"“{made[0].title}” is proposed.", "success")
        return redirect(url_for("projects.show", project_id=made[0].id))
    page = render_template(
        "office/projects/new.html",
        form=form,
        call=call,
        here_url=url_for("projects.new", call=call_id, company=company_id),
        back=_back(call, company),
    )
    return page, 422 if request.method == "POST" else 200


def _companies(form: ProposalForm) -> Iterator[tuple[int, CompanyRole]]:
    """Those that were named. Raises `NoSuchCompany` or `CompanyArchived` beside the field."""
    for typed, role in form.companies():
        company = companies.picked(db.session(), typed.data or "", field=typed.name)
        if company is not None:
            companies.refuse_archived(db.session(), company.id, field=typed.name)
            yield company.id, CompanyRole(role.data or CompanyRole.PARTICIPANT)


def _back(call: ProjectCall | None, company: Company | None) -> str:
    if company is not None:
        return url_for("companies.show", company_id=company.id)
    return url_for("projects.show_call", call_id=call.id) if call else url_for("projects.index")


@pages.form("/<id:project_id>/edit", needs=P.PROJECTS_EDIT)
def edit(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    form = ProjectForm.of_request(
        title=project.title,
        kind=project.kind.value,
        starts_on=project.starts_on,
        last_day=day_before(project.ends_before),
        seats_offered=project.seats_offered,
        challenges=[str(one.id) for one in project.challenges],
        about=project.about,
        version=project.version,
    )
    _offer_challenges(form, project)

    def change() -> None:
        operations.edit(db.session(), project, form.draft(), version=form.version.data or 0)

    if request.method == "POST" and accepted(form, change):
        flash("Saved.", "success")
        return redirect(url_for("projects.show", project_id=project_id))
    page = render_template(
        "office/projects/edit.html", form=form, project=project, trail=scope.trail(project)
    )
    return page, 422 if request.method == "POST" else 200


def _offer_challenges(form: ProjectForm, project: Project | None = None) -> None:
    """Those of today, and those the project has."""
    there = offered(project.challenges if project else ())
    form.challenges.choices = {str(id_): name for id_, name in there}
