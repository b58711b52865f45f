"""Which companies are in a project, as what, and with how many seats."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies.models import Company
from crm.companies.queries import picked
from crm.kit.errors import RuleBroken
from crm.office.acts import carry_out
from crm.office.projects import scope
from crm.office.projects.forms import CompanyForm, LeaveForm, SeatsForm
from crm.office.projects.views import pages
from crm.projects import companies, part_queries
from crm.projects.rules import CompanyRole
from crm.web import programme, query
from crm.web.database import db


@pages.form("/<id:project_id>/companies/new", needs=P.PROJECTS_EDIT)
def bring_in(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    form = CompanyForm.of_request(role=CompanyRole.PARTICIPANT.value, starts_on=programme.today())
    act = scope.act_on(
        project,
        "bring_in",
        anchor="companies",
        title="Bring a company in",
        says=("The project stands on the company’s own page from then on.",),
        submit="Bring in",
        done="The company is in the project.",
        companies=("company", "other"),
    )

    def bring() -> None:
        chosen = [_picked(form.company.data, "company")]
        if form.other.data:
            chosen.append(_picked(form.other.data, "other"))
        ids = [company.id for company in chosen]
        role, on = CompanyRole(form.role.data), form.starts_on.data
        companies.bring_in(db.session(), project, ids, role, on=on, **scope.edge())

    return carry_out(act, form, bring)


@pages.form("/<id:project_id>/companies/leave", needs=P.PROJECTS_EDIT)
def let_go(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    form = LeaveForm.of_request()
    form.ties.choices = {
        str(tie.id): f"{tie.company.name}, {tie.role}"
        for tie in part_queries.companies_of(db.session(), project_id)
    }
    act = scope.act_on(
        project,
        "let_go",
        anchor="companies",
        title="Companies that leave",
        says=("They are in it no more; the journal keeps that they were. Their seats stay.",),
        submit="Let go",
        done="They are not in the project any more.",
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: companies.let_go(
            db.session(), project, [int(id_) for id_ in form.ties.data or ()], **scope.edge()
        ),
    )


@pages.form("/<id:project_id>/seats", needs=P.PROJECTS_EDIT)
def take_seats(project_id: int) -> ResponseReturnValue:
    """Of `?company=`, to put right what it has."""
    project = scope.to_edit(project_id)
    seats, company_id = part_queries.seats_of(db.session(), project_id), query.number("company")
    has = next((one for one in seats if one.company_id == company_id), None)
    form = SeatsForm.of_request(
        company=f"{has.company.name} (#{has.company_id})" if has else "",
        seats=has.seats if has else None,
    )
    taken = sum(one.seats for one in seats)
    act = scope.act_on(
        project,
        "take_seats",
        anchor="seats",
        title="Seats of a company",
        says=(f"{taken} of {project.seats_offered or 0} seats are taken.",),
        submit="Save seats",
        done="The seats are noted.",
        companies=("company",),
    )

    def take() -> None:
        company = _picked(form.company.data, "company")
        companies.take_seats(db.session(), project, company.id, form.seats.data, **scope.dated())

    return carry_out(act, form, take)


def _picked(typed: str | None, field: str) -> Company:
    company = picked(db.session(), typed or "", field=field)
    if company is None:
        raise RuleBroken("Say which company.", field=field)
    return company
